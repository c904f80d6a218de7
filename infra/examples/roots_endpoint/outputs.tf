output "record_name" {
  description = "The writer record, for clients that follow DNS."
  value       = module.writer_endpoint.record_name
}

output "parameter_name" {
  description = "The writer parameter, for clients that verify the server's certificate."
  value       = module.writer_endpoint.parameter_name
}
