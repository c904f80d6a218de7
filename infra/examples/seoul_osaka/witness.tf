# A probe in a third Region. When Osaka cannot reach Seoul, it says whether Seoul is dead or only out of Osaka's reach.

module "witness_network" {
  source    = "../../modules/witness_network"
  count     = var.witness_region == null ? 0 : 1
  providers = { aws = aws.witness, aws.primary = aws.seoul, aws.secondary = aws.osaka }

  name      = "${var.name}-witness"
  cidr      = var.witness_cidr
  primary   = module.network.primary
  secondary = module.network.secondary
  zone_id   = module.writer_endpoint.zone_id
}

module "probe_witness" {
  source    = "../../modules/probe"
  count     = var.witness_region == null ? 0 : 1
  providers = { aws = aws.witness }

  package_directory    = var.package_directory
  architecture         = var.architecture
  reserved_concurrency = local.probe_concurrency
  databases            = local.probed
  vpc_id               = module.witness_network[0].vpc_id
  subnet_ids           = module.witness_network[0].subnet_ids
  database_cidrs       = { seoul = module.network.primary.cidr, osaka = module.network.secondary.cidr }
  alarm_actions        = [for topic in aws_sns_topic.witness : topic.arn]
  event_bus_arns       = { seoul = module.responder_seoul.event_bus_arn, osaka = module.responder_osaka.event_bus_arn }
}

# An alarm tells a topic of its own Region only. What a writer alarm says is in the messages of Seoul and Osaka; this is for the
# alarm on a witness that says nothing.
resource "aws_sns_topic" "witness" {
  # checkov:skip=CKV_AWS_26:Alarms cannot publish to a topic that is encrypted with AWS's own key, and a key of ours costs more than the message is worth: it names an alarm and a database.
  provider = aws.witness
  count    = var.witness_region == null ? 0 : 1

  name         = "${var.name}-witness-alerts"
  display_name = "failover-responder's witness in ${coalesce(var.witness_region, "no Region")}"
}

resource "aws_sns_topic_subscription" "witness" {
  provider = aws.witness
  for_each = var.witness_region == null ? [] : var.alert_emails

  topic_arn = aws_sns_topic.witness[0].arn
  protocol  = "email"
  endpoint  = each.value
}
