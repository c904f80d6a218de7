# Alarms on our own failure. They tell people, through the topic; nothing fails over because of them.

locals {
  # On the whole Region. Metrics without dimensions are the sum over all databases.
  own_alarms = {
    no-heartbeat = {
      description = "No pass has ended for five minutes in ${local.region}: nothing follows the writer here. See whether follow is invoked, and its log."
      namespace   = "FailoverResponder", metric = "PassDuration", dimensions = {}
      statistic   = "SampleCount", comparison = "LessThanThreshold", threshold = 1, periods = 5, missing = "breaching"
    }
    channel-failures = {
      description = "A record or a parameter could not be published for five minutes. The log names the channel; a dead peer Region counts too."
      namespace   = "FailoverResponder", metric = "ChannelFailures", dimensions = {}
      statistic   = "Sum", comparison = "GreaterThanThreshold", threshold = 0, periods = 5, missing = "notBreaching"
    }
  }

  # Where no alarm may do anything, none has to be read.
  look_alarms = !local.may_fail_over ? {} : {
    alarms-unread = {
      description = "Nobody has read the health alarms for five minutes in ${local.region}: an outage would start nothing from here. See whether failover is invoked, and its log."
      namespace   = "FailoverResponder", metric = "AlarmsRead", dimensions = {}
      statistic   = "Sum", comparison = "LessThanThreshold", threshold = 1, periods = 5, missing = "breaching"
    }
  }

  function_alarms = merge([for function in keys(local.functions) : {
    "${function}-errors" = {
      description = "${function} failed: the record or this Region's parameter could not be published, or the function itself is broken. Its answer is in the error's message."
      namespace   = "AWS/Lambda", metric = "Errors", dimensions = { FunctionName = "${var.name}-${function}" }
      statistic   = "Sum", comparison = "GreaterThanThreshold", threshold = 0, periods = 1, missing = "notBreaching"
    }
  }]...)

  queue_alarms = merge([for function in keys(local.asynchronous) : {
    "${function}-dead-letters" = {
      description = "An event or an invocation of ${function} was given up. It waits in the queue ${var.name}-${function}-failures."
      namespace   = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = "${var.name}-${function}-failures" }
      statistic   = "Maximum", comparison = "GreaterThanThreshold", threshold = 0, periods = 1, missing = "notBreaching"
    }
  }]...)

  # Of each database, by name; of a fleet over all of them, by the metrics without dimensions: the log names the database.
  watched = local.is_fleet ? { any = { who = "some database", dimensions = {}, lasting = "Maximum" } } : {
    for database in keys(var.databases) : database => { who = database, dimensions = { Database = database }, lasting = "Minimum" }
  }
  database_alarms = merge([for key, database in local.watched : {
    "${key}-drift" = {
      description = "What clients of ${database.who} resolve has not been its writer for three minutes, and no transition explains it."
      namespace   = "FailoverResponder", metric = "EndpointDrift", dimensions = database.dimensions
      statistic   = database.lasting, comparison = "GreaterThanThreshold", threshold = 0, periods = 3, missing = "notBreaching"
    }
    "${key}-conflict" = {
      description = "Two Regions claim the writer of ${database.who}. Nothing moves until somebody looks: compare both clusters, then declare the writer with the drill function."
      namespace   = "FailoverResponder", metric = "WriterConflict", dimensions = database.dimensions
      statistic   = "Maximum", comparison = "GreaterThanThreshold", threshold = 0, periods = 1, missing = "notBreaching"
    }
    "${key}-no-standby" = {
      description = "${database.who} has had no Region to fail over to for fifteen minutes."
      namespace   = "FailoverResponder", metric = "NoStandby", dimensions = database.dimensions
      statistic   = database.lasting, comparison = "GreaterThanThreshold", threshold = 0, periods = 15, missing = "notBreaching"
    }
  }]...)

  # Of a look ahead each half hour. A window of 40 minutes has one of them at least, also where a tick comes late, so that two
  # windows of 0 are two looks that say no, and one look that says yes ends it. The Region that holds the writer has nothing to be
  # ready for and sends nothing; nor does one whose alarms are in ALARM. That nobody looks at all is the alarm alarms-unread.
  ready_alarms = !local.may_fail_over ? {} : merge([for key, database in local.watched : {
    "${key}-not-ready" = {
      description = "Were the alarms of ${database.who} to fire now, no failover to ${local.region} would start: two looks, half an hour apart, say no or do not know. failoverctl status says what stands in the way, and so does the log of failover."
      namespace   = "FailoverResponder", metric = "Ready", dimensions = database.dimensions
      statistic   = "Minimum", comparison = "LessThanThreshold", threshold = 1, periods = 2, missing = "notBreaching", period = 2400
    }
  } if try(var.databases[key].failover.mode, "advise") != "off"]...)

  alarms = merge(local.own_alarms, local.look_alarms, local.function_alarms, local.queue_alarms, local.database_alarms, local.ready_alarms)
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = try(each.value.period, 60)
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [local.topic_arn]
  ok_actions          = [local.topic_arn]
}
