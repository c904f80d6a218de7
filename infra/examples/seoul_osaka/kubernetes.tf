# What the overlays in infra/kubernetes have to know, as their settings.yaml:
#   terraform output -raw settings_seoul > ../../kubernetes/overlays/seoul/settings.yaml

locals {
  settings = { for place, of in {
    seoul = { region = "ap-northeast-2", certificate = module.app_failover.certificate_arns.primary, secret = module.password.secret_arns.primary }
    osaka = { region = "ap-northeast-3", certificate = module.app_failover.certificate_arns.secondary, secret = module.password.secret_arns.secondary }
    } : place => templatefile("${path.module}/settings.yaml.tftpl", {
      region      = of.region
      certificate = of.certificate
      secret      = of.secret
      parameter   = module.writer_endpoint.parameter_name
      database    = var.name
      user        = var.name
      hosts       = [var.host, "${place}.${var.host}"]
  }) }
}

output "settings_seoul" {
  description = "The file infra/kubernetes/overlays/seoul/settings.yaml."
  value       = local.settings.seoul
}

output "settings_osaka" {
  description = "The file infra/kubernetes/overlays/osaka/settings.yaml."
  value       = local.settings.osaka
}
