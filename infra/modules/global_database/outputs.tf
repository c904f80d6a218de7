output "global_cluster" {
  description = "Identifier of the global cluster."
  value       = aws_rds_global_cluster.this.id
}

output "primary" {
  description = "The first member, as the module writer_endpoint wants it: ARN and writer endpoint; and its identifier, its resource id and its security group."
  value = {
    identifier  = aws_rds_cluster.primary.cluster_identifier
    cluster_arn = aws_rds_cluster.primary.arn
    endpoint    = aws_rds_cluster.primary.endpoint
    # The name under which IAM knows it for logging in: see the module probe.
    resource_id       = aws_rds_cluster.primary.cluster_resource_id
    security_group_id = module.primary.security_group_id
  }
}

output "secondary" {
  description = "The same of the other member."
  value = {
    identifier        = aws_rds_cluster.secondary.cluster_identifier
    cluster_arn       = aws_rds_cluster.secondary.arn
    endpoint          = aws_rds_cluster.secondary.endpoint
    resource_id       = aws_rds_cluster.secondary.cluster_resource_id
    security_group_id = module.secondary.security_group_id
  }

  # A member without an instance cannot be failed over to.
  depends_on = [module.secondary]
}

output "kms_key_arns" {
  description = "The key of each Region, for its storage and, by the module database_password, for the secret."
  value       = { primary = module.primary.kms_key_arn, secondary = module.secondary.kms_key_arn }
}

output "lag_alarm_arns" {
  description = "The lag alarm of each Region. Only the one in the secondary's Region has data."
  value       = { primary = module.primary.lag_alarm_arn, secondary = module.secondary.lag_alarm_arn }
}
