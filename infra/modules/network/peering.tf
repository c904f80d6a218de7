# The application of one Region writes to the database of the other while the writer is there.

data "aws_region" "secondary" {
  provider = aws.secondary
}

resource "aws_vpc_peering_connection" "this" {
  provider = aws.primary

  vpc_id      = module.primary.vpc_id
  peer_vpc_id = module.secondary.vpc_id
  peer_region = data.aws_region.secondary.id

  tags = { Name = var.name }
}

resource "aws_vpc_peering_connection_accepter" "this" {
  provider = aws.secondary

  vpc_peering_connection_id = aws_vpc_peering_connection.this.id
  auto_accept               = true

  tags = { Name = var.name }
}

# Routes both ways, from every table: nodes and databases are in private subnets, and one way alone is none.
resource "aws_route" "to_secondary" {
  provider = aws.primary
  for_each = module.primary.route_table_ids

  route_table_id            = each.value
  destination_cidr_block    = var.secondary_cidr
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.this.vpc_peering_connection_id
}

resource "aws_route" "to_primary" {
  provider = aws.secondary
  for_each = module.secondary.route_table_ids

  route_table_id            = each.value
  destination_cidr_block    = var.primary_cidr
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.this.vpc_peering_connection_id
}
