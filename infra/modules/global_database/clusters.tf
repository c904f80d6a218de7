# The two members. What a failover changes of them is left alone: applying that drift has detached clusters.
#
# global_cluster_identifier and replication_source_identifier: an apply after a failover would take a member out of the
#   global database, or try to make a writer a reader again.
# engine_version: a global database is upgraded as a whole, by the global cluster.
# master_username: the secondary takes none of its own, and shows the primary's after a failover.
# source_region: said once, when the secondary is made. Another one would make the cluster anew.

resource "aws_rds_cluster" "primary" {
  # checkov:skip=CKV2_AWS_8:Aurora keeps backups of its own in both Regions. A plan of AWS Backup is an account's decision.
  provider = aws.primary

  cluster_identifier        = "${var.name}-${var.primary.name}"
  global_cluster_identifier = aws_rds_global_cluster.this.id
  engine                    = "aurora-postgresql"
  engine_version            = var.engine_version
  database_name             = var.database_name

  master_username = var.master_username
  # Write-only: it goes to RDS and to no state or plan file.
  master_password_wo         = var.master_password
  master_password_wo_version = var.master_password_version

  db_subnet_group_name            = module.primary.subnet_group_name
  vpc_security_group_ids          = [module.primary.security_group_id]
  db_cluster_parameter_group_name = module.primary.cluster_parameter_group_name

  storage_encrypted                   = true
  kms_key_id                          = module.primary.kms_key_arn
  iam_database_authentication_enabled = true
  backup_retention_period             = var.backup_retention_days
  copy_tags_to_snapshot               = true
  enabled_cloudwatch_logs_exports     = ["postgresql"]
  deletion_protection                 = var.deletion_protection
  final_snapshot_identifier           = "${var.name}-${var.primary.name}-final"

  lifecycle {
    ignore_changes = [global_cluster_identifier, replication_source_identifier, engine_version, master_username]
  }
}

resource "aws_rds_cluster" "secondary" {
  # checkov:skip=CKV2_AWS_8:As above.
  provider = aws.secondary

  cluster_identifier        = "${var.name}-${var.secondary.name}"
  global_cluster_identifier = aws_rds_global_cluster.this.id
  engine                    = "aurora-postgresql"
  engine_version            = var.engine_version

  # An encrypted member in another Region is refused without it: the provider signs a request to that Region with it.
  source_region = data.aws_region.primary.id

  # No user, no password, no database name: a member that replicates takes none.

  db_subnet_group_name            = module.secondary.subnet_group_name
  vpc_security_group_ids          = [module.secondary.security_group_id]
  db_cluster_parameter_group_name = module.secondary.cluster_parameter_group_name

  storage_encrypted                   = true
  kms_key_id                          = module.secondary.kms_key_arn
  iam_database_authentication_enabled = true
  backup_retention_period             = var.backup_retention_days
  copy_tags_to_snapshot               = true
  enabled_cloudwatch_logs_exports     = ["postgresql"]
  deletion_protection                 = var.deletion_protection
  final_snapshot_identifier           = "${var.name}-${var.secondary.name}-final"

  lifecycle {
    ignore_changes = [global_cluster_identifier, replication_source_identifier, engine_version, master_username, source_region]
  }

  # A member can only be added to a global database whose writer has an instance.
  depends_on = [module.primary]
}
