# Whether the writer takes writes, asked by SQL: from both Regions, and from a third one if there is a witness. A folder of its
# own because it can be tested so: what makes the password, beside it, cannot.

locals {
  probed = { (var.name) = {
    # Written out, not the module writer_endpoint's output: what that publishes first depends on its configuration, and that on
    # these alarms.
    record  = "writer.${var.zone_name}"
    members = { ap-northeast-2 = var.members.seoul, ap-northeast-3 = var.members.osaka }
  } }
  concurrency = var.reserve_concurrency ? 5 : null
}

module "seoul" {
  source    = "../../../modules/probe"
  providers = { aws = aws.seoul }

  package_directory        = var.package_directory
  architecture             = var.architecture
  reserved_concurrency     = local.concurrency
  databases                = local.probed
  vpc_id                   = var.networks.seoul.vpc_id
  subnet_ids               = var.networks.seoul.private_subnet_ids
  database_security_groups = { seoul = var.members.seoul.security_group_id }
  database_cidrs           = { osaka = var.networks.osaka.cidr }
  # Everybody of both networks is let in.
  open_databases = false
  alarm_actions  = [var.responders.seoul.topic_arn]
  event_bus_arns = { osaka = var.responders.osaka.event_bus_arn }
  kms_key_arn    = var.responders.seoul.kms_key_arn
}

module "osaka" {
  source    = "../../../modules/probe"
  providers = { aws = aws.osaka }

  package_directory        = var.package_directory
  architecture             = var.architecture
  reserved_concurrency     = local.concurrency
  databases                = local.probed
  vpc_id                   = var.networks.osaka.vpc_id
  subnet_ids               = var.networks.osaka.private_subnet_ids
  database_security_groups = { osaka = var.members.osaka.security_group_id }
  database_cidrs           = { seoul = var.networks.seoul.cidr }
  open_databases           = false
  alarm_actions            = [var.responders.osaka.topic_arn]
  event_bus_arns           = { seoul = var.responders.seoul.event_bus_arn }
  kms_key_arn              = var.responders.osaka.kms_key_arn
}
