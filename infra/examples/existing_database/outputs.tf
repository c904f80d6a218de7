output "record_name" {
  description = "The writer record, for clients that follow DNS."
  value       = module.writer_endpoint.record_name
}

output "parameter_name" {
  description = "The writer parameter, for clients that verify the server's certificate."
  value       = module.writer_endpoint.parameter_name
}

output "function_names" {
  description = "Names of the functions, the same in both Regions. Invoke drill with {\"action\": \"status\", \"database\": \"<name>\"}."
  value       = module.responder_primary.function_names
}

output "writer_alarm_arns" {
  description = "The probes' alarms on a writer that takes no writes: none without `probe`. They are among the database's writer_alarms."
  value       = [for probe in local.probes : probe.module.writer_alarm_arns[var.name]]
}

output "alarm_action_arns" {
  description = "What health alarms in each Region name in `alarm_actions`."
  value       = { primary = module.responder_primary.alarm_action_arn, secondary = module.responder_secondary.alarm_action_arn }
}

output "topic_arns" {
  description = "Where alarms and advice go. Subscribe people."
  value       = { primary = module.responder_primary.topic_arn, secondary = module.responder_secondary.topic_arn }
}

output "writer_endpoint" {
  description = "All about the record and the parameters: the database's configuration and the zone."
  value       = { database = module.writer_endpoint.database, zone_id = module.writer_endpoint.zone_id }
}

output "rules" {
  description = "What wakes the functions in each Region."
  value       = { primary = module.responder_primary.rules, secondary = module.responder_secondary.rules }
}
