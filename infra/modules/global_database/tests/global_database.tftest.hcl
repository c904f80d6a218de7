mock_provider "aws" {
  alias  = "primary"
  source = "./tests/mocks/seoul"
}

mock_provider "aws" {
  alias  = "secondary"
  source = "./tests/mocks/osaka"
}

variables {
  name            = "todo"
  master_password = "only-in-this-test"
  primary         = { name = "seoul", vpc_id = "vpc-seoul", subnet_ids = ["subnet-1", "subnet-2"], client_cidrs = ["10.0.0.0/16", "10.1.0.0/16"] }
  secondary       = { name = "osaka", vpc_id = "vpc-osaka", subnet_ids = ["subnet-3", "subnet-4"], client_cidrs = ["10.0.0.0/16", "10.1.0.0/16"] }
}

run "two_encrypted_members" {
  assert {
    condition     = aws_rds_cluster.primary.cluster_identifier == "todo-seoul" && aws_rds_cluster.secondary.cluster_identifier == "todo-osaka"
    error_message = "members are named after their Region's name"
  }
  assert {
    condition     = aws_rds_global_cluster.this.storage_encrypted && aws_rds_cluster.primary.storage_encrypted && aws_rds_cluster.secondary.storage_encrypted && aws_rds_cluster.primary.kms_key_id != aws_rds_cluster.secondary.kms_key_id
    error_message = "encrypted, with a key of each Region's own"
  }
  # Without the writer's Region AWS refuses an encrypted member elsewhere.
  assert {
    condition     = aws_rds_cluster.secondary.source_region == "ap-northeast-2"
    error_message = "the secondary names the Region that it replicates from"
  }
  # By which the probe logs in.
  assert {
    condition = (aws_rds_cluster.primary.iam_database_authentication_enabled && aws_rds_cluster.secondary.iam_database_authentication_enabled
    && output.primary.resource_id == aws_rds_cluster.primary.cluster_resource_id && output.secondary.security_group_id == module.secondary.security_group_id)
    error_message = "both take logins by IAM, and say by which id and group"
  }
  assert {
    condition     = length(module.primary.instance_identifiers) == 2 && length(module.secondary.instance_identifiers) == 2
    error_message = "neither Region is headless"
  }
  assert {
    condition     = aws_rds_cluster.primary.deletion_protection && aws_rds_cluster.secondary.deletion_protection
    error_message = "protected from deletion"
  }
}

run "the_secondary_takes_no_user_and_no_password" {
  assert {
    condition     = aws_rds_cluster.primary.master_username == "todo" && aws_rds_cluster.primary.master_password_wo_version == 1
    error_message = "the primary has both"
  }
  # An unset computed attribute is made up by the mock; what counts is that no password goes there.
  assert {
    condition     = aws_rds_cluster.secondary.master_password_wo_version == null && aws_rds_cluster.secondary.master_password == null && aws_rds_cluster.secondary.manage_master_user_password == null
    error_message = "the secondary has none, and RDS manages none"
  }
}

run "a_failover_leaves_nothing_to_undo" {
  # An upgrade goes through the global cluster; members are left to it. Of the other ignored arguments (see
  # clusters.tf) only AWS changes the values, which a mock does not.
  variables { engine_version = "16.9" }
  assert {
    condition     = aws_rds_global_cluster.this.engine_version == "16.9" && aws_rds_cluster.primary.engine_version == "16.8" && aws_rds_cluster.secondary.engine_version == "16.8"
    error_message = "the global cluster is upgraded, and Terraform does not touch the members"
  }
}

run "the_whole_internet_may_not_connect" {
  command = plan
  variables {
    secondary = { name = "osaka", vpc_id = "vpc-osaka", subnet_ids = ["subnet-3", "subnet-4"], client_cidrs = ["0.0.0.0/0"] }
  }
  expect_failures = [var.secondary]
}

run "one_zone_is_not_enough" {
  command = plan
  variables {
    primary = { name = "seoul", vpc_id = "vpc-seoul", subnet_ids = ["subnet-1"], client_cidrs = [] }
  }
  expect_failures = [var.primary]
}

run "a_class_that_global_databases_do_not_have" {
  command = plan
  variables { instance_class = "db.t4g.medium" }
  expect_failures = [var.instance_class]
}

run "a_headless_region" {
  command = plan
  variables { instances_per_region = 0 }
  expect_failures = [var.instances_per_region]
}

run "postgresqls_log_expires" {
  assert {
    condition     = aws_cloudwatch_log_group.primary.name == "/aws/rds/cluster/todo-seoul/postgresql" && aws_cloudwatch_log_group.secondary.name == "/aws/rds/cluster/todo-osaka/postgresql"
    error_message = "the groups that RDS would make itself"
  }
  assert {
    condition     = aws_cloudwatch_log_group.primary.retention_in_days == 365 && aws_cloudwatch_log_group.secondary.retention_in_days == 365
    error_message = "not for ever"
  }
}

run "a_second_life_has_snapshots_of_its_own" {
  assert {
    condition     = can(regex("^todo-seoul-final-.{1,8}$", aws_rds_cluster.primary.final_snapshot_identifier)) && aws_rds_cluster.primary.final_snapshot_identifier != "todo-seoul-final-"
    error_message = "AWS keeps the snapshot of the first life under its name"
  }
}

run "keys_of_the_users" {
  variables {
    primary   = { name = "seoul", vpc_id = "vpc-seoul", subnet_ids = ["subnet-1", "subnet-2"], client_cidrs = [], kms_key_arn = "arn:aws:kms:ap-northeast-2:123456789012:key/of-the-user" }
    secondary = { name = "osaka", vpc_id = "vpc-osaka", subnet_ids = ["subnet-3", "subnet-4"], client_cidrs = [], kms_key_arn = "arn:aws:kms:ap-northeast-3:123456789012:key/of-the-user" }
  }
  assert {
    condition     = aws_rds_cluster.primary.kms_key_id == "arn:aws:kms:ap-northeast-2:123456789012:key/of-the-user" && output.kms_key_arns.secondary == "arn:aws:kms:ap-northeast-3:123456789012:key/of-the-user"
    error_message = "the user's keys, and none of ours whose deletion would take the snapshots with it"
  }
}
