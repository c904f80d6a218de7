# What is refused before anything is made.

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

run "a_prefix_that_parameter_store_reserves" {
  command = plan
  variables { parameter_prefix = "/AWS/x" }
  expect_failures = [var.parameter_prefix]
}

run "a_prefix_that_ends_with_a_slash" {
  command = plan
  variables { parameter_prefix = "/x/" }
  expect_failures = [var.parameter_prefix]
}

run "another_processor" {
  command = plan
  variables { architecture = "riscv64" }
  expect_failures = [var.architecture]
}

run "a_watch_with_gaps" {
  command = plan
  variables { follow_timeout_seconds = 60 }
  expect_failures = [var.follow_timeout_seconds]
}

run "no_room_for_events" {
  command = plan
  variables { follow_concurrency = 2 }
  expect_failures = [var.follow_concurrency]
}

run "no_database" {
  command = plan
  variables { databases = {} }
  expect_failures = [var.fleet]
}

run "a_probe_of_a_region_without_a_member" {
  command = plan
  variables {
    databases = { todo = merge(var.databases.todo, { probe = { ap-northeast-1 = "failover-responder-probe" } }) }
  }
  expect_failures = [var.databases]
}

run "a_probe_that_is_no_function" {
  command = plan
  variables {
    databases = { todo = merge(var.databases.todo, { probe = { ap-northeast-2 = "arn:aws:lambda:ap-northeast-2:123456789012:function:probe" } }) }
  }
  expect_failures = [var.databases]
}

run "a_member_of_another_region" {
  command = plan
  variables {
    databases = { todo = merge(var.databases.todo, { members = {
      ap-northeast-2 = "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul"
      ap-northeast-3 = "arn:aws:rds:ap-northeast-1:123456789012:cluster:todo-osaka"
    } }) }
  }
  expect_failures = [var.databases]
}

# IAM would compare it with the normalized name and refuse every move.
run "a_record_name_with_a_trailing_dot" {
  command = plan
  variables {
    databases = { todo = merge(var.databases.todo, { record = { zone_id = "Z0123456789", name = "writer.db.todo.internal." } }) }
  }
  expect_failures = [var.databases]
}

# The right to publish must not be one to change the configuration or to lift a hold.
run "a_writer_parameter_below_the_prefix" {
  command = plan
  variables {
    databases = { todo = merge(var.databases.todo, { parameter = "/failover-responder/hold/todo" }) }
  }
  expect_failures = [var.databases]
}

run "a_mode_that_nobody_knows" {
  command = plan
  variables {
    databases = { todo = merge(var.databases.todo, { failover = { mode = "maybe" } }) }
  }
  expect_failures = [var.databases]
}

run "a_writer_alarm_that_is_none" {
  command = plan
  variables {
    databases = { todo = merge(var.databases.todo, { failover = { writer_alarms = ["todo-writer"] } }) }
  }
  expect_failures = [var.databases]
}

run "a_topic_of_another_region" {
  command = plan
  variables {
    databases = { todo = merge(var.databases.todo, { failover = { topic_arns = { ap-northeast-2 = "arn:aws:sns:ap-northeast-3:123456789012:todo" } } }) }
  }
  expect_failures = [var.databases]
}

run "no_slot_for_failover" {
  command = plan
  variables { failover_concurrency = 0 }
  expect_failures = [var.failover_concurrency]
}

run "a_region_without_a_member" {
  command = plan
  variables {
    databases = { todo = merge(var.databases.todo, { members = {
      ap-northeast-1 = "arn:aws:rds:ap-northeast-1:123456789012:cluster:todo-tokyo"
      ap-northeast-3 = "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"
    } }) }
  }
  expect_failures = [aws_lambda_function.this]
}

run "no_room_for_a_hold_beside_a_transition" {
  command = plan
  variables { drill_concurrency = 2 }
  expect_failures = [var.drill_concurrency]
}

run "a_forgotten_make_package" {
  command = plan
  variables { package_directory = "does-not-exist" }
  expect_failures = [aws_lambda_function.this]
}

run "a_key_by_its_alias" {
  command = plan
  variables { topic_key_arns = ["arn:aws:kms:ap-northeast-2:123456789012:alias/on-call"] }
  expect_failures = [var.topic_key_arns]
}

run "an_alias_for_a_databases_key" {
  command = plan
  variables { snapshot_key_arns = ["arn:aws:kms:ap-northeast-2:123456789012:alias/todo"] }
  expect_failures = [var.snapshot_key_arns]
}

run "no_name_of_a_bucket" {
  command = plan
  variables { report_bucket = { name = "Todo_Reports" } }
  expect_failures = [var.report_bucket]
}

run "an_alias_for_a_buckets_key" {
  command = plan
  variables { report_bucket = { name = "todo-reports", kms_key_arn = "arn:aws:kms:ap-northeast-2:123456789012:alias/reports" } }
  expect_failures = [var.report_bucket]
}

run "no_address_of_the_reports" {
  command = plan
  variables { report_bucket = { name = "todo-reports", url = "reports.example.com" } }
  expect_failures = [var.report_bucket]
}
