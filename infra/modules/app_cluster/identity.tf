# What pods may do, by Pod Identity. No key is stored in the cluster.

locals {
  pods = {
    Effect    = "Allow"
    Principal = { Service = "pods.eks.amazonaws.com" }
    Action    = ["sts:AssumeRole", "sts:TagSession"]
    Condition = {
      StringEquals = { "aws:SourceAccount" = local.account }
      ArnEquals    = { "aws:SourceArn" = "arn:${local.partition}:eks:${local.region}:${local.account}:cluster/${var.name}" }
    }
  }
}

resource "aws_iam_role" "application" {
  name               = "${var.name}-application"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [local.pods] })
}

resource "aws_iam_role_policy" "application" {
  name = "application"
  role = aws_iam_role.application.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "FindTheWriter"
        Effect   = "Allow"
        Action   = "ssm:GetParameter"
        Resource = var.application.parameter_arn
      },
      {
        # As one user who has no password, and is not the master.
        Sid      = "LogIn"
        Effect   = "Allow"
        Action   = "rds-db:connect"
        Resource = [for region, id in var.application.login.resource_ids : "arn:${local.partition}:rds-db:${region}:${local.account}:dbuser:${id}/${var.application.login.user}"]
      },
    ]
  })
}

resource "aws_eks_pod_identity_association" "application" {
  cluster_name    = aws_eks_cluster.this.name
  namespace       = var.application.namespace
  service_account = var.application.service_account
  role_arn        = aws_iam_role.application.arn
}
