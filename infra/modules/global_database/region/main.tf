# What one member needs in its Region, and its instances. The cluster itself is made outside, because the first member
# and the ones that replicate from it take different arguments.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  family  = "aurora-postgresql${split(".", var.engine_version)[0]}"
  key_arn = var.kms_key_arn == null ? one(aws_kms_key.this[*].arn) : var.kms_key_arn
}

resource "aws_kms_key" "this" {
  count = var.kms_key_arn == null ? 1 : 0

  description             = "${var.name}: database storage, insights and its secret"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  # Rights are given by the policies of roles; RDS and Secrets Manager act for who calls them.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Account"
      Effect    = "Allow"
      Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "this" {
  # checkov:skip=CKV2_AWS_5:It is attached to the cluster, which is made outside of this folder.
  name        = "${var.name}-database"
  description = "PostgreSQL from the applications of both Regions"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each = toset(var.client_cidrs)

  security_group_id = aws_security_group.this.id
  description       = "PostgreSQL from ${each.value}"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
}

# A major upgrade needs groups of another family while the clusters still use these: hence a name of AWS's making.
resource "aws_rds_cluster_parameter_group" "this" {
  name_prefix = "${var.name}-"
  family      = local.family
  description = "TLS only; what changes a schema is logged"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
  parameter {
    name  = "log_statement"
    value = "ddl"
  }
  # A session that a demoted writer leaves behind must not live for ever.
  parameter {
    name  = "tcp_keepalives_idle"
    value = "10"
  }
  parameter {
    name  = "tcp_keepalives_interval"
    value = "5"
  }
  parameter {
    name  = "tcp_keepalives_count"
    value = "3"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  family      = local.family
  description = "Slow statements are logged"

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_metric_alarm" "lag" {
  alarm_name          = "${var.name}-replication-lag"
  alarm_description   = "${var.name} is behind the writer: a failover to it now would lose what it lacks."
  namespace           = "AWS/RDS"
  metric_name         = "AuroraGlobalDBReplicationLag"
  dimensions          = { DBClusterIdentifier = var.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.lag_alarm.threshold_ms
  # The metric is there only while this member is a secondary. In a writer's Region there is nothing to lag.
  treat_missing_data = "notBreaching"
  alarm_actions      = var.lag_alarm.actions
  ok_actions         = var.lag_alarm.actions
}
