# Route 53's metrics are in us-east-1 and nowhere else, so the alarms are there. With /readyz, both in ALARM means that
# no application reaches the writer: as a database's health_alarms they say together that nobody is served. A bad release
# does that as well, so they are no proof that the database is down.

data "aws_caller_identity" "current" {
  provider = aws.us_east_1
}

resource "aws_cloudwatch_metric_alarm" "this" {
  provider = aws.us_east_1
  for_each = local.hosts

  alarm_name          = "${var.name}-${each.key}-unhealthy"
  alarm_description   = "Route 53's checkers find ${each.value}${var.health_path} unhealthy."
  namespace           = "AWS/Route53"
  metric_name         = "HealthCheckStatus"
  dimensions          = { HealthCheckId = aws_route53_health_check.this[each.key].id }
  statistic           = "Minimum"
  period              = 60
  evaluation_periods  = 2
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  # The metric can be late by minutes. Late is not dead.
  treat_missing_data = "ignore"
  alarm_actions      = var.alarm_actions
  ok_actions         = var.alarm_actions
}

# An alarm's own action cannot reach another Region; an event can, over the buses.
resource "aws_cloudwatch_event_rule" "this" {
  provider = aws.us_east_1

  name        = "${var.name}-health-alarms"
  description = "Health alarms of ${var.name}, for the responders' Regions"
  event_pattern = jsonencode({
    source      = ["aws.cloudwatch"]
    detail-type = ["CloudWatch Alarm State Change"]
    resources   = sort([for alarm in aws_cloudwatch_metric_alarm.this : alarm.arn])
  })
}

resource "aws_cloudwatch_event_target" "this" {
  provider = aws.us_east_1
  for_each = var.event_bus_arns

  rule     = aws_cloudwatch_event_rule.this.name
  arn      = each.value
  role_arn = aws_iam_role.forward.arn

  # What a Region's bus did not take within a day. The schedule looks each minute anyway; this tells that events are lost.
  dead_letter_config {
    arn = aws_sqs_queue.undelivered.arn
  }
}

resource "aws_sqs_queue" "undelivered" {
  provider = aws.us_east_1

  name                      = "${var.name}-health-alarms-undelivered"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue_policy" "undelivered" {
  provider = aws.us_east_1

  queue_url = aws_sqs_queue.undelivered.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "UndeliveredEvents"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.undelivered.arn
        Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.this.arn } }
      },
      {
        Sid       = "OnlyEncrypted"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.undelivered.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_cloudwatch_metric_alarm" "undelivered" {
  provider = aws.us_east_1

  alarm_name          = "${var.name}-health-alarms-undelivered"
  alarm_description   = "A change of a health alarm of ${var.name} did not reach a responder's Region. It waits in the queue of that name."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.undelivered.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
}

resource "aws_iam_role" "forward" {
  provider = aws.us_east_1

  name = "${var.name}-health-alarms"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "forward" {
  provider = aws.us_east_1
  for_each = var.event_bus_arns

  name = each.key
  role = aws_iam_role.forward.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "events:PutEvents", Resource = each.value }]
  })
}
