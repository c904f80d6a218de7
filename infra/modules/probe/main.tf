# One Region's probe: a function inside a VPC that says by SQL whether the writer takes writes. It calls no AWS API: what it
# has to know is its environment, its database token is signed by itself, and its metrics are lines of its log.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id
  function  = "${var.name}-probe"
  package   = "${var.package_directory}/probe-${var.architecture}.zip"

  # A schedule is precise to the minute, so an invocation goes on for 15 s beyond it: two overlap, and none is missing.
  seconds = 75

  # What is the default is left out: there is little room.
  databases = { for name, database in var.databases : name => { for field, value in {
    record    = database.record
    members   = { for region, member in database.members : region => member.endpoint }
    endpoints = length(database.endpoints) > 0 ? database.endpoints : null
    port      = database.port == 5432 ? null : database.port
    dbname    = database.dbname == name ? null : database.dbname
  } : field => value if value != null } }

  environment = {
    PROBE_DATABASES     = jsonencode(local.databases)
    PROBE_USER          = var.user
    PROBE_EVERY_SECONDS = tostring(var.every_seconds)
    PROBE_FOR_SECONDS   = tostring(local.seconds)
  }

  # Lambda takes 4 KB of environment, and measures it as JSON: each quote of ours counts twice.
  room = 4096
  # How many of the databases fit, in the order of their names.
  fitting = length([for count in range(1, length(local.databases) + 1) : count if length(jsonencode(merge(local.environment, {
    PROBE_DATABASES = jsonencode({ for name in slice(keys(local.databases), 0, count) : name => local.databases[name] })
  }))) <= local.room])
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_116:A look that failed is worth nothing later. The next minute's looks again, and five minutes without a look are an alarm.
  # checkov:skip=CKV_AWS_272:Packages come from the user's own build, not from a signing pipeline; source_code_hash pins what is deployed.
  # checkov:skip=CKV_AWS_173:The environment is names of hosts. A key of our own would add a call to a cold start, and one more way to fail.
  # checkov:skip=CKV_AWS_50:Tracing would need a way out of the VPC.
  function_name    = local.function
  description      = "failover-responder: probe"
  role             = aws_iam_role.this.arn
  filename         = local.package
  source_code_hash = try(filebase64sha256(local.package), null)
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  memory_size      = 128
  # Beyond its own end, so that it always ends by itself.
  timeout                        = local.seconds + 15
  reserved_concurrent_executions = var.reserved_concurrency == null ? -1 : var.reserved_concurrency

  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = [aws_security_group.this.id]
  }

  environment {
    variables = local.environment
  }

  # Otherwise the first invocation may make a group of that name without retention.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]

  lifecycle {
    precondition {
      condition     = length(jsonencode(local.environment)) <= local.room
      error_message = "Lambda takes 4 KB of environment, in which ${local.fitting} of these ${length(local.databases)} databases fit. Give the others a probe of their own, with another name."
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:What a look found is a metric, kept for 15 months; its lines are only asked for while something is wrong.
  name              = "/aws/lambda/${local.function}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}
