# The responder of Seoul, with one database.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_directory = "./tests/packages"
  databases = {
    todo = {
      global_cluster = "todo"
      members = {
        ap-northeast-2 = "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul"
        ap-northeast-3 = "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"
      }
      record    = { zone_id = "Z0123456789", name = "writer.db.todo.internal" }
      parameter = "/todo/database/writer"
      failover = {
        health_alarms = ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo-unready", "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:todo-writer"]
        topic_arn     = "arn:aws:sns:ap-northeast-3:123456789012:failover-responder-alerts"
      }
    }
  }
}

run "functions" {
  variables { reserve_concurrency = true }
  assert {
    condition = alltrue([for function in values(aws_lambda_function.this) :
      function.runtime == "provided.al2023" && function.architectures == tolist(["arm64"]) && function.memory_size == 256
      && function.environment[0].variables == tomap({ PARAMETER_PREFIX = "/failover-responder", RUST_LOG = "info" })
    ])
    error_message = "each function is an arm64 bootstrap with its two variables"
  }
  assert {
    condition = ({ for name, function in aws_lambda_function.this : name => function.reserved_concurrent_executions }
    == { follow = 5, failover = 5, drill = 3 })
    error_message = "beside what watches a transition there is room for a look, a hold and a status"
  }
  assert {
    condition     = aws_lambda_function.this["failover"].timeout == 900
    error_message = "a failover that was started is watched for as long as Lambda allows"
  }
  assert {
    condition     = aws_lambda_function.this["failover"].filename == "./tests/packages/failover-arm64.zip"
    error_message = "packages are named after function and architecture"
  }
  assert {
    condition     = alltrue([for group in values(aws_cloudwatch_log_group.this) : group.retention_in_days == 365 && group.kms_key_id == aws_kms_key.this[0].arn])
    error_message = "logs are kept for a year, encrypted with our key"
  }
}

run "what_failed_is_kept_and_told" {
  assert {
    condition     = keys(aws_sqs_queue.this) == ["drill", "failover", "follow"] && alltrue([for queue in values(aws_sqs_queue.this) : queue.sqs_managed_sse_enabled])
    error_message = "asynchronous functions have an encrypted queue each"
  }
  assert {
    condition = alltrue([for function, config in aws_lambda_function_event_invoke_config.this :
      config.destination_config[0].on_failure[0].destination == aws_sqs_queue.this[function].arn
    ])
    error_message = "a failed invocation goes to the function's queue"
  }
  assert {
    condition = ({ for function, config in aws_lambda_function_event_invoke_config.this :
      function => [config.maximum_event_age_in_seconds, config.maximum_retry_attempts]
    } == { drill = [60, 0], failover = [60, 0], follow = [3600, 2] })
    error_message = "an alarm and a request wait for a minute at most and are not tried again: what was refused never runs hours later"
  }
  assert {
    condition = keys(aws_cloudwatch_metric_alarm.this) == [
      "channel-failures", "drill-dead-letters", "drill-errors", "failover-dead-letters", "failover-errors", "follow-dead-letters",
      "follow-errors", "no-heartbeat", "todo-conflict", "todo-drift", "todo-no-standby",
    ]
    error_message = "errors, dead letters, drift, conflict, no heartbeat, no standby"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["no-heartbeat"].treat_missing_data == "breaching"
    error_message = "silence is the alarm"
  }
  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : alarm.alarm_actions == toset([aws_sns_topic.this[0].arn])])
    error_message = "each alarm tells people"
  }
  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets) == 5
    error_message = "alarms, two widgets a database, passes, invocations"
  }
}

run "somebody_reads_the_alarms" {
  variables {
    databases = { todo = merge(var.databases.todo, { failover = merge(var.databases.todo.failover, { mode = "advise" }) }) }
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 13 && aws_cloudwatch_metric_alarm.this["alarms-unread"].treat_missing_data == "breaching"
    error_message = "where an alarm may do something, silence about the alarms is an alarm"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["alarms-unread"].metric_name == "AlarmsRead" && length(aws_cloudwatch_metric_alarm.this["alarms-unread"].dimensions) == 0
    error_message = "over all databases, as the metric without dimensions"
  }
  assert {
    condition = ([for setting in ["period", "evaluation_periods", "datapoints_to_alarm", "threshold"] : aws_cloudwatch_metric_alarm.this["alarms-unread"][setting]] == [60, 5, 5, 1]
    && aws_cloudwatch_metric_alarm.this["alarms-unread"].comparison_operator == "LessThanThreshold")
    error_message = "none in five minutes"
  }
}

