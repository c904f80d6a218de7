# AWS's limits, counted at 1, 10, 15, 100 and 1,000 databases: a role's policy has 10,240 characters, an event pattern 2,048.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_directory = "./tests/packages"
  # Names as long as people's, none as long as AWS allows.
  many = { for n in range(15) : format("orders-of-the-shop-%03d", n) => {
    global_cluster = format("orders-of-the-shop-%03d", n)
    members = {
      ap-northeast-2 = format("arn:aws:rds:ap-northeast-2:123456789012:cluster:orders-of-the-shop-%03d-seoul", n)
      ap-northeast-3 = format("arn:aws:rds:ap-northeast-3:123456789012:cluster:orders-of-the-shop-%03d-osaka", n)
    }
    # Several databases in one zone.
    record    = { zone_id = "Z0123456789", name = format("orders-of-the-shop-%03d.db.example.internal", n) }
    parameter = format("/databases/orders-of-the-shop-%03d/writer", n)
    failover = {
      mode          = "automatic"
      health_alarms = [for place in ["seoul", "osaka"] : format("arn:aws:cloudwatch:us-east-1:123456789012:alarm:orders-of-the-shop-%03d-%s-unhealthy", n, place)]
      writer_alarms = [for region in ["ap-northeast-2", "ap-northeast-3"] : format("arn:aws:cloudwatch:%s:123456789012:alarm:orders-of-the-shop-%03d-writer", region, n)]
      topic_arns    = { for region in ["ap-northeast-2", "ap-northeast-3"] : region => "arn:aws:sns:${region}:123456789012:failover-responder-alerts" }
    }
  } }
  # The same databases and a thousand more, by what their names have in common.
  shops = {
    regions        = ["ap-northeast-2", "ap-northeast-3"]
    cluster_prefix = "orders-of-the-shop-"
    zone_ids       = ["Z0123456789"]
    record_suffix  = "db.example.internal"
    parameter_path = "/databases"
    alarms         = { us-east-1 = "orders-of-the-shop-", ap-northeast-2 = "orders-of-the-shop-", ap-northeast-3 = "orders-of-the-shop-" }
    topic_arns     = ["arn:aws:sns:ap-northeast-2:123456789012:failover-responder-alerts", "arn:aws:sns:ap-northeast-3:123456789012:failover-responder-alerts"]
  }
}

run "one_database" {
  variables { databases = { for name, database in var.many : name => database if name == "orders-of-the-shop-000" } }
  assert {
    condition     = alltrue([for policy in values(output.policies) : length(policy) < 5120]) && alltrue([for rule in values(output.rules) : length(coalesce(rule.pattern, "-")) <= 2048])
    error_message = "half a policy's room"
  }
}

run "ten_databases_in_one_zone" {
  variables { databases = { for name, database in var.many : name => database if tonumber(split("shop-", name)[1]) < 10 } }
  assert {
    condition     = alltrue([for policy in values(output.policies) : length(policy) <= 10240])
    error_message = "ten fit into a policy"
  }
  assert {
    condition     = alltrue([for rule in values(output.rules) : length(coalesce(rule.pattern, "-")) <= 2048]) && length([for name in keys(output.rules) : name if strcontains(name, "-alarms")]) == 7
    error_message = "forty alarms are seven rules, none over the limit"
  }
  assert {
    condition     = alltrue([for name in keys(output.rules) : length(name) <= 64])
    error_message = "a rule's name has 64 characters"
  }
}

run "fifteen_databases_by_name_are_too_many_and_that_is_said" {
  command = plan
  variables { databases = var.many }
  expect_failures = [aws_iam_role_policy.this]
}

run "a_fleet_of_any_size" {
  variables { fleet = var.shops }
  assert {
    condition     = alltrue([for policy in values(output.policies) : length(policy) < 5120])
    error_message = "half a policy's room, however many databases there are"
  }
  assert {
    condition     = jsondecode([for name, rule in output.rules : rule.pattern if endswith(name, "-alarms")][0]).resources == [for region in ["ap-northeast-2", "ap-northeast-3", "us-east-1"] : { prefix = "arn:aws:cloudwatch:${region}:123456789012:alarm:orders-of-the-shop-" }]
    error_message = "one pattern for all alarms of the fleet"
  }
  assert {
    condition     = aws_lambda_permission.alarm["0"].source_arn == "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:orders-of-the-shop-*"
    error_message = "alarms whose names begin so may wake failover"
  }
  # A thousand names that the patterns have to cover, and some that they must not.
  assert {
    condition = alltrue([for n in range(1000) : alltrue([
      startswith(format("/databases/orders-of-the-shop-%03d/writer", n), "${var.shops.parameter_path}/"),
      endswith(format("_failover-responder.orders-of-the-shop-%03d.db.example.internal", n), ".${var.shops.record_suffix}"),
    ])])
    error_message = "each database's own names are within"
  }
  assert {
    condition     = length([for key in keys(output.alarm_arns) : key if startswith(key, "any-")]) == 4 && output.alarm_arns["alarms-unread"] != null
    error_message = "one alarm of each kind over the whole fleet"
  }
  assert {
    condition     = alltrue([for alarm in ["any-drift", "any-no-standby"] : aws_cloudwatch_metric_alarm.this[alarm].statistic == "Maximum" && length(aws_cloudwatch_metric_alarm.this[alarm].dimensions) == 0])
    error_message = "over all databases the least drift is that of the one that is well"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["any-not-ready"].statistic == "Minimum" && length(aws_cloudwatch_metric_alarm.this["any-not-ready"].dimensions) == 0
    error_message = "one that is not ready is enough"
  }
}

run "a_fleet_of_eleven_regions" {
  variables {
    fleet = merge(var.shops, { regions = concat(["ap-northeast-2"], [for n in range(10) : "eu-west-${n + 1}"]) })
  }
  assert {
    condition     = alltrue([for policy in values(output.policies) : length(policy) <= 10240])
    error_message = "eleven Regions fit into a policy"
  }
}

run "a_fleet_beside_databases" {
  command = plan
  variables {
    databases = { for name, database in var.many : name => database if name == "orders-of-the-shop-000" }
    fleet     = var.shops
  }
  expect_failures = [var.fleet]
}

run "a_fleet_whose_prefix_is_everybody" {
  command = plan
  variables { fleet = merge(var.shops, { cluster_prefix = "a" }) }
  expect_failures = [var.fleet]
}

run "a_fleet_whose_parameters_are_the_installations_own" {
  command = plan
  variables { fleet = merge(var.shops, { parameter_path = "/failover-responder/state" }) }
  expect_failures = [var.fleet]
}

run "a_fleet_above_the_installations_prefix" {
  command = plan
  variables {
    parameter_prefix = "/databases/responder"
    fleet            = var.shops
  }
  expect_failures = [var.fleet]
}

run "a_fleet_without_a_member_here" {
  command = plan
  variables { fleet = merge(var.shops, { regions = ["eu-west-1", "eu-west-2"] }) }
  expect_failures = [aws_lambda_function.this]
}
