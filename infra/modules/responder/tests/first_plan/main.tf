# A first apply of everything: nothing of the topic, the alarm and the zone is known to the plan. A test has no unknown
# values of its own, so they are made here.

terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.osaka]
    }
  }
}

resource "aws_sns_topic" "this" {
  name = "people"
}

resource "aws_sns_topic" "osaka" {
  provider = aws.osaka
  name     = "people"
}

resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name          = "writer"
  comparison_operator = "LessThanThreshold"
  evaluation_periods  = 1
}

module "writer_endpoint" {
  source    = "../../../writer_endpoint"
  providers = { aws.primary = aws, aws.secondary = aws.osaka }

  name           = "todo"
  global_cluster = "todo"
  zone_name      = "db.todo.internal"
  parameter      = "/todo/database/writer"
  primary        = { cluster_arn = "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul", endpoint = "seoul", vpc_id = "vpc-seoul" }
  secondary      = { cluster_arn = "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka", endpoint = "osaka", vpc_id = "vpc-osaka" }
  failover = {
    mode          = "advise"
    health_alarms = [aws_cloudwatch_metric_alarm.this.arn]
    writer_alarms = [aws_cloudwatch_metric_alarm.this.arn]
    topic_arn     = aws_sns_topic.this.arn
    topic_arns    = { ap-northeast-2 = aws_sns_topic.this.arn, ap-northeast-3 = aws_sns_topic.osaka.arn }
  }
}

module "responder" {
  source = "../.."

  package_directory = "./tests/packages"
  databases         = { todo = module.writer_endpoint.database }
}
