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
