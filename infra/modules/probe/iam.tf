# Logging in as one database user, and its log. Besides these the role holds what Lambda needs to put a function into a VPC.

locals {
  # One user of each member and of each proxy, in each Region.
  logins = sort(distinct(flatten([for database in values(var.databases) : [
    for region, ids in { for region, member in database.members : region => compact([member.resource_id, lookup(database.proxies, region, null)]) } :
    [for id in ids : "arn:${local.partition}:rds-db:${region}:${local.account}:dbuser:${id}/${var.user}"]
  ]])))

  # AWS's managed policy AWSLambdaVPCAccessExecutionRole names the same. Lambda makes the network interface that all
  # instances of the function share, and takes it away, in the name of this role.
  looks_at_network  = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
  changes_interface = ["ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"]

  statements = [
    {
      Sid      = "LogIn"
      Effect   = "Allow"
      Action   = "rds-db:connect"
      Resource = local.logins
    },
    {
      Sid      = "LookAtNetwork"
      Effect   = "Allow"
      Action   = local.looks_at_network
      Resource = "*"
    },
    {
      # Of any account: a subnet can be shared by another one.
      Sid      = "AttachToVpc"
      Effect   = "Allow"
      Action   = local.changes_interface
      Resource = "arn:${local.partition}:ec2:${local.region}:*:*/*"
    },
    {
      # That is Lambda's part. The function's own code, whose calls carry this key, needs none of it. In the words of AWS's
      # page "Giving Lambda functions access to resources in an Amazon VPC".
      Sid       = "ButNotByItsCode"
      Effect    = "Deny"
      Action    = concat(local.looks_at_network, local.changes_interface)
      Resource  = "*"
      Condition = { ArnEquals = { "lambda:SourceFunctionArn" = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.function}" } }
    },
    {
      Sid      = "Log"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.this.arn}:*"
    },
  ]
}

resource "aws_iam_role" "this" {
  # Roles are global, functions are not.
  name = "${local.function}-${local.region}"
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
  name   = "probe"
  role   = aws_iam_role.this.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}
