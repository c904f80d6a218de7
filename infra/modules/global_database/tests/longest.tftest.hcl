# The longest names that the inputs allow, for infra/rules: what is made of them has to fit into AWS's own.

mock_provider "aws" {
  alias  = "primary"
  source = "./tests/mocks/seoul"
}

mock_provider "aws" {
  alias  = "secondary"
  source = "./tests/mocks/osaka"
}
variables {
  name            = "tooooooooooooooooooooooooooooooooooo"
  master_password = "only-in-this-test"
  primary         = { name = "ap-northeast-2", vpc_id = "vpc-seoul", subnet_ids = ["subnet-1", "subnet-2"], client_cidrs = ["10.0.0.0/16"] }
  secondary       = { name = "ap-northeast-3", vpc_id = "vpc-osaka", subnet_ids = ["subnet-3", "subnet-4"], client_cidrs = ["10.0.0.0/16"] }
}

run "longest" {
  assert {
    condition     = length(aws_rds_cluster.primary.cluster_identifier) == 51
    error_message = "the longest name with a Region's own behind it"
  }
}
