output "function_names" {
  description = "Names of the functions, by function: follow, failover, drill."
  value       = { for function, lambda in aws_lambda_function.this : function => lambda.function_name }
}

output "function_arns" {
  description = "ARNs of the functions, by function."
  value       = { for function, lambda in aws_lambda_function.this : function => lambda.arn }
}

output "alarm_action_arn" {
  description = "What a health alarm or a writer alarm of this Region names in `alarm_actions`: the failover function. Null where `follow` is all there is."
  value       = try(aws_lambda_function.this["failover"].arn, null)
}

output "event_bus_arn" {
  description = "Where another Region forwards the state changes of its health alarms to."
  value       = "arn:${local.partition}:events:${local.region}:${local.account}:event-bus/default"
}

output "topic_arn" {
  description = "The topic that this Region's alarms go to. Subscribe people to it; a database's `failover.topic_arns` may name it."
  value       = local.topic_arn
}

output "kms_key_arn" {
  description = "The Region's key, for the log of the module probe."
  value       = local.key_arn

  # Before that CloudWatch Logs could not use it.
  depends_on = [aws_kms_key_policy.this]
}

output "role_names" {
  description = "Names of the functions' roles, by function."
  value       = { for function, role in aws_iam_role.this : function => role.name }
}

output "policies" {
  description = "The functions' policies, by function: what each may do, for review."
  value       = { for function, policy in aws_iam_role_policy.this : function => policy.policy }
}

output "rules" {
  description = "What wakes which function: rule names with the function, the event pattern and the schedule."
  # As configured: what the provider reads back can be "" where nothing was set, and would be a change in each plan.
  value = { for key, rule in local.rules : aws_cloudwatch_event_rule.this[key].name => {
    function = rule.function
    pattern  = rule.pattern == null ? null : jsonencode(rule.pattern)
    schedule = rule.schedule
  } }
}

output "failure_queue_urls" {
  description = "Queues with what was given up, by function."
  value       = { for function, queue in aws_sqs_queue.this : function => queue.url }
}

output "alarm_arns" {
  description = "ARNs of the alarms on the responder's own failure, by alarm."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.arn }
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard; null where `follow` is all there is."
  value       = one(aws_cloudwatch_dashboard.this[*].dashboard_name)
}
