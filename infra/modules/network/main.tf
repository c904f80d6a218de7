# One VPC in each Region.

module "primary" {
  source    = "./vpc"
  providers = { aws = aws.primary }

  name  = var.name
  cidr  = var.primary_cidr
  zones = var.zones_per_region
}

module "secondary" {
  source    = "./vpc"
  providers = { aws = aws.secondary }

  name  = var.name
  cidr  = var.secondary_cidr
  zones = var.zones_per_region
}
