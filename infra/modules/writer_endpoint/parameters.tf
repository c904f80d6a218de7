# The same parameters in both Regions.

locals {
  parameters = {
    configuration = { name = "${var.parameter_prefix}/databases/${var.name}", value = jsonencode(local.configuration) }
    state         = { name = "${var.parameter_prefix}/state/${var.name}", value = jsonencode(local.first) }
    writer        = { name = var.parameter, value = local.first.endpoint }
  }
}

module "primary" {
  source    = "./parameters"
  providers = { aws = aws.primary }

  configuration = local.parameters.configuration
  state         = local.parameters.state
  writer        = local.parameters.writer
}

module "secondary" {
  source    = "./parameters"
  providers = { aws = aws.secondary }

  configuration = local.parameters.configuration
  state         = local.parameters.state
  writer        = local.parameters.writer
}
