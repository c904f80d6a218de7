# What each function may do. The policies of this run are also evaluated call by call: see infra/iam.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_directory = "./tests/packages"
  snapshot_key_arns = [
    "arn:aws:kms:ap-northeast-2:123456789012:key/dddddddd-2222-2222-2222-222222222222",
    "arn:aws:kms:ap-northeast-3:123456789012:key/eeeeeeee-2222-2222-2222-222222222222",
  ]
  report_bucket = { name = "todo-reports", kms_key_arn = "arn:aws:kms:ap-northeast-2:123456789012:key/ffffffff-2222-2222-2222-222222222222" }
  databases = {
    todo = {
      global_cluster = "todo"
      members = {
        ap-northeast-2 = "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul"
        ap-northeast-3 = "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"
      }
      record    = { zone_id = "ZTODO", name = "writer.db.todo.internal" }
      parameter = "/todo/database/writer"
      probe     = { ap-northeast-2 = "failover-responder-probe", ap-northeast-3 = "failover-responder-probe" }
      failover = { mode = "automatic", topic_arns = {
        ap-northeast-2 = "arn:aws:sns:ap-northeast-2:123456789012:failover-responder-alerts"
        ap-northeast-3 = "arn:aws:sns:ap-northeast-3:123456789012:failover-responder-alerts"
      } }
    }
    orders = {
      global_cluster = "orders"
      members = {
        ap-northeast-2 = "arn:aws:rds:ap-northeast-2:123456789012:cluster:orders-seoul"
        ap-northeast-3 = "arn:aws:rds:ap-northeast-3:123456789012:cluster:orders-osaka"
      }
      record    = { zone_id = "ZORDERS", name = "writer.db.orders.internal" }
      parameter = "/orders/database/writer"
      failover  = { topic_arn = "arn:aws:sns:ap-northeast-3:123456789012:orders" }
    }
  }
}

run "without_a_probe_no_function_may_be_invoked" {
  variables {
    databases = { orders = var.databases.orders }
  }
  assert {
    condition     = !strcontains(join("", values(output.policies)), "lambda:")
    error_message = "nobody to ask, nothing to invoke"
  }
}

run "without_a_key_of_ones_own_no_grant_may_be_made" {
  variables {
    snapshot_key_arns = []
  }
  assert {
    condition     = !strcontains(join("", values(output.policies)), "kms:CreateGrant")
    error_message = "AWS's own key needs none"
  }
}

run "without_a_bucket_no_object_may_be_written" {
  variables {
    report_bucket = null
  }
  assert {
    condition     = !can(regex("s3:|EncryptReports", join("", values(output.policies))))
    error_message = "no bucket, no right"
  }
  assert {
    condition     = alltrue([for function in aws_lambda_function.this : !can(function.environment[0].variables.REPORT_BUCKET)])
    error_message = "and nothing that a function would write to"
  }
}

run "a_bucket_under_a_key_of_aws" {
  variables {
    report_bucket = { name = "todo-reports", url = "https://reports.example.com" }
  }
  assert {
    condition     = !strcontains(join("", values(output.policies)), "EncryptReports")
    error_message = "AWS's own key needs no right"
  }
  assert {
    condition = { for name, function in aws_lambda_function.this : name => {
      bucket = try(function.environment[0].variables.REPORT_BUCKET, "")
      url    = try(function.environment[0].variables.REPORT_URL, "")
      } } == {
      drill    = { bucket = "todo-reports", url = "https://reports.example.com" }
      failover = { bucket = "todo-reports", url = "https://reports.example.com" }
      follow   = { bucket = "", url = "" }
    }
    error_message = "those that start a move know where to keep the page about it"
  }
}

run "policies" {
  assert {
    condition     = !can(regex("(?i)upsert", join("", values(output.policies))))
    error_message = "no function may UPSERT"
  }
  assert {
    condition     = !can(regex("rds:(Failover|Switchover|Modify|Remove|Promote|\\*)", output.policies.follow))
    error_message = "follow cannot move a writer"
  }
  assert {
    condition     = !strcontains(output.policies.failover, "rds:SwitchoverGlobalCluster")
    error_message = "an alarm never starts a switchover"
  }
  assert {
    condition     = !can(regex("ssm:Delete", join("", [output.policies.follow, output.policies.failover])))
    error_message = "only a person, by drill, lifts a hold"
  }
  assert {
    condition     = !can(regex("rds:(Delete|Restore|Create|Modify)|Snapshot", join("", [output.policies.follow, output.policies.failover]))) && !can(regex("rds:(Delete|Restore|Create|Modify)", output.policies.drill))
    error_message = "only drill copies a snapshot, and nothing deletes or restores one"
  }
  assert {
    condition     = alltrue([for policy in values(output.policies) : length(policy) < 6826])
    error_message = "two databases and the keys of their clusters take less than two thirds of a policy's room"
  }
  assert {
    condition     = !can(regex("\"Action\":\\[?\"[a-z]+:\\*|\"Action\":\"\\*\"", join("", values(output.policies))))
    error_message = "no action by wildcard"
  }
}
