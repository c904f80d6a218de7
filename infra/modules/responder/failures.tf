# What failed, and whom it is told: dead letters, and a topic for people.

locals {
  # What becomes of an event that waits or fails.
  asynchronous = { for name, it in {
    # Two more tries, after one and two minutes. An event that had to wait for longer than an hour is history: the
    # schedule has looked sixty times since.
    follow = { retries = 2, age_seconds = 3600 }
    # None: the next tick looks anyway, and an old alarm that is tried again would decide beside it. 60 s is the least
    # that Lambda has.
    failover = { retries = 0, age_seconds = 60 }
    # Somebody who does not wait for the answer gets one try, within a minute: a failover that was refused must never run
    # hours later, when a slot is free again.
    drill = { retries = 0, age_seconds = 60 }
  } : name => it if contains(keys(local.functions), name) }
}

resource "aws_sqs_queue" "this" {
  for_each = local.asynchronous

  name                      = "${var.name}-${each.key}-failures"
  message_retention_seconds = 1209600
  # Encrypted by SQS itself: with a key of ours, a mistake in its policy would lose exactly what must not be lost.
  sqs_managed_sse_enabled = true
}

# EventBridge puts an event here that it could not deliver within its retries.
resource "aws_sqs_queue_policy" "this" {
  for_each = local.asynchronous

  queue_url = aws_sqs_queue.this[each.key].url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "UndeliveredEvents"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.this[each.key].arn
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account }
          ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:events:${local.region}:${local.account}:rule/${var.name}-*" }
        }
      },
      {
        Sid       = "OnlyEncrypted"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.this[each.key].arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

# What was given up goes to the queue, with the function's answer where there is one.
resource "aws_lambda_function_event_invoke_config" "this" {
  for_each = local.asynchronous

  function_name                = aws_lambda_function.this[each.key].function_name
  maximum_retry_attempts       = each.value.retries
  maximum_event_age_in_seconds = each.value.age_seconds

  destination_config {
    on_failure {
      destination = aws_sqs_queue.this[each.key].arn
    }
  }
}

locals {
  topic_arn = var.topic_arn == null ? one(aws_sns_topic.this[*].arn) : var.topic_arn
}

resource "aws_sns_topic" "this" {
  count = var.topic_arn == null ? 1 : 0

  name              = "${var.name}-alerts"
  display_name      = "failover-responder in ${local.region}"
  kms_master_key_id = local.key_arn
}

resource "aws_sns_topic_policy" "this" {
  count = length(aws_sns_topic.this)

  arn = local.topic_arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Alarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.topic_arn
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
      {
        # Without this the functions of the other Region, whose advice goes here as well, would still be allowed by
        # their role; it is what AWS's default policy says, kept.
        Sid       = "Account"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
        Action    = ["sns:Publish", "sns:Subscribe", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"]
        Resource  = local.topic_arn
      },
    ]
  })
}
