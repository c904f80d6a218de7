output "database" {
  description = "The database as the module responder wants it, in the form of its configuration."
  # Not local.configuration: while the topic is still unknown, so is which of its fields are left out, and with that how
  # many alarms there are, which the responder's plan has to know.
  value = {
    global_cluster = var.global_cluster
    members        = local.members
    record         = local.configuration.record
    parameter      = var.parameter
    probe          = var.probe
    failover       = var.failover
  }

  # So the functions are made after the first publication and destroyed before it: one that still ran would put a
  # parameter or a record that was just destroyed back.
  depends_on = [module.primary, module.secondary, aws_route53_record.writer, aws_route53_record.ownership, aws_route53_zone_association.secondary]
}

output "record_name" {
  description = "The writer record's name, for clients that follow DNS."
  value       = aws_route53_record.writer.name
}

output "zone_id" {
  description = "Id of the private hosted zone."
  value       = aws_route53_zone.this.zone_id
}

output "parameter_name" {
  description = "The writer parameter's name, for clients that verify the server's certificate."
  value       = var.parameter
}

output "parameter_arns" {
  description = "ARNs of the writer parameter: primary and secondary."
  value       = { primary = module.primary.writer_parameter_arn, secondary = module.secondary.writer_parameter_arn }
}
