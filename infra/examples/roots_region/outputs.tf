output "function_names" {
  description = "Names of the functions, the same in each Region."
  value       = module.responder.function_names
}

output "topic_arn" {
  description = "Where this Region's alarms go. Subscribe people."
  value       = module.responder.topic_arn
}
