output "host" {
  description = "What users type."
  value       = var.host
}

output "certificate_arns" {
  description = "The validated certificate of each Region, for its load balancer."
  value       = { primary = aws_acm_certificate_validation.primary.certificate_arn, secondary = aws_acm_certificate_validation.secondary.certificate_arn }
}

output "health_check_ids" {
  description = "The health checks."
  value       = { for key, check in aws_route53_health_check.this : key => check.id }
}

output "health_alarm_arns" {
  description = "The health alarms, in us-east-1: primary and secondary. Both may be a database's `failover.health_alarms`."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.arn }
}
