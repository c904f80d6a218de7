# One Region's functions, and nothing of another Region: neither a provider nor a look. It can be planned and applied while
# every other Region is dead.

# What the functions read in each pass, from this Region's own Parameter Store.
data "aws_ssm_parameter" "database" {
  for_each = var.names

  name = "${var.parameter_prefix}/databases/${each.key}"
}

module "responder" {
  source = "../../modules/responder"

  size              = var.size
  parameter_prefix  = var.parameter_prefix
  log_level         = var.log_level
  package_directory = var.package_directory
  architecture      = var.architecture
  databases         = { for name, parameter in data.aws_ssm_parameter.database : name => jsondecode(nonsensitive(parameter.value)) }
}
