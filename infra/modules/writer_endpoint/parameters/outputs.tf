output "writer_parameter_arn" {
  description = "ARN of the writer parameter in this Region, for the policies of applications."
  value       = aws_ssm_parameter.writer.arn
}
