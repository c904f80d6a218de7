# What rings, and who hears of it.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_directory = "does-not-exist"
  vpc_id            = "vpc-seoul"
  subnet_ids        = ["subnet-1", "subnet-2"]
  database_cidrs    = { all = "10.0.0.0/8" }
  alarm_actions     = ["arn:aws:sns:ap-northeast-2:123456789012:failover-responder-alerts"]
  databases = { for name in ["todo", "orders"] : name => {
    record = "writer.db.${name}.internal"
    members = {
      ap-northeast-2 = { endpoint = "${name}-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com", resource_id = "cluster-SEOUL" }
      ap-northeast-3 = { endpoint = "${name}-osaka.cluster-def.ap-northeast-3.rds.amazonaws.com", resource_id = "cluster-OSAKA" }
    }
  } }
}

run "a_writer_that_takes_no_writes" {
  assert {
    condition     = [for alarm in values(aws_cloudwatch_metric_alarm.writer) : alarm.alarm_name] == ["failover-responder-orders-writer", "failover-responder-todo-writer"]
    error_message = "one a database, to be known by its name"
  }
  assert {
    condition = alltrue([for database, alarm in aws_cloudwatch_metric_alarm.writer :
      alarm.namespace == "FailoverResponder" && alarm.metric_name == "WriterWritable" && alarm.dimensions == tomap({ Database = database })
      && alarm.statistic == "Maximum" && alarm.comparison_operator == "LessThanThreshold"
      && [alarm.threshold, alarm.period, alarm.evaluation_periods, alarm.datapoints_to_alarm] == [1, 10, 3, 3]
    ])
    error_message = "no write in any of three times ten seconds"
  }
  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.writer) : alarm.treat_missing_data == "missing"])
    error_message = "no word is no outage"
  }
  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.writer) : alarm.alarm_actions == toset(var.alarm_actions) && alarm.ok_actions == toset(var.alarm_actions)])
    error_message = "people hear of both"
  }
  assert {
    condition     = keys(output.writer_alarm_arns) == ["orders", "todo"]
    error_message = "by database"
  }
}

run "nobody_looks" {
  assert {
    condition     = [for alarm in values(aws_cloudwatch_metric_alarm.unprobed) : alarm.alarm_name] == ["failover-responder-orders-unprobed", "failover-responder-todo-unprobed"]
    error_message = "another one a database"
  }
  assert {
    condition = alltrue([for database, alarm in aws_cloudwatch_metric_alarm.unprobed :
      alarm.metric_name == "WriterWritable" && alarm.dimensions == tomap({ Database = database }) && alarm.statistic == "SampleCount"
      && alarm.comparison_operator == "LessThanThreshold" && alarm.treat_missing_data == "breaching" && alarm.alarm_actions == toset(var.alarm_actions)
      && [alarm.threshold, alarm.period, alarm.evaluation_periods, alarm.datapoints_to_alarm] == [1, 60, 5, 5]
    ])
    error_message = "five minutes without a word are an alarm"
  }
}

run "without_another_region_nothing_is_forwarded" {
  assert {
    condition     = length(aws_cloudwatch_event_rule.forward) + length(aws_iam_role.forward) + length(aws_cloudwatch_event_target.forward) + length(aws_iam_role_policy.forward) == 0
    error_message = "the own Region's bus has the event by itself"
  }
}

run "the_responders_of_other_regions_hear_of_it" {
  variables {
    event_bus_arns = {
      osaka = "arn:aws:events:ap-northeast-3:123456789012:event-bus/default"
      tokyo = "arn:aws:events:ap-northeast-1:123456789012:event-bus/default"
    }
  }
  assert {
    condition     = tomap({ for key, target in aws_cloudwatch_event_target.forward : key => target.arn }) == var.event_bus_arns
    error_message = "over their buses"
  }
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.forward["forward"].event_pattern) == {
      source      = ["aws.cloudwatch"]
      detail-type = ["CloudWatch Alarm State Change"]
      resources   = [{ wildcard = "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:failover-responder-*-writer" }]
    }
    error_message = "of the writer alarms and no other one"
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.forward["forward"].policy).Statement[0] == { Action = "events:PutEvents", Effect = "Allow", Resource = [var.event_bus_arns.osaka, var.event_bus_arns.tokyo] }
    error_message = "with a role that can do just that"
  }
}
