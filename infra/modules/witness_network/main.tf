# Where a probe stands that is a witness: a VPC of a third Region with private subnets and nothing else in it, peered to
# the VPCs of both members. No way out: the probe calls no AWS API.

data "aws_region" "current" {}

data "aws_availability_zones" "this" {
  # checkov:skip=CKV_AWS_394:Only the first names are used, and AWS adds new zones behind them.
  state = "available"

  # Lambda is not in local and Wavelength zones.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

resource "aws_vpc" "this" {
  # checkov:skip=CKV2_AWS_11:One function is in it, which may connect to the databases and nothing else. Flow logs are an account's decision.
  cidr_block = var.cidr
  # Both are needed to resolve the writer record, which is in a private hosted zone.
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# The group that AWS makes with each VPC lets everything through; nothing of ours uses it.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "this" {
  for_each = { for index in range(2) : tostring(index) => index }

  vpc_id            = aws_vpc.this.id
  availability_zone = data.aws_availability_zones.this.names[each.value]
  cidr_block        = cidrsubnet(var.cidr, 2, each.value)

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

resource "aws_route_table_association" "this" {
  for_each = aws_subnet.this

  subnet_id      = each.value.id
  route_table_id = aws_route_table.this.id
}

# The endpoints of Aurora resolve anywhere; the writer record does so only in VPCs of its zone.
resource "aws_route53_zone_association" "this" {
  provider = aws.primary

  zone_id    = var.zone_id
  vpc_id     = aws_vpc.this.id
  vpc_region = data.aws_region.current.id
}

locals {
  requester = { vpc_id = aws_vpc.this.id, cidr = var.cidr, route_table_ids = { private = aws_route_table.this.id } }
}

module "to_primary" {
  source    = "../network/peering"
  providers = { aws = aws, aws.accepter = aws.primary }

  name      = var.name
  requester = local.requester
  accepter  = var.primary
}

module "to_secondary" {
  source    = "../network/peering"
  providers = { aws = aws, aws.accepter = aws.secondary }

  name      = var.name
  requester = local.requester
  accepter  = var.secondary
}
