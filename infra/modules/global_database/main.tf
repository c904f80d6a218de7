# An Aurora PostgreSQL global database of two Regions. A failover or a switchover swaps what AWS calls primary and
# secondary; the names here are those of the beginning.

data "aws_region" "primary" {
  provider = aws.primary
}

resource "aws_rds_global_cluster" "this" {
  provider = aws.primary

  global_cluster_identifier = var.name
  engine                    = "aurora-postgresql"
  engine_version            = var.engine_version
  database_name             = var.database_name
  storage_encrypted         = true
  deletion_protection       = var.deletion_protection

  lifecycle {
    # Inherited from the first member, and not to be changed without a new cluster.
    ignore_changes = [database_name]
  }
}

module "primary" {
  source    = "./region"
  providers = { aws = aws.primary }

  name           = "${var.name}-${var.primary.name}"
  vpc_id         = var.primary.vpc_id
  subnet_ids     = var.primary.subnet_ids
  client_cidrs   = var.primary.client_cidrs
  kms_key_arn    = var.primary.kms_key_arn
  engine_version = var.engine_version
  cluster        = aws_rds_cluster.primary
  instance_class = var.instance_class
  instances      = var.instances_per_region
  lag_alarm      = { threshold_ms = var.lag_alarm.threshold_ms, actions = var.lag_alarm.primary_actions }
}

module "secondary" {
  source    = "./region"
  providers = { aws = aws.secondary }

  name           = "${var.name}-${var.secondary.name}"
  vpc_id         = var.secondary.vpc_id
  subnet_ids     = var.secondary.subnet_ids
  client_cidrs   = var.secondary.client_cidrs
  kms_key_arn    = var.secondary.kms_key_arn
  engine_version = var.engine_version
  cluster        = aws_rds_cluster.secondary
  instance_class = var.instance_class
  instances      = var.instances_per_region
  lag_alarm      = { threshold_ms = var.lag_alarm.threshold_ms, actions = var.lag_alarm.secondary_actions }
}
