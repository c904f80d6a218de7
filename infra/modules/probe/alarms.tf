# Two alarms a database. One says that the writer takes no writes: a writer alarm, by which failovers may be started. The other
# says that nobody knows: it tells people, and starts nothing.

resource "aws_cloudwatch_metric_alarm" "writer" {
  for_each = var.databases

  alarm_name        = "${var.name}-${each.key}-writer"
  alarm_description = "Seen from ${local.region}, the writer of ${each.key} has taken no write for 30 seconds."
  namespace         = "FailoverResponder"
  metric_name       = "WriterWritable"
  dimensions        = { Database = each.key }
  # Two invocations overlap. A write that one of them made is a write.
  statistic           = "Maximum"
  period              = 10
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  # A schedule that comes late, a deployment, or a probe that may not log in is no outage.
  treat_missing_data = "missing"
  alarm_actions      = var.alarm_actions
  ok_actions         = var.alarm_actions
}

resource "aws_cloudwatch_metric_alarm" "unprobed" {
  for_each = var.databases

  alarm_name          = "${var.name}-${each.key}-unprobed"
  alarm_description   = "Nobody in ${local.region} could say for five minutes whether the writer of ${each.key} takes writes, and its writer alarm here says nothing. See whether ${local.function} is invoked, and its log: it names what its own means lack."
  namespace           = "FailoverResponder"
  metric_name         = "WriterWritable"
  dimensions          = { Database = each.key }
  statistic           = "SampleCount"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
}

# An alarm's own action cannot reach another Region; an event can, over the buses. Without it the responders of other Regions
# read this alarm with their next tick, up to a minute later.
locals {
  # As many rules, roles and so on as are needed: one or none.
  forwarded = length(var.event_bus_arns) > 0 ? { forward = "${local.function}-alarms" } : {}
}

resource "aws_cloudwatch_event_rule" "forward" {
  for_each = local.forwarded

  name        = each.value
  description = "Writer alarms of ${local.region}, for the responders of other Regions"
  event_pattern = jsonencode({
    source      = ["aws.cloudwatch"]
    detail-type = ["CloudWatch Alarm State Change"]
    # A pattern has at most 2,048 characters: this one does not grow with the databases.
    resources = [{ wildcard = "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:${var.name}-*-writer" }]
  })
}

resource "aws_cloudwatch_event_target" "forward" {
  for_each = var.event_bus_arns

  rule     = aws_cloudwatch_event_rule.forward["forward"].name
  arn      = each.value
  role_arn = aws_iam_role.forward["forward"].arn
}

resource "aws_iam_role" "forward" {
  for_each = local.forwarded

  name = "${each.value}-${local.region}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "forward" {
  for_each = local.forwarded

  name = "forward"
  role = aws_iam_role.forward[each.key].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "events:PutEvents", Resource = values(var.event_bus_arns) }]
  })
}
