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

  # What is not set is no field, rather than one with null or with nothing in it.
  failover = { for field, value in merge(var.failover, {
    writer_alarms = length(var.failover.writer_alarms) > 0 ? var.failover.writer_alarms : null
    targets       = length(var.failover.targets) > 0 ? var.failover.targets : null
    topic_arns    = length(var.failover.topic_arns) > 0 ? var.failover.topic_arns : null
  }) : field => value if value != null }
  optional = { for field, value in {
    endpoints    = length(var.endpoints) > 0 ? var.endpoints : null
    probe        = length(var.probe) > 0 ? var.probe : null
    min_capacity = var.min_capacity
  } : field => value if value != null }
  # The fields that form 1 does not have.
  is_of_form_2 = length(local.optional) + length(setintersection(keys(local.failover), ["writer_alarms", "unknown_lag", "targets", "topic_arns"])) > 0
  format       = var.format != null ? var.format : local.is_of_form_2 ? 2 : null

  configuration = merge(local.format == null ? {} : { format = local.format }, local.optional, {
    global_cluster = var.global_cluster
    members        = local.members
    record         = { zone_id = aws_route53_zone.this.zone_id, name = local.record_name, ttl_seconds = var.ttl_seconds }
    parameter      = var.parameter
    settle_seconds = var.settle_seconds
    # The record below is ours from the beginning, so there is nothing to adopt.
    adopt    = false
    failover = local.failover
  })
  first = terraform_data.first.output
}

# The first publication, kept: the same text goes into the record and into both states, and a state that has to be made
# again later says honestly that it is of epoch 1, so that the functions repair it.
resource "terraform_data" "first" {
  input = {
    epoch    = 1
    writer   = local.regions[var.first_writer]
    endpoint = lookup(var.endpoints, local.regions[var.first_writer], var.first_writer == "primary" ? var.primary.endpoint : var.secondary.endpoint)
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
    precondition {
      condition     = length(var.endpoints) == 0 || toset(keys(var.endpoints)) == toset(values(local.regions))
      error_message = "endpoints has one name for each member's Region, or none."
    }
    precondition {
      condition     = alltrue([for region in var.failover.targets : contains(values(local.regions), region)]) && length(distinct(var.failover.targets)) == length(var.failover.targets)
      error_message = "failover.targets has Regions with a member, each once."
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
