output "members" {
  description = "The probes of the members' Regions, whom the others ask before a publication."
  value       = { ap-northeast-2 = module.seoul.function_name, ap-northeast-3 = module.osaka.function_name }
}

output "witness" {
  description = "The witness, by its Region; nothing without one."
  value       = { for region, probe in module.witness : region => probe.function_name }
}

output "writer_alarm_arns" {
  description = "The alarms on a writer that takes no writes, of each probe."
  value       = [for probe in concat([module.seoul, module.osaka], values(module.witness)) : probe.writer_alarm_arns[var.name]]
}
