# Whether the writer takes writes, asked by SQL, where `probe` is set.

locals {
  # None or two, with what they made.
  probes = var.probe == null ? [] : [
    { region = var.primary.region, module = module.probe_primary[0] },
    { region = var.secondary.region, module = module.probe_secondary[0] },
  ]
  probed = { (var.name) = {
    # Written out, not the module's output: what it publishes first depends on its configuration, and that on the alarms.
    record = "writer.${var.zone_name}"
    members = {
      (var.primary.region)   = { endpoint = data.aws_rds_cluster.primary.endpoint, resource_id = data.aws_rds_cluster.primary.cluster_resource_id }
      (var.secondary.region) = { endpoint = data.aws_rds_cluster.secondary.endpoint, resource_id = data.aws_rds_cluster.secondary.cluster_resource_id }
    }
    port   = data.aws_rds_cluster.primary.port
    dbname = try(coalesce(var.probe.dbname, data.aws_rds_cluster.primary.database_name), var.name)
  } }
}

data "aws_vpc" "primary" {
  provider = aws.primary
  count    = var.probe == null ? 0 : 1
  id       = var.primary.vpc_id
}

data "aws_vpc" "secondary" {
  provider = aws.secondary
  count    = var.probe == null ? 0 : 1
  id       = var.secondary.vpc_id
}

module "probe_primary" {
  source    = "../../modules/probe"
  count     = var.probe == null ? 0 : 1
  providers = { aws = aws.primary }

  package_directory        = var.package_directory
  architecture             = var.architecture
  reserved_concurrency     = var.reserve_concurrency ? 5 : null
  databases                = local.probed
  vpc_id                   = var.primary.vpc_id
  subnet_ids               = var.probe.primary_subnet_ids
  database_security_groups = { for id in data.aws_rds_cluster.primary.vpc_security_group_ids : id => id }
  database_cidrs           = { (var.secondary.region) = data.aws_vpc.secondary[0].cidr_block }
  open_databases           = var.probe.open_databases
  peer_cidrs               = { (var.secondary.region) = data.aws_vpc.secondary[0].cidr_block }
  alarm_actions            = [module.responder_primary.topic_arn]
  event_bus_arns           = { (var.secondary.region) = module.responder_secondary.event_bus_arn }
  kms_key_arn              = module.responder_primary.kms_key_arn
}

module "probe_secondary" {
  source    = "../../modules/probe"
  count     = var.probe == null ? 0 : 1
  providers = { aws = aws.secondary }

  package_directory        = var.package_directory
  architecture             = var.architecture
  reserved_concurrency     = var.reserve_concurrency ? 5 : null
  databases                = local.probed
  vpc_id                   = var.secondary.vpc_id
  subnet_ids               = var.probe.secondary_subnet_ids
  database_security_groups = { for id in data.aws_rds_cluster.secondary.vpc_security_group_ids : id => id }
  database_cidrs           = { (var.primary.region) = data.aws_vpc.primary[0].cidr_block }
  open_databases           = var.probe.open_databases
  peer_cidrs               = { (var.primary.region) = data.aws_vpc.primary[0].cidr_block }
  alarm_actions            = [module.responder_secondary.topic_arn]
  event_bus_arns           = { (var.primary.region) = module.responder_primary.event_bus_arn }
  kms_key_arn              = module.responder_secondary.kms_key_arn
}

# A probe has no password, so without this it could not log in, and its alarms would never say anything.
check "probes_can_log_in" {
  assert {
    condition = var.probe == null || (data.aws_rds_cluster.primary.iam_database_authentication_enabled
    && data.aws_rds_cluster.secondary.iam_database_authentication_enabled)
    error_message = "The probes log in by IAM: enable IAM database authentication on both clusters (it needs no restart)."
  }
}
