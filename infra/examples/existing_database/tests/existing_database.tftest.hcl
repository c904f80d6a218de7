# Plans and applies without AWS: the modules fit together.

mock_provider "aws" {
  alias  = "primary"
  source = "./tests/mocks/seoul"
}

mock_provider "aws" {
  alias  = "secondary"
  source = "./tests/mocks/osaka"
}

variables {
  name              = "todo"
  global_cluster    = "todo"
  primary           = { region = "ap-northeast-2", cluster = "todo-seoul", vpc_id = "vpc-seoul" }
  secondary         = { region = "ap-northeast-3", cluster = "todo-osaka", vpc_id = "vpc-osaka" }
  zone_name         = "db.todo.internal"
  parameter         = "/todo/database/writer"
  package_directory = "../../modules/responder/tests/packages"
  failover          = { mode = "advise", health_alarms = ["arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo-writer"] }
}

# With everything that is made still unknown, the topic too, as in a first plan: how many permissions the alarms need has
# to be known.
run "it_can_be_planned" {
  command = plan
}

run "it_applies" {
  assert {
    condition = output.writer_endpoint.database.failover.topic_arns == tomap({
      ap-northeast-2 = "arn:aws:sns:ap-northeast-2:123456789012:failover-responder-alerts"
      ap-northeast-3 = "arn:aws:sns:ap-northeast-3:123456789012:failover-responder-alerts"
    })
    error_message = "advice goes to a topic in each Region"
  }
  assert {
    condition     = output.function_names == { follow = "failover-responder-follow", failover = "failover-responder-failover", drill = "failover-responder-drill" }
    error_message = "three functions"
  }
  assert {
    condition     = keys(output.rules.primary) == ["failover-responder-alarms", "failover-responder-failover-schedule", "failover-responder-rds", "failover-responder-schedule"]
    error_message = "four rules a Region"
  }
}

run "follow_alone" {
  variables {
    size     = "follow"
    failover = {}
  }
  assert {
    condition     = output.function_names == { follow = "failover-responder-follow" }
    error_message = "one function a Region"
  }
  assert {
    condition     = keys(output.rules.primary) == ["failover-responder-rds", "failover-responder-schedule"] && output.alarm_action_arns == { primary = null, secondary = null }
    error_message = "events of RDS and the schedule"
  }
  assert {
    condition     = output.writer_endpoint.database.failover.mode == "off"
    error_message = "nothing is started"
  }
}

run "follow_alone_has_no_probes" {
  command = plan
  variables {
    size     = "follow"
    failover = {}
    probe    = { primary_subnet_ids = ["subnet-1", "subnet-2"], secondary_subnet_ids = ["subnet-3", "subnet-4"] }
  }
  expect_failures = [var.size]
}

run "everything_again" {
}

run "a_topic_of_ones_own_is_the_only_one" {
  command = plan
  variables {
    failover = {
      mode          = "advise"
      health_alarms = ["arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo-writer"]
      topic_arn     = "arn:aws:sns:us-west-2:123456789012:people"
    }
  }
  assert {
    condition     = length(output.writer_endpoint.database.failover.topic_arns) == 0
    error_message = "the example's own topics are left out"
  }
}

run "without_probes_none_is_asked" {
  command = plan
  assert {
    condition     = length(output.writer_endpoint.database.probe) == 0 && length(output.writer_alarm_arns) == 0
    error_message = "they are an addition"
  }
}

run "probes_can_be_planned_at_first" {
  command = plan
  variables {
    probe = { primary_subnet_ids = ["subnet-1", "subnet-2"], secondary_subnet_ids = ["subnet-3", "subnet-4"] }
  }
}

run "probes_in_both_regions" {
  variables {
    probe    = { primary_subnet_ids = ["subnet-1", "subnet-2"], secondary_subnet_ids = ["subnet-3", "subnet-4"] }
    failover = merge(var.failover, { writer_alarms = ["arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:mine"] })
  }
  assert {
    condition     = output.writer_endpoint.database.probe == tomap({ ap-northeast-2 = "failover-responder-probe", ap-northeast-3 = "failover-responder-probe" })
    error_message = "each asks the one of the new writer's Region"
  }
  assert {
    condition = output.writer_endpoint.database.failover.writer_alarms == tolist([
      "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:mine",
      "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:failover-responder",
      "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:failover-responder",
    ])
    error_message = "what they find is among the writer alarms, beside yours"
  }
  assert {
    condition     = output.rules.primary["failover-responder-alarms"].pattern == output.rules.secondary["failover-responder-alarms"].pattern && strcontains(output.rules.primary["failover-responder-alarms"].pattern, "ap-northeast-3")
    error_message = "and wake failover in both Regions"
  }
  assert {
    condition     = local.probed.todo.dbname == "app" && local.probed.todo.port == 5432
    error_message = "the cluster's own first database"
  }
}

run "a_cluster_without_iam_authentication" {
  command = plan
  variables {
    probe = { primary_subnet_ids = ["subnet-1", "subnet-2"], secondary_subnet_ids = ["subnet-3", "subnet-4"] }
  }
  override_data {
    target = data.aws_rds_cluster.secondary
    values = {
      arn                                 = "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"
      endpoint                            = "todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com"
      cluster_resource_id                 = "cluster-OSAKA"
      vpc_security_group_ids              = ["sg-osaka"]
      iam_database_authentication_enabled = false
    }
  }
  expect_failures = [check.probes_can_log_in]
}
