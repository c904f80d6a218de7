# Failover of the application, by Route 53: the primary Region's host is answered while it is healthy, else the
# secondary's. If both are unhealthy, Route 53 answers the primary.

locals {
  hosts = { primary = var.primary_host, secondary = var.secondary_host }
}

resource "aws_route53_health_check" "this" {
  provider = aws.primary
  for_each = local.hosts

  # The checkers are outside of the VPC and speak HTTPS with the host's own name.
  type              = "HTTPS"
  fqdn              = each.value
  port              = 443
  enable_sni        = true
  resource_path     = var.health_path
  request_interval  = var.check_interval_seconds
  failure_threshold = var.failure_threshold

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_route53_record" "this" {
  provider = aws.primary
  for_each = local.hosts

  zone_id         = var.zone_id
  name            = var.host
  type            = "CNAME"
  ttl             = var.ttl_seconds
  records         = [each.value]
  set_identifier  = each.key
  health_check_id = aws_route53_health_check.this[each.key].id

  failover_routing_policy {
    type = upper(each.key)
  }
}
