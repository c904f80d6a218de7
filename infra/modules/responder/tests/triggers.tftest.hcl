# What wakes which function.

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
    }
  }
}

run "rds_events_wake_follow" {
  assert {
    condition     = aws_cloudwatch_event_target.this["rds"].arn == aws_lambda_function.this["follow"].arn
    error_message = "RDS events go to follow"
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this["rds"].event_pattern).source == ["aws.rds"]
    error_message = "RDS events only"
  }
  # An identifier or a category would lose events whose form nobody has captured.
  assert {
    condition     = keys(jsondecode(aws_cloudwatch_event_rule.this["rds"].event_pattern).detail) == ["EventID"]
    error_message = "matched by EventID alone"
  }
  assert {
    condition = alltrue([for id in ["0069", "0073", "0181", "0184", "0187", "0423", "0228", "0238", "0241", "0385", "0390", "0391", "0397", "0519"] :
      contains(jsondecode(aws_cloudwatch_event_rule.this["rds"].event_pattern).detail.EventID, "RDS-EVENT-${id}")
    ])
    error_message = "each event after which a writer may have moved"
  }
}

run "the_schedule_wakes_follow_once_a_minute" {
  assert {
    condition     = aws_cloudwatch_event_rule.this["schedule"].schedule_expression == "rate(1 minute)" && aws_cloudwatch_event_target.this["schedule"].arn == aws_lambda_function.this["follow"].arn
    error_message = "once a minute"
  }
  assert {
    condition     = aws_cloudwatch_event_target.this["schedule"].retry_policy[0].maximum_event_age_in_seconds == 60
    error_message = "an old tick is worth nothing"
  }
}

run "the_schedule_wakes_failover_once_a_minute" {
  assert {
    condition     = aws_cloudwatch_event_rule.this["failover-schedule"].schedule_expression == "rate(1 minute)" && aws_cloudwatch_event_target.this["failover-schedule"].arn == aws_lambda_function.this["failover"].arn
    error_message = "once a minute"
  }
  assert {
    condition     = aws_cloudwatch_event_target.this["failover-schedule"].retry_policy[0].maximum_event_age_in_seconds == 60
    error_message = "an old tick is worth nothing"
  }
  assert {
    condition = (aws_lambda_permission.rule["failover-schedule"].function_name == "failover-responder-failover"
    && aws_lambda_permission.rule["failover-schedule"].source_arn == aws_cloudwatch_event_rule.this["failover-schedule"].arn)
    error_message = "the rule may invoke it"
  }
}

run "without_health_alarms_nothing_may_wake_failover_as_an_alarm" {
  assert {
    condition     = length(aws_lambda_permission.alarm) == 0 && jsondecode(aws_cloudwatch_event_rule.this["alarms"].event_pattern).resources == ["none"]
    error_message = "no alarm, no permission"
  }
}

run "health_and_writer_alarms_wake_failover_directly_and_over_the_bus" {
  variables {
    databases = {
      todo = merge(var.databases.todo, {
        failover = {
          health_alarms = ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo-unready"]
          writer_alarms = ["arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:todo-writer"]
        }
      })
    }
  }
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.this["alarms"].event_pattern) == {
      source      = ["aws.cloudwatch"]
      detail-type = ["CloudWatch Alarm State Change"]
      resources   = ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo-unready", "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:todo-writer"]
    }
    error_message = "exactly these alarms, of any Region"
  }
  assert {
    condition = alltrue([for permission in values(aws_lambda_permission.alarm) :
      permission.principal == "lambda.alarms.cloudwatch.amazonaws.com" && permission.source_account == "123456789012"
      && permission.function_name == "failover-responder-failover"
    ]) && tolist([for permission in values(aws_lambda_permission.alarm) : permission.source_arn]) == concat(var.databases.todo.failover.health_alarms, var.databases.todo.failover.writer_alarms)
    error_message = "each alarm may invoke failover, and no other one may"
  }
}

# Names of the greatest length, of the partition whose ARNs are the longest.
run "no_pattern_is_longer_than_eventbridge_takes" {
  variables {
    databases = {
      todo = merge(var.databases.todo, {
        failover = { health_alarms = [for index in range(20) : format("arn:aws-us-gov:cloudwatch:ap-northeast-2:123456789012:alarm:%0255d", index)] }
      })
    }
  }
  assert {
    condition     = alltrue([for rule in values(aws_cloudwatch_event_rule.this) : rule.event_pattern == null ? true : length(rule.event_pattern) <= 2048])
    error_message = "a pattern has at most 2,048 characters"
  }
  assert {
    condition = tolist(flatten([for key in ["alarms", "alarms-2", "alarms-3", "alarms-4"] :
      jsondecode(aws_cloudwatch_event_rule.this[key].event_pattern).resources
    ])) == var.databases.todo.failover.health_alarms
    error_message = "every alarm is in one of the rules"
  }
  assert {
    condition     = alltrue([for key in ["alarms-2", "alarms-4"] : aws_cloudwatch_event_target.this[key].arn == aws_lambda_function.this["failover"].arn && contains(keys(aws_lambda_permission.rule), key)])
    error_message = "each rule wakes failover"
  }
}
