# What both Regions share: the zone with the writer record, the writer parameters, and the configuration. Nothing of it has to
# be applied in a disaster, because the functions own its values.

module "writer_endpoint" {
  source    = "../../modules/writer_endpoint"
  providers = { aws.primary = aws.primary, aws.secondary = aws.secondary }

  name           = var.name
  global_cluster = var.global_cluster
  zone_name      = var.zone_name
  parameter      = var.parameter
  primary        = { cluster_arn = var.primary.cluster_arn, endpoint = var.primary.endpoint, vpc_id = var.primary.vpc_id }
  secondary      = { cluster_arn = var.secondary.cluster_arn, endpoint = var.secondary.endpoint, vpc_id = var.secondary.vpc_id }
}
