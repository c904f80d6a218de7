mock_provider "aws" {
  alias  = "primary"
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "secondary"
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests/mocks"
}

variables {
  name           = "todo"
  zone_id        = "Z0123456789"
  host           = "todo.example.com"
  primary_host   = "seoul.todo.example.com"
  secondary_host = "osaka.todo.example.com"
  event_bus_arns = {
    seoul = "arn:aws:events:ap-northeast-2:123456789012:event-bus/default"
    osaka = "arn:aws:events:ap-northeast-3:123456789012:event-bus/default"
  }
}

# The certificates first: the names of their proofs are known only then, and a mock knows them never before.
run "certificates" {
  plan_options {
    target = [aws_acm_certificate.primary]
  }
}

run "the_primary_is_answered_while_it_is_healthy" {
  assert {
    condition = ({ for key, record in aws_route53_record.this : record.failover_routing_policy[0].type => one(record.records) }
    == { PRIMARY = "seoul.todo.example.com", SECONDARY = "osaka.todo.example.com" })
    error_message = "Seoul, else Osaka"
  }
  assert {
    condition = alltrue([for key, record in aws_route53_record.this :
      record.name == "todo.example.com" && record.type == "CNAME" && record.health_check_id == aws_route53_health_check.this[key].id
    ])
    error_message = "both under the same name, each with its own health check"
  }
}

run "health_is_checked_over_https_three_times" {
  assert {
    condition = alltrue([for check in values(aws_route53_health_check.this) :
      check.type == "HTTPS" && check.enable_sni && check.port == 443 && check.resource_path == "/readyz" && check.failure_threshold == 3 && check.request_interval == 10
    ])
    error_message = "three failures of /readyz, ten seconds apart"
  }
}

run "alarms_are_forwarded_to_the_responders" {
  assert {
    condition     = tomap({ for key, target in aws_cloudwatch_event_target.this : key => target.arn }) == var.event_bus_arns
    error_message = "to both Regions' buses"
  }
  assert {
    condition     = alltrue([for key, policy in aws_iam_role_policy.forward : jsondecode(policy.policy).Statement[0] == { Action = "events:PutEvents", Effect = "Allow", Resource = var.event_bus_arns[key] }])
    error_message = "with a role that can do just that"
  }
  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : alarm.treat_missing_data == "ignore"])
    error_message = "a late metric is not a dead application"
  }
}

run "what_a_bus_does_not_take_is_kept_and_told" {
  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.this : target.dead_letter_config[0].arn == aws_sqs_queue.undelivered.arn])
    error_message = "both targets have a queue for it"
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_policy.undelivered.policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == aws_cloudwatch_event_rule.this.arn
    error_message = "the rule may put it there, and nobody else"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.undelivered.dimensions.QueueName == "todo-health-alarms-undelivered" && aws_cloudwatch_metric_alarm.undelivered.treat_missing_data == "notBreaching"
    error_message = "an empty queue has no datapoints, and is well"
  }
}

run "both_regions_have_a_certificate" {
  assert {
    condition     = aws_acm_certificate.primary.subject_alternative_names == aws_acm_certificate.secondary.subject_alternative_names && length(aws_route53_record.proof) == 3
    error_message = "of the same names, proven once"
  }
}

run "one_host_twice" {
  command = plan
  variables { secondary_host = "seoul.todo.example.com" }
  expect_failures = [var.secondary_host]
}

run "an_interval_that_route_53_does_not_have" {
  command = plan
  variables { check_interval_seconds = 15 }
  expect_failures = [var.check_interval_seconds]
}

run "a_topic_of_another_region" {
  command = plan
  variables { alarm_actions = ["arn:aws:sns:ap-northeast-2:123456789012:alerts"] }
  expect_failures = [var.alarm_actions]
}
