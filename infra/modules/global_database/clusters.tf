# The two members. What a failover changes of them is left alone: applying that drift has detached clusters.
#
# global_cluster_identifier and replication_source_identifier: an apply after a failover would take a member out of the
#   global database, or try to make a writer a reader again.
# engine_version: a global database is upgraded as a whole, by the global cluster.
# master_username: the secondary takes none of its own, and shows the primary's after a failover.
# source_region: said once, when the secondary is made. Another one would make the cluster anew.

# An identity of this life of the database. AWS keeps a final snapshot, and a second one of its name is refused.
resource "terraform_data" "life" {}

locals {
  life = substr(terraform_data.life.id, 0, 8)
}

# RDS would make them itself, and keep what is in them for ever.
resource "aws_cloudwatch_log_group" "primary" {
  # checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts it by a key of its own; one of ours would have to let that service in.
  provider = aws.primary

  name              = "/aws/rds/cluster/${var.name}-${var.primary.name}/postgresql"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_group" "secondary" {
  # checkov:skip=CKV_AWS_158:As above.
  provider = aws.secondary

  name              = "/aws/rds/cluster/${var.name}-${var.secondary.name}/postgresql"
  retention_in_days = var.log_retention_days
}

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
  final_snapshot_identifier           = "${var.name}-${var.primary.name}-final-${local.life}"

  lifecycle {
    ignore_changes = [global_cluster_identifier, replication_source_identifier, engine_version, master_username]
  }

  depends_on = [aws_cloudwatch_log_group.primary]
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
  final_snapshot_identifier           = "${var.name}-${var.secondary.name}-final-${local.life}"

  lifecycle {
    ignore_changes = [global_cluster_identifier, replication_source_identifier, engine_version, master_username, source_region]
  }

  # A member can only be added to a global database whose writer has an instance.
  depends_on = [module.primary, aws_cloudwatch_log_group.secondary]
}

# Said while it can still be mended: before a destroy the protection is taken off by an apply, and that is when this looks.
check "the_writer_is_where_destroy_expects_it" {
  assert {
    condition = var.deletion_protection || alltrue([
      for member in aws_rds_global_cluster.this.global_cluster_members : !member.is_writer || member.db_cluster_arn == aws_rds_cluster.primary.arn
    ])
    error_message = "The writer of ${var.name} is not in ${data.aws_region.primary.id}. AWS deletes no writer that others replicate from, and terraform destroy begins with the other Region: fail back before it, or take the first member out (aws rds remove-from-global-cluster --region ${data.aws_region.primary.id} --global-cluster-identifier ${var.name} --db-cluster-identifier ${aws_rds_cluster.primary.arn})."
  }
}
