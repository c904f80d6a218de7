# Whether the writer takes writes, asked by SQL: from both Regions, and from a third one if there is a witness.

locals {
  zone_name = "db.${var.name}.internal"
  # Written out, not the module's output: what it publishes first depends on its configuration, and that on these alarms.
  probed = { (var.name) = {
    record  = "writer.${local.zone_name}"
    members = { ap-northeast-2 = module.database.primary, ap-northeast-3 = module.database.secondary }
  } }

  # Whoever may connect to the databases, in both Regions.
  client_cidrs  = concat([module.network.primary.cidr, module.network.secondary.cidr], var.witness_region == null ? [] : [var.witness_cidr])
  writer_alarms = [for probe in concat([module.probe_seoul, module.probe_osaka], module.probe_witness) : probe.writer_alarm_arns[var.name]]

  probe_concurrency = var.reserve_concurrency ? 5 : null
}

module "probe_seoul" {
  source    = "../../modules/probe"
  providers = { aws = aws.seoul }

  package_directory        = var.package_directory
  architecture             = var.architecture
  reserved_concurrency     = local.probe_concurrency
  databases                = local.probed
  vpc_id                   = module.network.primary.vpc_id
  subnet_ids               = module.network.primary.private_subnet_ids
  database_security_groups = { seoul = module.database.primary.security_group_id }
  database_cidrs           = { osaka = module.network.secondary.cidr }
  # Everybody of both networks is let in.
  open_databases = false
  alarm_actions  = [module.responder_seoul.topic_arn]
  event_bus_arns = { osaka = module.responder_osaka.event_bus_arn }
  kms_key_arn    = module.responder_seoul.kms_key_arn
}

module "probe_osaka" {
  source    = "../../modules/probe"
  providers = { aws = aws.osaka }

  package_directory        = var.package_directory
  architecture             = var.architecture
  reserved_concurrency     = local.probe_concurrency
  databases                = local.probed
  vpc_id                   = module.network.secondary.vpc_id
  subnet_ids               = module.network.secondary.private_subnet_ids
  database_security_groups = { osaka = module.database.secondary.security_group_id }
  database_cidrs           = { seoul = module.network.primary.cidr }
  open_databases           = false
  alarm_actions            = [module.responder_osaka.topic_arn]
  event_bus_arns           = { seoul = module.responder_seoul.event_bus_arn }
  kms_key_arn              = module.responder_osaka.kms_key_arn
}
