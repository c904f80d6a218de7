# One certificate a Region, both of the same names: the load balancer answers to the users' host and to its own.

resource "aws_acm_certificate" "primary" {
  provider = aws.primary

  domain_name               = var.host
  subject_alternative_names = values(local.hosts)
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_acm_certificate" "secondary" {
  provider = aws.secondary

  domain_name               = var.host
  subject_alternative_names = values(local.hosts)
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

# An account's certificates of one name are proven by one and the same record, in each Region.
resource "aws_route53_record" "proof" {
  provider = aws.primary
  for_each = { for option in aws_acm_certificate.primary.domain_validation_options : option.domain_name => option }

  zone_id = var.zone_id
  name    = each.value.resource_record_name
  type    = each.value.resource_record_type
  ttl     = 300
  records = [each.value.resource_record_value]
}

resource "aws_acm_certificate_validation" "primary" {
  provider = aws.primary

  certificate_arn         = aws_acm_certificate.primary.arn
  validation_record_fqdns = [for record in aws_route53_record.proof : record.fqdn]
}

resource "aws_acm_certificate_validation" "secondary" {
  provider = aws.secondary

  certificate_arn         = aws_acm_certificate.secondary.arn
  validation_record_fqdns = [for record in aws_route53_record.proof : record.fqdn]
}
