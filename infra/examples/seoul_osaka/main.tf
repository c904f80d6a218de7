# The whole system: an application in Seoul and Osaka over one Aurora global database, both failing over by themselves.

module "network" {
  source    = "../../modules/network"
  providers = { aws.primary = aws.seoul, aws.secondary = aws.osaka }

  name = var.name
}

module "app_seoul" {
  source    = "../../modules/app_cluster"
  providers = { aws = aws.seoul }

  name          = "${var.name}-seoul"
  subnet_ids    = module.network.primary.private_subnet_ids
  admin_cidrs   = var.admin_cidrs
  dns           = { zone_id = var.zone_id, host = "seoul.${var.host}" }
  delete_images = !var.deletion_protection
  application = {
    parameter_arn = module.writer_endpoint.parameter_arns.primary
    login         = local.application_login
  }
}

module "app_osaka" {
  source    = "../../modules/app_cluster"
  providers = { aws = aws.osaka }

  name          = "${var.name}-osaka"
  subnet_ids    = module.network.secondary.private_subnet_ids
  admin_cidrs   = var.admin_cidrs
  dns           = { zone_id = var.zone_id, host = "osaka.${var.host}" }
  delete_images = !var.deletion_protection
  application = {
    parameter_arn = module.writer_endpoint.parameter_arns.secondary
    login         = local.application_login
  }
}

module "app_failover" {
  source    = "../../modules/app_failover"
  providers = { aws.primary = aws.seoul, aws.secondary = aws.osaka, aws.us_east_1 = aws.us_east_1 }

  name           = var.name
  zone_id        = var.zone_id
  host           = var.host
  primary_host   = "seoul.${var.host}"
  secondary_host = "osaka.${var.host}"
  event_bus_arns = { seoul = module.responder_seoul.event_bus_arn, osaka = module.responder_osaka.event_bus_arn }
}