run "two_looks_ahead_that_say_no_are_an_alarm" {
  variables {
    databases = { todo = merge(var.databases.todo, { failover = merge(var.databases.todo.failover, { mode = "automatic" }) }) }
  }
  assert {
    condition = ([for setting in ["metric_name", "statistic", "comparison_operator", "treat_missing_data"] : aws_cloudwatch_metric_alarm.this["todo-not-ready"][setting]]
    == ["Ready", "Minimum", "LessThanThreshold", "notBreaching"] && aws_cloudwatch_metric_alarm.this["todo-not-ready"].dimensions == tomap({ Database = "todo" }))
    error_message = "of this database; the Region that holds the writer sends nothing, and that is no alarm"
  }
  assert {
    condition     = [for setting in ["period", "evaluation_periods", "datapoints_to_alarm", "threshold"] : aws_cloudwatch_metric_alarm.this["todo-not-ready"][setting]] == [2400, 2, 2, 1]
    error_message = "a look comes each half hour: 40 minutes have one at least, and two looks fall into two windows"
  }
}

run "by_default_nothing_is_reserved_because_a_new_account_has_nothing_to_reserve" {
  assert {
    condition     = alltrue([for function in values(aws_lambda_function.this) : function.reserved_concurrent_executions == -1])
    error_message = "nothing is reserved"
  }
}

run "follow_alone" {
  variables { size = "follow" }
  assert {
    condition     = keys(aws_lambda_function.this) == ["follow"] && keys(aws_iam_role.this) == ["follow"] && keys(aws_sqs_queue.this) == ["follow"]
    error_message = "one function, its role and its queue"
  }
  assert {
    condition     = keys(local.rules) == ["rds", "schedule"] && length(aws_lambda_permission.alarm) == 0 && length(aws_cloudwatch_dashboard.this) == 0
    error_message = "nothing wakes what is not there"
  }
  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.this) == ["channel-failures", "follow-dead-letters", "follow-errors", "no-heartbeat", "todo-conflict", "todo-drift", "todo-no-standby"]
    error_message = "what it does is watched as ever"
  }
  assert {
    condition     = output.alarm_action_arn == null && output.dashboard_name == null
    error_message = "an alarm has nobody to name"
  }
}

run "follow_alone_acts_on_no_alarm" {
  command = plan
  variables {
    size      = "follow"
    databases = { todo = merge(var.databases.todo, { failover = merge(var.databases.todo.failover, { mode = "advise" }) }) }
  }
  expect_failures = [var.size]
}

run "a_size_that_there_is_not" {
  command = plan
  variables { size = "drill" }
  expect_failures = [var.size]
}

run "x86_64" {
  variables {
    architecture           = "x86_64"
    follow_timeout_seconds = 300
    follow_concurrency     = 7
  }
  assert {
    condition     = aws_lambda_function.this["drill"].filename == "./tests/packages/drill-x86_64.zip" && aws_lambda_function.this["drill"].architectures == tolist(["x86_64"])
    error_message = "the architecture is a variable"
  }
}

run "a_topic_and_keys_of_the_users" {
  variables {
    topic_arn                = "arn:aws:sns:ap-northeast-2:123456789012:on-call"
    kms_key_arn              = "arn:aws:kms:ap-northeast-2:123456789012:key/of-the-user"
    topic_key_arns           = ["arn:aws:kms:ap-northeast-3:123456789012:key/of-the-user"]
    role_path                = "/platform/"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  }
  assert {
    condition     = length(aws_sns_topic.this) == 0 && length(aws_kms_key.this) == 0 && output.topic_arn == "arn:aws:sns:ap-northeast-2:123456789012:on-call"
    error_message = "none of ours is made"
  }
  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : alarm.alarm_actions == toset(["arn:aws:sns:ap-northeast-2:123456789012:on-call"])])
    error_message = "the alarms tell the user's topic"
  }
  assert {
    condition     = alltrue([for group in values(aws_cloudwatch_log_group.this) : group.kms_key_id == "arn:aws:kms:ap-northeast-2:123456789012:key/of-the-user"])
    error_message = "logs by the user's key"
  }
  assert {
    condition = [for statement in jsondecode(output.policies.follow).Statement : statement.Resource if statement.Sid == "EncryptForTopicsOfTheUser"] == [
      ["arn:aws:kms:ap-northeast-2:123456789012:key/of-the-user", "arn:aws:kms:ap-northeast-3:123456789012:key/of-the-user"]
    ]
    error_message = "the functions may encrypt for them: our own alias would never name them"
  }
  assert {
    condition     = alltrue([for role in values(aws_iam_role.this) : role.path == "/platform/" && role.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary"])
    error_message = "roles as the organisation wants them"
  }
}
