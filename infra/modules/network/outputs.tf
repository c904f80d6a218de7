output "primary" {
  description = "The VPC of the primary Region: its id, its addresses, and its private and public subnets."
  value       = { vpc_id = module.primary.vpc_id, cidr = var.primary_cidr, private_subnet_ids = module.primary.private_subnet_ids, public_subnet_ids = module.primary.public_subnet_ids }
}

output "secondary" {
  description = "The same of the secondary Region."
  value       = { vpc_id = module.secondary.vpc_id, cidr = var.secondary_cidr, private_subnet_ids = module.secondary.private_subnet_ids, public_subnet_ids = module.secondary.public_subnet_ids }

  # Without the routes, what is built on this network could not reach the other Region.
  depends_on = [aws_route.to_primary, aws_route.to_secondary]
}
