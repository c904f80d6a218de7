output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "private_subnet_ids" {
  description = "Subnets for nodes and databases."
  value       = [for subnet in aws_subnet.private : subnet.id]
}

output "public_subnet_ids" {
  description = "Subnets for the load balancer."
  value       = [for subnet in aws_subnet.public : subnet.id]
}

output "route_table_ids" {
  description = "The route tables, by what they are for."
  value       = { private = aws_route_table.private.id, public = aws_route_table.public.id }
}
