output "primary" {
  description = "The VPC of the primary Region: its id, its addresses, its private and public subnets, and its route tables."
  value = {
    vpc_id             = module.primary.vpc_id
    cidr               = var.primary_cidr
    private_subnet_ids = module.primary.private_subnet_ids
    public_subnet_ids  = module.primary.public_subnet_ids
    route_table_ids    = module.primary.route_table_ids
  }
}

output "secondary" {
  description = "The same of the secondary Region."
  value = {
    vpc_id             = module.secondary.vpc_id
    cidr               = var.secondary_cidr
    private_subnet_ids = module.secondary.private_subnet_ids
    public_subnet_ids  = module.secondary.public_subnet_ids
    route_table_ids    = module.secondary.route_table_ids
  }

  # Without the routes, what is built on this network could not reach the other Region.
  depends_on = [module.peering]
}
