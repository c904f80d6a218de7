# What is refused, and that it says so before anything is made.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_directory = "does-not-exist"
  vpc_id            = "vpc-seoul"
  subnet_ids        = ["subnet-1", "subnet-2"]
  database_cidrs    = { all = "10.0.0.0/8" }
  databases = {
    todo = {
      record = "writer.db.todo.internal"
      members = {
        ap-northeast-2 = { endpoint = "todo-seoul.cluster-abcdefghijkl.ap-northeast-2.rds.amazonaws.com", resource_id = "cluster-SEOUL" }
        ap-northeast-3 = { endpoint = "todo-osaka.cluster-abcdefghijkl.ap-northeast-3.rds.amazonaws.com", resource_id = "cluster-OSAKA" }
      }
    }
  }
}

# Of the length of this example's names, sixteen are what the environment has room for.
run "as_many_databases_as_fit" {
  command = plan
  variables { databases = { for number in range(16) : format("database-%02d", number) => var.databases.todo } }
}

run "a_database_too_many" {
  command = plan
  variables { databases = { for number in range(17) : format("database-%02d", number) => var.databases.todo } }
  assert {
    condition     = local.fitting == 16
    error_message = "it says how many fit"
  }
  expect_failures = [aws_lambda_function.this]
}

run "no_database" {
  command = plan
  variables { databases = {} }
  expect_failures = [var.databases]
}

run "one_member" {
  command = plan
  variables { databases = { todo = merge(var.databases.todo, { members = { ap-northeast-2 = var.databases.todo.members.ap-northeast-2 } }) } }
  expect_failures = [var.databases]
}

run "an_identifier_for_a_resource_id" {
  command = plan
  variables {
    databases = { todo = merge(var.databases.todo, { members = merge(var.databases.todo.members, { ap-northeast-3 = { endpoint = "todo-osaka.internal", resource_id = "todo-osaka" } }) }) }
  }
  expect_failures = [var.databases]
}

run "a_record_with_a_trailing_dot" {
  command = plan
  variables { databases = { todo = merge(var.databases.todo, { record = "writer.db.todo.internal." }) } }
  expect_failures = [var.databases]
}

run "an_endpoint_for_one_member_only" {
  command = plan
  variables { databases = { todo = merge(var.databases.todo, { endpoints = { ap-northeast-2 = "todo.proxy-abc.ap-northeast-2.rds.amazonaws.com" } }) } }
  expect_failures = [var.databases]
}

run "a_proxy_that_no_endpoint_leads_to" {
  command = plan
  variables { databases = { todo = merge(var.databases.todo, { proxies = { ap-northeast-2 = "prx-SEOUL" } }) } }
  expect_failures = [var.databases]
}

run "a_port_that_is_none" {
  command = plan
  variables { databases = { todo = merge(var.databases.todo, { port = 70000 }) } }
  expect_failures = [var.databases]
}

run "nowhere_to_go" {
  command = plan
  variables { database_cidrs = {} }
  expect_failures = [var.database_cidrs]
}

run "the_whole_internet" {
  command = plan
  variables { database_cidrs = { all = "0.0.0.0/0" } }
  expect_failures = [var.database_cidrs]
}

run "a_database_open_to_the_whole_internet" {
  command = plan
  variables { peer_cidrs = { all = "0.0.0.0/0" } }
  expect_failures = [var.peer_cidrs]
}

run "one_zone" {
  command = plan
  variables { subnet_ids = ["subnet-1"] }
  expect_failures = [var.subnet_ids]
}

run "too_little_concurrency" {
  command = plan
  variables { reserved_concurrency = 3 }
  expect_failures = [var.reserved_concurrency]
}

run "a_pace_beyond_a_minute" {
  command = plan
  variables { every_seconds = 61 }
  expect_failures = [var.every_seconds]
}

run "a_user_that_postgresql_would_quote" {
  command = plan
  variables { user = "Probe" }
  expect_failures = [var.user]
}

run "an_alarm_action_that_is_no_topic" {
  command = plan
  variables { alarm_actions = ["arn:aws:lambda:ap-northeast-2:123456789012:function:failover-responder-failover"] }
  expect_failures = [var.alarm_actions]
}

run "a_name_that_is_too_long" {
  command = plan
  variables { name = "a-name-of-more-than-thirty-characters" }
  expect_failures = [var.name]
}

run "a_retention_that_cloudwatch_does_not_have" {
  command = plan
  variables { log_retention_days = 31 }
  expect_failures = [var.log_retention_days]
}

run "a_processor_that_lambda_does_not_have" {
  command = plan
  variables { architecture = "riscv64" }
  expect_failures = [var.architecture]
}
