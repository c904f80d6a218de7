output "connection" {
  description = "Who asks whom."
  value = {
    vpc_id      = aws_vpc_peering_connection.this.vpc_id
    peer_vpc_id = aws_vpc_peering_connection.this.peer_vpc_id
    peer_region = aws_vpc_peering_connection.this.peer_region
  }
}

output "routes" {
  description = "The addresses that each VPC's tables lead to the other, by table."
  value = {
    to_accepter  = { for table, route in aws_route.to_accepter : table => route.destination_cidr_block }
    to_requester = { for table, route in aws_route.to_requester : table => route.destination_cidr_block }
  }
}
