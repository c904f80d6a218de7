# The longest names that the inputs allow, for infra/rules: what is made of them has to fit into AWS's own.

mock_provider "aws" {
  alias  = "primary"
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "secondary"
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests/mocks"
}
variables {
  name           = "tooooooooooooooooooooooooooooooooooooooo"
  zone_id        = "Z0123456789"
  host           = "todo.example.com"
  primary_host   = "seoul.todo.example.com"
  secondary_host = "osaka.todo.example.com"
  event_bus_arns = { seoul = "arn:aws:events:ap-northeast-2:123456789012:event-bus/default" }
}

# The certificates first: the names of their proofs are known only then, and a mock knows them never before.
run "certificates" {
  plan_options {
    target = [aws_acm_certificate.primary]
  }
}

run "longest" {
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 2
    error_message = "an alarm for each host"
  }
}
