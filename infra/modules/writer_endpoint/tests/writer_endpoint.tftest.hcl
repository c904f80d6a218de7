# The first publication, and what is refused.

mock_provider "aws" {
  alias  = "primary"
  source = "./tests/mocks/seoul"
}

mock_provider "aws" {
  alias  = "secondary"
  source = "./tests/mocks/osaka"
}

variables {
  name           = "todo"
  global_cluster = "todo"
  zone_name      = "db.todo.internal"
  parameter      = "/todo/database/writer"
  primary = {
    cluster_arn = "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul"
    endpoint    = "todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com"
    vpc_id      = "vpc-seoul"
  }
  secondary = {
    cluster_arn = "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"
    endpoint    = "todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com"
    vpc_id      = "vpc-osaka"
  }
}

run "the_first_publication" {
  assert {
    condition     = aws_route53_record.writer.name == "writer.db.todo.internal" && aws_route53_record.writer.records == toset(["todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com"]) && aws_route53_record.writer.ttl == 5
    error_message = "the record is a CNAME to the writer's endpoint"
  }
  # The form that the functions read; an ownership of another form is foreign to them.
  assert {
    condition     = aws_route53_record.ownership.name == "_failover-responder.writer.db.todo.internal" && can(regex("^heritage=failover-responder,owner=/failover-responder,database=todo,epoch=1,writer=ap-northeast-2,at=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", one(aws_route53_record.ownership.records)))
    error_message = "the ownership names the installation, the database, the epoch and the writer"
  }
  assert {
    condition     = strcontains(one(aws_route53_record.ownership.records), "at=${jsondecode(local.parameters.state.value).at}")
    error_message = "the record and the states are of the same publication"
  }
  assert {
    condition     = aws_route53_zone_association.secondary.vpc_id == "vpc-osaka" && aws_route53_zone_association.secondary.vpc_region == "ap-northeast-3"
    error_message = "both VPCs resolve the record"
  }
}

run "the_configuration_is_the_contract" {
  assert {
    condition = jsondecode(local.parameters.configuration.value) == {
      global_cluster = "todo"
      members = {
        ap-northeast-2 = "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul"
        ap-northeast-3 = "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"
      }
      record         = { zone_id = "Z0123456789", name = "writer.db.todo.internal", ttl_seconds = 5 }
      parameter      = "/todo/database/writer"
      settle_seconds = 60
      adopt          = false
      failover       = { mode = "off", health_alarms = [], max_lag_seconds = 5, cooldown_seconds = 3600 }
    }
    error_message = "each field, and no other: the functions refuse unknown ones"
  }
  assert {
    condition     = local.parameters.configuration.name == "/failover-responder/databases/todo" && local.parameters.state.name == "/failover-responder/state/todo"
    error_message = "below the prefix"
  }
}

run "what_is_optional_is_written_where_it_is_set" {
  variables {
    failover = {
      mode          = "automatic"
      health_alarms = ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo-unready"]
      writer_alarms = ["arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo-writer-unreachable"]
      unknown_lag   = "refuse"
      targets       = ["ap-northeast-3", "ap-northeast-2"]
      topic_arns = {
        ap-northeast-2 = "arn:aws:sns:ap-northeast-2:123456789012:todo"
        ap-northeast-3 = "arn:aws:sns:ap-northeast-3:123456789012:todo"
      }
    }
    endpoints    = { ap-northeast-2 = "todo.proxy-abc.ap-northeast-2.rds.amazonaws.com", ap-northeast-3 = "todo.proxy-def.ap-northeast-3.rds.amazonaws.com" }
    probe        = { ap-northeast-2 = "failover-responder-probe", ap-northeast-3 = "failover-responder-probe" }
    min_capacity = 0.5
  }
  assert {
    condition = jsondecode(local.parameters.configuration.value) == merge({
      global_cluster = "todo"
      members = {
        ap-northeast-2 = "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul"
        ap-northeast-3 = "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"
      }
      record         = { zone_id = "Z0123456789", name = "writer.db.todo.internal", ttl_seconds = 5 }
      parameter      = "/todo/database/writer"
      settle_seconds = 60
      adopt          = false
      }, {
      format       = 2
      endpoints    = { ap-northeast-2 = "todo.proxy-abc.ap-northeast-2.rds.amazonaws.com", ap-northeast-3 = "todo.proxy-def.ap-northeast-3.rds.amazonaws.com" }
      probe        = { ap-northeast-2 = "failover-responder-probe", ap-northeast-3 = "failover-responder-probe" }
      min_capacity = 0.5
      failover = {
        mode             = "automatic"
        health_alarms    = ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo-unready"]
        writer_alarms    = ["arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo-writer-unreachable"]
        max_lag_seconds  = 5
        unknown_lag      = "refuse"
        cooldown_seconds = 3600
        targets          = ["ap-northeast-3", "ap-northeast-2"]
        topic_arns       = { ap-northeast-2 = "arn:aws:sns:ap-northeast-2:123456789012:todo", ap-northeast-3 = "arn:aws:sns:ap-northeast-3:123456789012:todo" }
      }
    })
    error_message = "each field at its place, and the form that has them"
  }
}

