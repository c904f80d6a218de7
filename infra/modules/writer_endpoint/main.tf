# Where clients find the writer: a record in a private zone of both VPCs, and a parameter in both Regions; and what the
# functions keep beside them. Terraform makes the first publication, of epoch 1. The functions own it from then on.

data "aws_region" "primary" {
  provider = aws.primary
}

data "aws_region" "secondary" {
  provider = aws.secondary
}

locals {
  regions = {
    primary   = data.aws_region.primary.id
    secondary = data.aws_region.secondary.id
  }
  members = {
    (local.regions.primary)   = var.primary.cluster_arn
    (local.regions.secondary) = var.secondary.cluster_arn
  }
  record_name = "${var.record_label}.${var.zone_name}"

  configuration = {
    global_cluster = var.global_cluster
    members        = local.members
    record         = { zone_id = aws_route53_zone.this.zone_id, name = local.record_name, ttl_seconds = var.ttl_seconds }
    parameter      = var.parameter
    settle_seconds = var.settle_seconds
    # The record below is ours from the beginning, so there is nothing to adopt.
    adopt = false
    # Without a topic there is no field, rather than one with null.
    failover = { for field, value in var.failover : field => value if value != null }
  }
  first = terraform_data.first.output
}

# The first publication, kept: the same text goes into the record and into both states, and a state that has to be made
# again later says honestly that it is of epoch 1, so that the functions repair it.
resource "terraform_data" "first" {
  input = {
    epoch    = 1
    writer   = local.regions[var.first_writer]
    endpoint = var.first_writer == "primary" ? var.primary.endpoint : var.secondary.endpoint
    at       = plantimestamp()
  }

  lifecycle {
    ignore_changes = [input]

    precondition {
      condition     = local.regions.primary != local.regions.secondary
      error_message = "The providers aws.primary and aws.secondary are of the same Region."
    }
    precondition {
      condition     = split(":", var.primary.cluster_arn)[3] == local.regions.primary && split(":", var.secondary.cluster_arn)[3] == local.regions.secondary
      error_message = "Each member's cluster_arn is of the Region of its provider."
    }
  }
}

resource "aws_route53_zone" "this" {
  provider = aws.primary

  name    = var.zone_name
  comment = "Where the writer of ${var.name} is. Its records are published by failover-responder."

  vpc {
    vpc_id     = var.primary.vpc_id
    vpc_region = local.regions.primary
  }

  lifecycle {
    # The other VPC is associated below; without this each apply would take it out again.
    ignore_changes = [vpc]
  }
}

resource "aws_route53_zone_association" "secondary" {
  provider = aws.primary

  zone_id    = aws_route53_zone.this.zone_id
  vpc_id     = var.secondary.vpc_id
  vpc_region = local.regions.secondary
}

resource "aws_route53_record" "writer" {
  provider = aws.primary

  zone_id = aws_route53_zone.this.zone_id
  name    = local.record_name
  type    = "CNAME"
  ttl     = var.ttl_seconds
  records = [local.first.endpoint]

  lifecycle {
    # Both are the functions' from the first apply on. Terraform changes a record by UPSERT, behind the fence; a new
    # ttl_seconds goes into the configuration and is published with the next move.
    ignore_changes = [records, ttl]
  }
}

resource "aws_route53_record" "ownership" {
  provider = aws.primary

  zone_id = aws_route53_zone.this.zone_id
  name    = "_failover-responder.${local.record_name}"
  type    = "TXT"
  ttl     = var.ttl_seconds
  records = ["heritage=failover-responder,owner=${var.parameter_prefix},database=${var.name},epoch=${local.first.epoch},writer=${local.first.writer},at=${local.first.at}"]

  lifecycle {
    # As above: this is the fence itself.
    ignore_changes = [records, ttl]
  }
}
