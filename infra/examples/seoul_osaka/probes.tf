# Who asks the database itself, by SQL: see probes/.

locals {
  zone_name      = "db.${var.name}.internal"
  witness_region = var.keep_witness ? var.witness_region : null
  # Whoever may connect to the databases, in both Regions.
  client_cidrs = concat([module.network.primary.cidr, module.network.secondary.cidr], local.witness_region == null ? [] : [var.witness_cidr])
}

module "probes" {
  source    = "./probes"
  providers = { aws.seoul = aws.seoul, aws.osaka = aws.osaka, aws.witness = aws.witness }

  name                = var.name
  zone_name           = local.zone_name
  zone_id             = module.writer_endpoint.zone_id
  members             = { seoul = module.database.primary, osaka = module.database.secondary }
  networks            = { seoul = module.network.primary, osaka = module.network.secondary }
  witness_region      = local.witness_region
  witness_cidr        = var.witness_cidr
  alert_emails        = var.alert_emails
  package_directory   = var.package_directory
  architecture        = var.architecture
  reserve_concurrency = var.reserve_concurrency

  responders = {
    seoul = { topic_arn = module.responder_seoul.topic_arn, event_bus_arn = module.responder_seoul.event_bus_arn, kms_key_arn = module.responder_seoul.kms_key_arn }
    osaka = { topic_arn = module.responder_osaka.topic_arn, event_bus_arn = module.responder_osaka.event_bus_arn, kms_key_arn = module.responder_osaka.kms_key_arn }
  }
}
