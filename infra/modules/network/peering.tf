# The application of one Region writes to the database of the other while the writer is there.

module "peering" {
  source    = "./peering"
  providers = { aws = aws.primary, aws.accepter = aws.secondary }

  name      = var.name
  requester = { vpc_id = module.primary.vpc_id, cidr = var.primary_cidr, route_table_ids = module.primary.route_table_ids }
  accepter  = { vpc_id = module.secondary.vpc_id, cidr = var.secondary_cidr, route_table_ids = module.secondary.route_table_ids }
}

# Where these were before other networks were peered as well: a new peering would cut the old one's connections.
moved {
  from = aws_vpc_peering_connection.this
  to   = module.peering.aws_vpc_peering_connection.this
}

moved {
  from = aws_vpc_peering_connection_accepter.this
  to   = module.peering.aws_vpc_peering_connection_accepter.this
}

moved {
  from = aws_route.to_secondary
  to   = module.peering.aws_route.to_accepter
}

moved {
  from = aws_route.to_primary
  to   = module.peering.aws_route.to_requester
}
