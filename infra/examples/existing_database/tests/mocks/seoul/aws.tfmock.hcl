mock_data "aws_region" {
  defaults = { id = "ap-northeast-2", name = "ap-northeast-2" }
}

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
}

mock_data "aws_rds_cluster" {
  defaults = {
    arn      = "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul"
    endpoint = "todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com"
    # For the probes.
    cluster_resource_id                 = "cluster-SEOUL"
    port                                = 5432
    database_name                       = "app"
    vpc_security_group_ids              = ["sg-seoul"]
    iam_database_authentication_enabled = true
  }
}

mock_resource "aws_route53_zone" {
  defaults = { zone_id = "Z0123456789" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:ap-northeast-2:123456789012:failover-responder-alerts" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:ap-northeast-2:123456789012:key/11111111-2222-3333-4444-555555555555" }
}

mock_resource "aws_sqs_queue" {
  defaults = { arn = "arn:aws:sqs:ap-northeast-2:123456789012:failures" }
}

mock_resource "aws_lambda_function" {
  defaults = { arn = "arn:aws:lambda:ap-northeast-2:123456789012:function:failover-responder" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:ap-northeast-2:123456789012:log-group:/aws/lambda/function" }
}

mock_resource "aws_cloudwatch_event_rule" {
  defaults = { arn = "arn:aws:events:ap-northeast-2:123456789012:rule/failover-responder" }
}

mock_resource "aws_cloudwatch_metric_alarm" {
  defaults = { arn = "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:failover-responder" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/failover-responder" }
}

mock_data "aws_vpc" {
  defaults = { cidr_block = "10.20.0.0/16" }
}

mock_resource "aws_security_group" {
  defaults = { id = "sg-probe" }
}
