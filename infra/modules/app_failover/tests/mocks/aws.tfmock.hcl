mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_resource "aws_cloudwatch_metric_alarm" {
  defaults = { arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo-unhealthy" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/todo-health-alarms" }
}

mock_resource "aws_acm_certificate" {
  defaults = {
    arn = "arn:aws:acm:ap-northeast-2:123456789012:certificate/11111111-2222-3333-4444-555555555555"
    domain_validation_options = [
      { domain_name = "todo.example.com", resource_record_name = "_1.todo.example.com.", resource_record_type = "CNAME", resource_record_value = "_1.acm-validations.aws." },
      { domain_name = "seoul.todo.example.com", resource_record_name = "_2.seoul.todo.example.com.", resource_record_type = "CNAME", resource_record_value = "_2.acm-validations.aws." },
      { domain_name = "osaka.todo.example.com", resource_record_name = "_3.osaka.todo.example.com.", resource_record_type = "CNAME", resource_record_value = "_3.acm-validations.aws." },
    ]
  }
}

mock_resource "aws_sqs_queue" {
  defaults = { arn = "arn:aws:sqs:us-east-1:123456789012:undelivered" }
}

mock_resource "aws_cloudwatch_event_rule" {
  defaults = { arn = "arn:aws:events:us-east-1:123456789012:rule/todo-health-alarms" }
}
