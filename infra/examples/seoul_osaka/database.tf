# The database, and what keeps clients on its writer.

module "database" {
  source    = "../../modules/global_database"
  providers = { aws.primary = aws.seoul, aws.secondary = aws.osaka }

  name                    = var.name
  database_name           = var.name
  master_username         = var.name
  master_password         = module.password.password
  master_password_version = var.password_version
  deletion_protection     = var.deletion_protection

  primary = {
    name         = "seoul"
    vpc_id       = module.network.primary.vpc_id
    subnet_ids   = module.network.primary.private_subnet_ids
    client_cidrs = local.client_cidrs
  }
  secondary = {
    name         = "osaka"
    vpc_id       = module.network.secondary.vpc_id
    subnet_ids   = module.network.secondary.private_subnet_ids
    client_cidrs = local.client_cidrs
  }
  lag_alarm = {
    primary_actions   = [module.responder_seoul.topic_arn]
    secondary_actions = [module.responder_osaka.topic_arn]
  }
}

locals {
  # Not the master: a user without a password, which somebody makes on the writer once (infra/kubernetes/role.sql).
  application_login = {
    user         = "${var.name}_app"
    resource_ids = { ap-northeast-2 = module.database.primary.resource_id, ap-northeast-3 = module.database.secondary.resource_id }
  }
}

module "password" {
  source    = "../../modules/database_password"
  providers = { aws = aws.seoul }

  name             = "${var.name}/database/master"
  kms_key_arn      = module.database.kms_key_arns.primary
  replica          = { region = "ap-northeast-3", kms_key_arn = module.database.kms_key_arns.secondary }
  password_version = var.password_version
}

module "writer_endpoint" {
  source    = "../../modules/writer_endpoint"
  providers = { aws.primary = aws.seoul, aws.secondary = aws.osaka }

  name           = var.name
  global_cluster = module.database.global_cluster
  zone_name      = local.zone_name
  parameter      = "/${var.name}/database/writer"
  probe          = module.probes.members

  primary = {
    cluster_arn = module.database.primary.cluster_arn
    endpoint    = module.database.primary.endpoint
    vpc_id      = module.network.primary.vpc_id
  }
  secondary = {
    cluster_arn = module.database.secondary.cluster_arn
    endpoint    = module.database.secondary.endpoint
    vpc_id      = module.network.secondary.vpc_id
  }

  failover = {
    mode = var.failover_mode
    # Both: an application that is not ready in one Region may be that Region's trouble. In both it is the writer's or the
    # application's own, which is why nothing is started while the writer's Region says that the writer is well.
    health_alarms = [module.app_failover.health_alarm_arns.primary, module.app_failover.health_alarm_arns.secondary]
    # What the probes find by SQL. The database is down when all of them say so; one that lives in the writer's Region is left
    # out while that Region is silent.
    writer_alarms = module.probes.writer_alarm_arns
    # One in each Region. The own one is told first, and the other one when that fails.
    topic_arns = {
      ap-northeast-2 = module.responder_seoul.topic_arn
      ap-northeast-3 = module.responder_osaka.topic_arn
    }
  }
}

module "responder_seoul" {
  source    = "../../modules/responder"
  providers = { aws = aws.seoul }

  package_directory   = var.package_directory
  architecture        = var.architecture
  reserve_concurrency = var.reserve_concurrency
  databases           = { (var.name) = module.writer_endpoint.database }
  snapshot_key_arns   = values(module.database.kms_key_arns)
}

module "responder_osaka" {
  source    = "../../modules/responder"
  providers = { aws = aws.osaka }

  package_directory   = var.package_directory
  architecture        = var.architecture
  reserve_concurrency = var.reserve_concurrency
  databases           = { (var.name) = module.writer_endpoint.database }
  snapshot_key_arns   = values(module.database.kms_key_arns)
}

resource "aws_sns_topic_subscription" "seoul" {
  provider = aws.seoul
  for_each = var.alert_emails

  topic_arn = module.responder_seoul.topic_arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_sns_topic_subscription" "osaka" {
  provider = aws.osaka
  for_each = var.alert_emails

  topic_arn = module.responder_osaka.topic_arn
  protocol  = "email"
  endpoint  = each.value
}
