# A probe in a third Region. When Osaka cannot reach Seoul, it says whether Seoul is dead or only out of Osaka's reach.

locals {
  # One, or none.
  witness = var.witness_region == null ? {} : { (var.witness_region) = var.witness_cidr }
}

module "witness_network" {
  source    = "../../../modules/witness_network"
  for_each  = local.witness
  providers = { aws = aws.witness, aws.primary = aws.seoul, aws.secondary = aws.osaka }

  name      = "${var.name}-witness"
  cidr      = each.value
  primary   = var.networks.seoul
  secondary = var.networks.osaka
  zone_id   = var.zone_id
}

module "witness" {
  source    = "../../../modules/probe"
  for_each  = local.witness
  providers = { aws = aws.witness }

  package_directory    = var.package_directory
  architecture         = var.architecture
  reserved_concurrency = local.concurrency
  databases            = local.probed
  vpc_id               = module.witness_network[each.key].vpc_id
  subnet_ids           = module.witness_network[each.key].subnet_ids
  database_cidrs       = { seoul = var.networks.seoul.cidr, osaka = var.networks.osaka.cidr }
  alarm_actions        = [aws_sns_topic.witness[each.key].arn]
  event_bus_arns       = { seoul = var.responders.seoul.event_bus_arn, osaka = var.responders.osaka.event_bus_arn }
}

# An alarm tells a topic of its own Region only.
resource "aws_sns_topic" "witness" {
  # checkov:skip=CKV_AWS_26:Alarms cannot publish to a topic that is encrypted with AWS's own key, and a message names no more than an alarm and a database.
  provider = aws.witness
  for_each = local.witness

  name         = "${var.name}-witness-alerts"
  display_name = "failover-responder's witness in ${each.key}"
}

resource "aws_sns_topic_subscription" "witness" {
  provider = aws.witness
  for_each = var.witness_region == null ? [] : var.alert_emails

  topic_arn = one(values(aws_sns_topic.witness)).arn
  protocol  = "email"
  endpoint  = each.value
}
