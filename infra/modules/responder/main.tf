# One Region's functions. The module is applied once a Region, with the same name, prefix and databases.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id

  functions = { for name, function in {
    # Several at once: the record is changed by compare-and-swap only, so two of them cannot do harm. The timeout is
    # short against a transition that takes minutes: while one is under way the schedule starts a watch every minute
    # that overlaps the one before, so nothing is missed, and a slot is free again every minute for another
    # database's event. 900 s would let one slow transition hold all of them.
    follow = { timeout = var.follow_timeout_seconds, concurrency = var.follow_concurrency }

    # Of two that judge one database at once only one calls RDS: each notes its attempt, and the version that the note
    # got says who came first. An invocation ends after 55 s unless it started a failover. Then it watches and says how
    # it ended, which takes minutes, and a single slot would give up each tick of that time.
    failover = { timeout = 900, concurrency = var.failover_concurrency }

    # Invoked by hand, and answers when the transition is over: as long as Lambda allows. Beside one that watches a
    # transition there is room for a hold and for a status: with a slot alone they would be refused for a quarter of an hour.
    drill = { timeout = 900, concurrency = var.drill_concurrency }
  } : name => function if var.size == "all" || name == "follow" }

  packages = { for function in keys(local.functions) : function => "${var.package_directory}/${function}-${var.architecture}.zip" }
}

resource "aws_lambda_function" "this" {
  # Exceptions from checkov's rules:
  # checkov:skip=CKV_AWS_117:The functions call AWS only. In a VPC they would need NAT or endpoints, one more thing that fails with the Region.
  # checkov:skip=CKV_AWS_116:An on-failure destination is set instead: it also carries the function's answer (see failures.tf).
  # checkov:skip=CKV_AWS_272:Packages come from the user's own build, not from a signing pipeline; source_code_hash pins what is deployed.
  # checkov:skip=CKV_AWS_173:The environment is a parameter prefix, a log level and a bucket's name. A key of our own would add a call to a cold start, and one more way to fail.
  # checkov:skip=CKV_AWS_50:A decision's log line has every check and every call's outcome; tracing would put an SDK and a daemon into the path.
  for_each = local.functions

  function_name                  = "${var.name}-${each.key}"
  description                    = "failover-responder: ${each.key}"
  role                           = aws_iam_role.this[each.key].arn
  filename                       = local.packages[each.key]
  source_code_hash               = try(filebase64sha256(local.packages[each.key]), null)
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  architectures                  = [var.architecture]
  memory_size                    = 256
  timeout                        = each.value.timeout
  reserved_concurrent_executions = var.reserve_concurrency ? each.value.concurrency : -1

  environment {
    variables = merge({
      PARAMETER_PREFIX = var.parameter_prefix
      RUST_LOG         = var.log_level
      }, each.key == "follow" || var.report_bucket == null ? {} : {
      REPORT_BUCKET = var.report_bucket.name
      }, each.key == "follow" || try(var.report_bucket.url, null) == null ? {} : {
      REPORT_URL = var.report_bucket.url
    })
  }

  # Otherwise the first invocation may make a group of that name without retention and key.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]

  lifecycle {
    precondition {
      condition     = fileexists(local.packages[each.key])
      error_message = "There is no ${local.packages[each.key]}: `make package` builds it, or put a release's archive there."
    }
    precondition {
      condition     = contains(local.regions, local.region) && alltrue([for database in local.databases : contains(keys(database.members), local.region)])
      error_message = "Each database, and a fleet, needs a member in ${local.region}, the Region that this responder is applied in."
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.functions

  name              = "/aws/lambda/${var.name}-${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.key_arn

  # The key's policy lets CloudWatch Logs use it.
  depends_on = [aws_kms_key_policy.this]
}
