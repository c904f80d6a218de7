output "password" {
  description = "The password, for write-only arguments only. It is in no state and no plan."
  value       = ephemeral.aws_secretsmanager_secret_version.this.secret_string
  ephemeral   = true
}

output "secret_arns" {
  description = "ARNs of the secret: primary is the one in its own Region, secondary its replica."
  value = {
    primary   = aws_secretsmanager_secret.this.arn
    secondary = join(":", [for index, part in split(":", aws_secretsmanager_secret.this.arn) : index == 3 ? var.replica.region : part])
  }
}
