# A VPC with public subnets for the load balancer, private ones for nodes and databases, and one way out.

data "aws_availability_zones" "this" {
  # checkov:skip=CKV_AWS_394:Only the first names are used, and AWS adds new zones behind them.
  state = "available"

  # Local and Wavelength zones have neither Aurora nor EKS nodes.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  # By place, not by zone name: the names are not known before the first plan reaches AWS.
  places = { for index in range(var.zones) : tostring(index) => index }
}

resource "aws_vpc" "this" {
  # checkov:skip=CKV2_AWS_11:The smallest network that stands. Flow logs are an account's decision, and an expensive one.
  cidr_block = var.cidr
  # Both are needed to resolve a private hosted zone.
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# The group that AWS makes with each VPC lets everything through; nothing of ours uses it.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "private" {
  for_each = local.places

  vpc_id            = aws_vpc.this.id
  availability_zone = data.aws_availability_zones.this.names[each.value]
  cidr_block        = cidrsubnet(var.cidr, 4, each.value)

  tags = { Name = "${var.name}-private-${each.key}", "kubernetes.io/role/internal-elb" = "1" }
}

resource "aws_subnet" "public" {
  for_each = local.places

  vpc_id            = aws_vpc.this.id
  availability_zone = data.aws_availability_zones.this.names[each.value]
  cidr_block        = cidrsubnet(var.cidr, 8, 240 + each.value)

  # EKS finds the load balancer's subnets by this tag.
  tags = { Name = "${var.name}-public-${each.key}", "kubernetes.io/role/elb" = "1" }
}
