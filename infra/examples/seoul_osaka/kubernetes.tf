# What the overlays in infra/kubernetes have to know, as their file place.yaml:
#   terraform output -raw place_seoul > ../../kubernetes/overlays/seoul/place.yaml

locals {
  places = { for place, of in {
    seoul = { region = "ap-northeast-2", certificate = module.app_failover.certificate_arns.primary }
    osaka = { region = "ap-northeast-3", certificate = module.app_failover.certificate_arns.secondary }
    } : place => templatefile("${path.module}/place.yaml.tftpl", {
      region      = of.region
      certificate = of.certificate
      parameter   = module.writer_endpoint.parameter_name
      database    = var.name
      user        = local.application_login.user
      own         = "${place}.${var.host}"
      hosts       = [var.host, "${place}.${var.host}"]
  }) }
}

output "place_seoul" {
  description = "The file infra/kubernetes/overlays/seoul/place.yaml."
  value       = local.places.seoul
}

output "place_osaka" {
  description = "The file infra/kubernetes/overlays/osaka/place.yaml."
  value       = local.places.osaka
}
