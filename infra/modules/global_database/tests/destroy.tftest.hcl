# What is said before a destroy. A file of its own: a mock makes up what AWS says of a resource once, when it is made.

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

run "the_writer_is_elsewhere_when_the_protection_is_taken_off" {
  variables { deletion_protection = false }
  override_resource {
    target = aws_rds_global_cluster.this
    values = { global_cluster_members = [{ db_cluster_arn = "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka", is_writer = true, readers = [] }] }
  }
  expect_failures = [check.the_writer_is_where_destroy_expects_it]
}
