# What wakes the functions. An event is a hint: whatever wakes `follow`, it looks at everything.

locals {
  # By number alone: documents and wire spell the categories differently, and messages change.
  event_ids = formatlist("RDS-EVENT-%s", [
    "0069", "0070", "0071", "0072", "0073",                 # failover within a Region
    "0181", "0182", "0183", "0184", "0185", "0186", "0187", # switchover
    "0423",                                                 # switchover: waiting for synchronization
    "0238", "0239", "0240", "0241", "0519",                 # failover of the global cluster
    "0228", "0385", "0397",                                 # detached; topology changed; global endpoint moved
    "0390", "0391",                                         # instances: the old writer was fenced, or was not
  ])
  rules = { for name, rule in merge({
    # Not narrowed to the member clusters. Instance events name an instance, identifiers come with and without
    # "rds:", and no captured event of a global transition is public to tell more. An event too many costs one pass
    # that changes nothing; one too few costs up to a minute of writes.
    rds = {
      function    = "follow"
      description = "RDS says that a writer may have moved"
      pattern = {
        source      = ["aws.rds"]
        detail-type = ["RDS DB Cluster Event", "RDS DB Instance Event"]
        detail      = { EventID = local.event_ids }
      }
      schedule = null
    }
    # RDS events are best effort. This one is what is relied on, and what repairs a drift.
    schedule = {
      function    = "follow"
      description = "Look once a minute, whatever events say"
      pattern     = null
      schedule    = "rate(1 minute)"
    }
    # An alarm's action fires once, at the worst moment to be certain of anything. What the alarms say is read anew each
    # minute, so that a lost event, a throttled call or a hold that is lifted delays a failover and never forgets it.
    failover-schedule = {
      function    = "failover"
      description = "Read the health alarms once a minute, whatever events say"
      pattern     = null
      schedule    = "rate(1 minute)"
    }
    }, { for index, alarms in local.alarm_groups : index == 0 ? "alarms" : "alarms-${index + 1}" => {
      # Also for alarms of other Regions, whose direct action cannot reach this one: their Region forwards the event to
      # this Region's bus. Delivered at least once; a second time changes nothing.
      function    = "failover"
      description = "A health alarm or a writer alarm changed"
      pattern = {
        source      = ["aws.cloudwatch"]
        detail-type = ["CloudWatch Alarm State Change"]
        # By name, or by how a fleet's names begin. Texts and objects are no one type to Terraform, and JSON to EventBridge.
        resources = jsondecode(local.is_fleet ? jsonencode([for arn in alarms : { prefix = trimsuffix(arn, "*") }]) : jsonencode(alarms))
      }
      schedule = null
  } }) : name => rule if contains(keys(local.functions), rule.function) }
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.rules

  name                = "${var.name}-${each.key}"
  description         = each.value.description
  event_pattern       = each.value.pattern == null ? null : jsonencode(each.value.pattern)
  schedule_expression = each.value.schedule
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.rules

  rule = aws_cloudwatch_event_rule.this[each.key].name
  arn  = aws_lambda_function.this[each.value.function].arn

  retry_policy {
    # A tick that could not be delivered in time is replaced by the next one.
    maximum_event_age_in_seconds = each.value.schedule != null ? 60 : 3600
    maximum_retry_attempts       = each.value.schedule != null ? 1 : 185
  }

  dead_letter_config {
    arn = aws_sqs_queue.this[each.value.function].arn
  }
}

resource "aws_lambda_permission" "rule" {
  for_each = local.rules

  statement_id   = "rule-${each.key}"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this[each.value.function].function_name
  principal      = "events.amazonaws.com"
  source_account = local.account
  source_arn     = aws_cloudwatch_event_rule.this[each.key].arn
}

# An alarm of this Region names the function as its action (the output alarm_action_arn); a fleet's by the beginning of its
# name. The keys are places in the list, because the ARNs of alarms that are made in the same apply are not known to the plan.
resource "aws_lambda_permission" "alarm" {
  for_each = { for index, arn in local.waking_alarms : tostring(index) => arn if contains(keys(local.functions), "failover") }

  statement_id   = "alarm-${each.key}"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this["failover"].function_name
  principal      = "lambda.alarms.cloudwatch.amazonaws.com"
  source_account = local.account
  source_arn     = each.value
}
