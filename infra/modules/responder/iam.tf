# One role a function, each with what it calls and no more. The statements that all have are in this file; those that
# change something are in iam_changes.tf.

locals {
  # By kind, such as state: everything below <prefix>/state/, in each Region. The prefix is this installation's own.
  own_parameters = { for kind in ["state", "attempt", "readiness", "hold", "declared", "run"] : kind => [
    for arn in local.parameter_arns : "${arn}${var.parameter_prefix}/${kind}/*"
  ] }

  # Reading is not narrowed where AWS does not allow it, or where a listing asks for everything in one call.
  reads = [
    {
      Sid    = "ReadParameters"
      Effect = "Allow"
      Action = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"]
      Resource = flatten([
        for arn in local.parameter_arns : ["${arn}${var.parameter_prefix}", "${arn}${var.parameter_prefix}/*"]
      ])
    },
    {
      Sid       = "ReadTopology"
      Effect    = "Allow"
      Action    = ["rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:DescribeGlobalClusters"]
      Resource  = "*"
      Condition = { StringEquals = { "aws:RequestedRegion" = local.regions } }
    },
    {
      Sid      = "ReadRecords"
      Effect   = "Allow"
      Action   = "route53:ListResourceRecordSets"
      Resource = [for zone in local.zones : "arn:${local.partition}:route53:::hostedzone/${zone}"]
    },
    {
      # A listing. Alarms may stand in a third Region, such as us-east-1 for those of Route 53; and whether CloudWatch
      # answers in the writer's Region is one of the signs of whether that Region lives.
      Sid      = "ReadAlarms"
      Effect   = "Allow"
      Action   = "cloudwatch:DescribeAlarms"
      Resource = "*"
    },
  ]

  # What a failover is judged by, beside the alarms: the replication lag, and which alarms somebody muted. AWS knows no
  # narrower resource for the one, and the other is a listing, asked for in the alarms' own Regions.
  measures = [{
    Sid      = "ReadLagAndMutes"
    Effect   = "Allow"
    Action   = ["cloudwatch:GetMetricData", "cloudwatch:ListAlarmMuteRules"]
    Resource = "*"
  }]

  # Whether an endpoint takes writes: that Region's probe knows, or the own one where it does not answer.
  asks = [for probes in [local.probes] : {
    Sid      = "AskProbes"
    Effect   = "Allow"
    Action   = "lambda:InvokeFunction"
    Resource = probes
  } if length(probes) > 0]

  statements = {
    follow   = concat(local.reads, local.publishes, local.asks, local.tells)
    failover = concat(local.reads, local.measures, local.publishes, local.asks, local.tells, local.attempts, local.failovers, local.reports)
    drill    = concat(local.reads, local.measures, local.publishes, local.asks, local.tells, local.drills, local.salvages, local.reports)
  }
}

resource "aws_iam_role" "this" {
  for_each = local.functions

  # Roles are global, functions are not.
  name                 = "${var.name}-${each.key}-${local.region}"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = local.functions

  name = each.key
  role = aws_iam_role.this[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.statements[each.key], [{
      Sid      = "Log"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.this[each.key].arn}:*"
      }], [for queue in aws_sqs_queue.this : {
      Sid      = "DeadLetters"
      Effect   = "Allow"
      Action   = "sqs:SendMessage"
      Resource = queue.arn
    } if endswith(queue.name, "-${each.key}-failures")])
  })

  lifecycle {
    postcondition {
      condition     = length(self.policy) <= 10240
      error_message = "A role's policy holds 10,240 characters, and this one has ${length(self.policy)}: about fifteen databases by name. Set fleet in place of databases, or give some an installation of their own, with another name and parameter_prefix."
    }
  }
}
