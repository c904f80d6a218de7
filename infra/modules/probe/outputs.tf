output "function_name" {
  description = "The function's name: what the module writer_endpoint's `probe` has for this Region."
  value       = aws_lambda_function.this.function_name
}

output "function_arn" {
  description = "Its ARN."
  value       = aws_lambda_function.this.arn
}

output "writer_alarm_arns" {
  description = "The alarms on a writer that takes no writes, by database: for `failover.writer_alarms`. The other alarm, on a probe that says nothing, is not among them, and must not be."
  value       = { for database, alarm in aws_cloudwatch_metric_alarm.writer : database => alarm.arn }
}

output "unprobed_alarm_arns" {
  description = "The alarms on a probe that says nothing, by database."
  value       = { for database, alarm in aws_cloudwatch_metric_alarm.unprobed : database => alarm.arn }
}

output "security_group_id" {
  description = "The probe's security group, for databases in the same Region whose rules are written elsewhere."
  value       = aws_security_group.this.id
}

output "role_name" {
  description = "Name of the function's role."
  value       = aws_iam_role.this.name
}

output "policies" {
  description = "What it may do, for review, in the form of the module responder's output."
  value       = { probe = aws_iam_role_policy.this.policy }
}
