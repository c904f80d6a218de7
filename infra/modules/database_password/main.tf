# A database's master password, made, stored and handed on without entering Terraform's state or a plan. RDS's own
# management of it is not supported for members of a global database, so it is a secret of ours, replicated to the other
# Region: an application there must not need the failed Region to log in.
#
# A module of its own, because Terraform cannot mock ephemeral resources in tests yet.

ephemeral "aws_secretsmanager_random_password" "this" {
  password_length     = 40
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "this" {
  # checkov:skip=CKV2_AWS_57:Rotation by a function would change RDS and the secret of two Regions at unlike moments. Raise password_version instead.
  # A deleted secret keeps its name for as long as it can be taken back: with one of its own each life can begin at once.
  name_prefix             = "${var.name}-"
  recovery_window_in_days = var.recovery_window_days
  description             = var.description
  kms_key_id              = var.kms_key_arn

  replica {
    region     = var.replica.region
    kms_key_id = var.replica.kms_key_arn
  }
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.this.random_password
  secret_string_wo_version = var.password_version
}

# Read back, so that RDS is given what was stored: the random one is another in each run.
ephemeral "aws_secretsmanager_secret_version" "this" {
  secret_id  = aws_secretsmanager_secret_version.this.secret_id
  version_id = aws_secretsmanager_secret_version.this.version_id
}
