# Instances by number: a switchover gives each a new role, so none is named writer or reader.

resource "aws_rds_cluster_instance" "this" {
  # checkov:skip=CKV_AWS_226:Members of unlike minor versions cannot fail over to each other: upgrades go through the global cluster.
  count = var.instances

  identifier              = "${var.name}-${count.index + 1}"
  cluster_identifier      = var.cluster.id
  engine                  = var.cluster.engine
  instance_class          = var.instance_class
  db_parameter_group_name = aws_db_parameter_group.this.name
  ca_cert_identifier      = "rds-ca-rsa2048-g1"

  auto_minor_version_upgrade      = false
  performance_insights_enabled    = true
  performance_insights_kms_key_id = local.key_arn
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.monitoring.arn
  copy_tags_to_snapshot           = true
}

resource "aws_iam_role" "monitoring" {
  # Roles are global; a member's name is one of its own.
  name = "${var.name}-monitoring"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
