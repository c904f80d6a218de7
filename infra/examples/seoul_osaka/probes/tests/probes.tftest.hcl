# With a witness and without.

mock_provider "aws" {
  alias  = "seoul"
  source = "./tests/mocks/seoul"
}

mock_provider "aws" {
  alias  = "osaka"
  source = "./tests/mocks/osaka"
}

mock_provider "aws" {
  alias  = "witness"
  source = "./tests/mocks/tokyo"
}

variables {
  name                = "todo"
  zone_name           = "db.todo.internal"
  zone_id             = "Z0123456789"
  package_directory   = "does-not-exist"
  architecture        = "arm64"
  reserve_concurrency = true
  alert_emails        = ["you@example.com"]
  witness_region      = null
  witness_cidr        = "10.40.0.0/24"
  members = {
    seoul = { endpoint = "todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com", resource_id = "cluster-SEOUL", security_group_id = "sg-seoul" }
    osaka = { endpoint = "todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com", resource_id = "cluster-OSAKA", security_group_id = "sg-osaka" }
  }
  networks = {
    seoul = { vpc_id = "vpc-seoul", cidr = "10.20.0.0/16", private_subnet_ids = ["subnet-1", "subnet-2"], route_table_ids = { private = "rtb-1", public = "rtb-2" } }
    osaka = { vpc_id = "vpc-osaka", cidr = "10.30.0.0/16", private_subnet_ids = ["subnet-3", "subnet-4"], route_table_ids = { private = "rtb-3", public = "rtb-4" } }
  }
  responders = {
    seoul = {
      topic_arn     = "arn:aws:sns:ap-northeast-2:123456789012:failover-responder-alerts"
      event_bus_arn = "arn:aws:events:ap-northeast-2:123456789012:event-bus/default"
      kms_key_arn   = "arn:aws:kms:ap-northeast-2:123456789012:key/11111111-2222-3333-4444-555555555555"
    }
    osaka = {
      topic_arn     = "arn:aws:sns:ap-northeast-3:123456789012:failover-responder-alerts"
      event_bus_arn = "arn:aws:events:ap-northeast-3:123456789012:event-bus/default"
      kms_key_arn   = "arn:aws:kms:ap-northeast-3:123456789012:key/11111111-2222-3333-4444-555555555555"
    }
  }
}

run "without_a_witness" {
  assert {
    condition     = output.members == { ap-northeast-2 = "failover-responder-probe", ap-northeast-3 = "failover-responder-probe" } && length(output.witness) == 0
    error_message = "a probe in each of the two Regions"
  }
  assert {
    condition     = [for arn in output.writer_alarm_arns : split(":", arn)[3]] == ["ap-northeast-2", "ap-northeast-3"]
    error_message = "and an alarm in each"
  }
  assert {
    condition     = length(aws_sns_topic.witness) + length(aws_sns_topic_subscription.witness) + length(module.witness_network) == 0
    error_message = "and nothing anywhere else"
  }
}

run "with_a_witness_it_can_be_planned_at_once" {
  command = plan
  variables { witness_region = "ap-northeast-1" }
}

run "with_a_witness" {
  variables { witness_region = "ap-northeast-1" }
  assert {
    condition     = [for arn in output.writer_alarm_arns : split(":", arn)[3]] == ["ap-northeast-2", "ap-northeast-3", "ap-northeast-1"]
    error_message = "its alarm is among the writer alarms"
  }
  assert {
    condition     = output.witness == { ap-northeast-1 = "failover-responder-probe" } && keys(output.members) == ["ap-northeast-2", "ap-northeast-3"]
    error_message = "it is not asked before a publication: it stands in no member's Region"
  }
  assert {
    condition     = [for mail in values(aws_sns_topic_subscription.witness) : mail.endpoint] == ["you@example.com"]
    error_message = "people hear when it says nothing"
  }
}

run "a_witness_that_fails_with_a_member" {
  command = plan
  variables { witness_region = "ap-northeast-3" }
  expect_failures = [var.witness_region]
}

run "a_witness_in_no_region" {
  command = plan
  variables { witness_region = "Tokyo" }
  expect_failures = [var.witness_region]
}
