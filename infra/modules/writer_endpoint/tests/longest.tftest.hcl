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
  name           = "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
  global_cluster = "ggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg"
  zone_name      = "db.todo.internal"
  parameter      = "/todo/database/writer"
  primary = {
    cluster_arn = "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul"
    endpoint    = "todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com"
    vpc_id      = "vpc-seoul"
  }
  secondary = {
    cluster_arn = "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"
    endpoint    = "todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com"
    vpc_id      = "vpc-osaka"
  }
}

run "longest" {
  assert {
    condition     = strcontains(one(aws_route53_record.ownership.records), "database=dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd,")
    error_message = "the ownership names the database"
  }
}
