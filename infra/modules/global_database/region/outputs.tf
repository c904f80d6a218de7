output "subnet_group_name" {
  description = "The subnet group."
  value       = aws_db_subnet_group.this.name
}

output "security_group_id" {
  description = "The database's security group."
  value       = aws_security_group.this.id
}

output "cluster_parameter_group_name" {
  description = "The cluster parameter group."
  value       = aws_rds_cluster_parameter_group.this.name
}

output "kms_key_arn" {
  description = "The Region's key."
  value       = local.key_arn
}

output "lag_alarm_arn" {
  description = "The lag alarm."
  value       = aws_cloudwatch_metric_alarm.lag.arn
}

output "instance_identifiers" {
  description = "The instances."
  value       = aws_rds_cluster_instance.this[*].identifier
}
