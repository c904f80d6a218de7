output "host" {
  description = "What users type."
  value       = "https://${module.app_failover.host}"
}

output "record_name" {
  description = "The writer record."
  value       = module.writer_endpoint.record_name
}

output "parameter_name" {
  description = "The writer parameter, in both Regions."
  value       = module.writer_endpoint.parameter_name
}

output "function_names" {
  description = "The responder's functions, the same in both Regions."
  value       = module.responder_seoul.function_names
}

output "probe_names" {
  description = "The probes, by Region."
  value       = merge(module.probes.members, module.probes.witness)
}

output "writer_alarm_arns" {
  description = "The alarms on a writer that takes no writes, of each probe."
  value       = module.probes.writer_alarm_arns
}

output "clusters" {
  description = "The Kubernetes clusters: aws eks update-kubeconfig --region <Region> --name <cluster>."
  value       = { ap-northeast-2 = module.app_seoul.cluster_name, ap-northeast-3 = module.app_osaka.cluster_name }
}

output "repository_urls" {
  description = "Where the application's image is pushed to, in each Region."
  value       = { ap-northeast-2 = module.app_seoul.repository_url, ap-northeast-3 = module.app_osaka.repository_url }
}