run "the_form_can_be_asked_for" {
  variables { format = 2 }
  assert {
    condition     = jsondecode(local.parameters.configuration.value).format == 2
    error_message = "also where nothing of it is set"
  }
}

# What ignore_changes is for: the same again with other inputs must leave what the functions own as it is.
run "a_later_apply_fights_over_nothing" {
  variables {
    first_writer = "secondary"
    ttl_seconds  = 30
  }
  assert {
    condition     = aws_route53_record.writer.records == toset(["todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com"]) && aws_route53_record.writer.ttl == 5
    error_message = "the record is the functions'"
  }
  assert {
    condition     = strcontains(one(aws_route53_record.ownership.records), "writer=ap-northeast-2,")
    error_message = "so is the fence"
  }
  assert {
    condition     = jsondecode(local.parameters.configuration.value).record.ttl_seconds == 30
    error_message = "the configuration is ours, and takes the new value to the functions"
  }
}

run "advice_needs_somebody_to_advise" {
  command = plan
  variables {
    failover = { mode = "advise", health_alarms = ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo-unready"] }
  }
  expect_failures = [var.failover]
}

run "automatic_needs_alarms" {
  command = plan
  variables { failover = { mode = "automatic" } }
  expect_failures = [var.failover]
}

run "a_member_of_the_wrong_region" {
  command = plan
  variables {
    primary = {
      cluster_arn = "arn:aws:rds:ap-northeast-1:123456789012:cluster:todo-tokyo"
      endpoint    = "todo-tokyo.cluster-abc.ap-northeast-1.rds.amazonaws.com"
      vpc_id      = "vpc-tokyo"
    }
  }
  expect_failures = [terraform_data.first]
}

run "a_zone_with_a_trailing_dot" {
  command = plan
  variables { zone_name = "db.todo.internal." }
  expect_failures = [var.zone_name]
}

run "a_writer_parameter_below_the_prefix" {
  command = plan
  variables { parameter = "/failover-responder/state/todo" }
  expect_failures = [var.parameter]
}

run "a_word_for_unknown_lag_that_nobody_knows" {
  command = plan
  variables { failover = { unknown_lag = "ignore" } }
  expect_failures = [var.failover]
}

run "a_writer_alarm_that_is_none" {
  command = plan
  variables { failover = { writer_alarms = ["todo-writer"] } }
  expect_failures = [var.failover]
}

run "a_topic_of_another_region" {
  command = plan
  variables { failover = { topic_arns = { ap-northeast-2 = "arn:aws:sns:ap-northeast-3:123456789012:todo" } } }
  expect_failures = [var.failover]
}

run "a_target_without_a_member" {
  command = plan
  variables { failover = { targets = ["us-east-1"] } }
  expect_failures = [terraform_data.first]
}

run "an_endpoint_for_one_member_only" {
  command = plan
  variables { endpoints = { ap-northeast-2 = "todo.proxy-abc.ap-northeast-2.rds.amazonaws.com" } }
  expect_failures = [terraform_data.first]
}

run "one_endpoint_for_both_members" {
  command = plan
  variables { endpoints = { ap-northeast-2 = "db.todo.internal", ap-northeast-3 = "db.todo.internal" } }
  expect_failures = [var.endpoints]
}

run "a_probe_that_is_no_function" {
  command = plan
  variables { probe = { ap-northeast-2 = "arn:aws:lambda:ap-northeast-2:123456789012:function:probe" } }
  expect_failures = [var.probe]
}

run "no_capacity" {
  command = plan
  variables { min_capacity = 0 }
  expect_failures = [var.min_capacity]
}

run "a_form_that_nobody_knows" {
  command = plan
  variables { format = 3 }
  expect_failures = [var.format]
}
