# The longest names that the inputs allow, for infra/rules: what is made of them has to fit into AWS's own.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name              = "reeeeeeeeeeeeeeeeeeeeeeeeeeeee"
  package_directory = "./tests/packages"
  databases = { "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd" = {
    global_cluster = "ggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg"
    members = {
      ap-northeast-2 = "arn:aws:rds:ap-northeast-2:123456789012:cluster:ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
      ap-northeast-3 = "arn:aws:rds:ap-northeast-3:123456789012:cluster:ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
    }
    record    = { zone_id = "Z0123456789", name = "writer.db.todo.internal" }
    parameter = "/todo/database/writer"
    failover = {
      mode          = "automatic"
      health_alarms = [for n in range(8) : "arn:aws:cloudwatch:us-east-1:123456789012:alarm:${n}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
    }
  } }
}

run "longest" {
  assert {
    condition     = length(aws_cloudwatch_event_rule.this) == 5
    error_message = "eight alarms of the greatest length are two rules beside the three"
  }
}
