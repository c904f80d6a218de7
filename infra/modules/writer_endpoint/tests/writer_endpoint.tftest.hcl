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
