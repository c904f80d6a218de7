# The way out leads to the databases and nowhere else. Security groups do not apply to DNS by the VPC's own resolver.

locals {
  ports = distinct([for database in values(var.databases) : tostring(database.port)])

  to_groups   = { for pair in setproduct(keys(var.database_security_groups), local.ports) : join("-", pair) => { place = pair[0], port = tonumber(pair[1]) } }
  to_networks = { for pair in setproduct(keys(var.database_cidrs), local.ports) : join("-", pair) => { place = pair[0], port = tonumber(pair[1]) } }
  from_networks = { for triple in setproduct(keys(var.database_security_groups), local.ports, keys(var.peer_cidrs)) :
    join("-", triple) => { place = triple[0], port = tonumber(triple[1]), peer = triple[2] }
  }
}

resource "aws_security_group" "this" {
  name        = local.function
  description = "PostgreSQL to the databases that are probed, and nothing else"
  vpc_id      = var.vpc_id

  tags = { Name = local.function }

  # Lambda takes its network interfaces away with the function's role, up to 20 minutes after the function is gone, and a
  # group can only go after them. So the role has to stay until this is gone.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_vpc_security_group_egress_rule" "groups" {
  for_each = local.to_groups

  security_group_id            = aws_security_group.this.id
  description                  = "PostgreSQL to ${each.value.place}"
  referenced_security_group_id = var.database_security_groups[each.value.place]
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

# A security group cannot name one of another Region.
resource "aws_vpc_security_group_egress_rule" "networks" {
  for_each = local.to_networks

  security_group_id = aws_security_group.this.id
  description       = "PostgreSQL to ${each.value.place}"
  cidr_ipv4         = var.database_cidrs[each.value.place]
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

# The other side, where nothing else opens it.
resource "aws_vpc_security_group_ingress_rule" "own" {
  for_each = var.open_databases ? local.to_groups : {}

  security_group_id            = var.database_security_groups[each.value.place]
  description                  = "PostgreSQL from ${local.function}"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "peers" {
  for_each = var.open_databases ? local.from_networks : {}

  security_group_id = var.database_security_groups[each.value.place]
  description       = "PostgreSQL from the probe in ${each.value.peer}"
  cidr_ipv4         = var.peer_cidrs[each.value.peer]
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}
