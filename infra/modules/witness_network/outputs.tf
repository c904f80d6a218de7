output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "subnet_ids" {
  description = "Its subnets, in two zones, for the module probe."
  value       = [for subnet in aws_subnet.this : subnet.id]

  # Without them a probe would find neither the record nor the databases, and call the writer dead.
  depends_on = [module.to_primary, module.to_secondary, aws_route_table_association.this, aws_route53_zone_association.this]
}
