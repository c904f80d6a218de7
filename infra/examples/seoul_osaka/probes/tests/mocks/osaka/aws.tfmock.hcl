mock_data "aws_region" {
  defaults = { id = "ap-northeast-3", name = "ap-northeast-3" }
}

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
}

mock_data "aws_availability_zones" {
  defaults = { names = ["ap-northeast-3a", "ap-northeast-3b", "ap-northeast-3c"] }
}

mock_resource "aws_cloudwatch_metric_alarm" {
  defaults = { arn = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:ap-northeast-3:123456789012:alerts" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/todo" }
}

mock_resource "aws_vpc" {
  defaults = { id = "vpc-osaka" }
}

mock_resource "aws_lambda_function" {
  defaults = { arn = "arn:aws:lambda:ap-northeast-3:123456789012:function:failover-responder-probe" }
}

mock_resource "aws_cloudwatch_event_rule" {
  defaults = { arn = "arn:aws:events:ap-northeast-3:123456789012:rule/failover-responder-probe" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:ap-northeast-3:123456789012:log-group:/aws/lambda/failover-responder-probe" }
}
