# For a global database that you already have: the writer record, the writer parameters, and the functions in both
# Regions that keep them on the writer. Nothing of yours is changed, but for
# rules of security groups where a probe needs them.

data "aws_rds_cluster" "primary" {
  provider           = aws.primary
  cluster_identifier = var.primary.cluster
}

data "aws_rds_cluster" "secondary" {
  provider           = aws.secondary
  cluster_identifier = var.secondary.cluster
}

module "writer_endpoint" {
  source    = "../../modules/writer_endpoint"
  providers = { aws.primary = aws.primary, aws.secondary = aws.secondary }

  name           = var.name
  global_cluster = var.global_cluster
  first_writer   = var.first_writer
  zone_name      = var.zone_name
  parameter      = var.parameter
  probe          = { for probe in local.probes : probe.region => probe.module.function_name }

  primary = {
    cluster_arn = data.aws_rds_cluster.primary.arn
    endpoint    = data.aws_rds_cluster.primary.endpoint
    vpc_id      = var.primary.vpc_id
  }
  secondary = {
    cluster_arn = data.aws_rds_cluster.secondary.arn
    endpoint    = data.aws_rds_cluster.secondary.endpoint
    vpc_id      = var.secondary.vpc_id
  }

  # A topic in each Region: whoever is told by the one that failed would not be told.
  failover = merge(var.failover, {
    writer_alarms = concat(var.failover.writer_alarms, [for probe in local.probes : probe.module.writer_alarm_arns[var.name]])
    topic_arns = var.failover.topic_arn != null || length(var.failover.topic_arns) > 0 ? var.failover.topic_arns : {
      (var.primary.region)   = module.responder_primary.topic_arn
      (var.secondary.region) = module.responder_secondary.topic_arn
    }
  })
}

module "responder_primary" {
  source    = "../../modules/responder"
  providers = { aws = aws.primary }

  size                = var.size
  package_directory   = var.package_directory
  architecture        = var.architecture
  reserve_concurrency = var.reserve_concurrency
  databases           = { (var.name) = module.writer_endpoint.database }
  snapshot_key_arns   = var.snapshot_key_arns
  report_bucket       = lookup(var.report_buckets, var.primary.region, null)
}

module "responder_secondary" {
  source    = "../../modules/responder"
  providers = { aws = aws.secondary }

  size                = var.size
  package_directory   = var.package_directory
  architecture        = var.architecture
  reserve_concurrency = var.reserve_concurrency
  databases           = { (var.name) = module.writer_endpoint.database }
  snapshot_key_arns   = var.snapshot_key_arns
  report_bucket       = lookup(var.report_buckets, var.secondary.region, null)
}
