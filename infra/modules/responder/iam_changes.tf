# The statements that change something.

locals {
  publishes = concat([
    {
      Sid      = "PublishParameters"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter", "ssm:GetParameters", "ssm:PutParameter"]
      Resource = concat(local.writer_parameters, local.own_parameters.state)
    }
    ], [for index, zone in local.zones : {
      # The fence. A move is a DELETE of exactly what was read and a CREATE; an UPSERT would win over anybody.
      # ForAllValues also holds when a key is missing, so each key has to be there.
      Sid      = "MoveRecords${index}"
      Effect   = "Allow"
      Action   = "route53:ChangeResourceRecordSets"
      Resource = "arn:${local.partition}:route53:::hostedzone/${zone}"
      Condition = merge({
        "ForAllValues:StringEquals" = merge({
          "route53:ChangeResourceRecordSetsRecordTypes" = ["CNAME", "TXT"]
          "route53:ChangeResourceRecordSetsActions"     = ["CREATE", "DELETE"]
        }, local.is_fleet ? {} : { "route53:ChangeResourceRecordSetsNormalizedRecordNames" = local.names[zone] })
        Null = {
          "route53:ChangeResourceRecordSetsNormalizedRecordNames" = "false"
          "route53:ChangeResourceRecordSetsRecordTypes"           = "false"
          "route53:ChangeResourceRecordSetsActions"               = "false"
        }
        }, local.is_fleet ? {
        "ForAllValues:StringLike" = { "route53:ChangeResourceRecordSetsNormalizedRecordNames" = local.names[zone] }
      } : {})
  }])

  # Of every Region: a message goes to the own one first, and to the others when that fails.
  tells = concat([for topics in [local.topics] : {
    Sid      = "Tell"
    Effect   = "Allow"
    Action   = "sns:Publish"
    Resource = topics
    } if length(topics) > 0], [{
    # The keys of this installation's topics, in any of its Regions, and only to publish.
    Sid      = "Encrypt"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource = [for region in local.regions : "arn:${local.partition}:kms:${region}:${local.account}:key/*"]
    Condition = {
      "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = "alias/${var.name}" }
      StringEquals               = { "kms:ViaService" = local.sns }
    }
    }], [for keys in [distinct(compact(concat([var.kms_key_arn], var.topic_key_arns)))] : {
    # Keys of the user's, by name, and only to publish as well.
    Sid       = "EncryptForTopicsOfTheUser"
    Effect    = "Allow"
    Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource  = keys
    Condition = { StringEquals = { "kms:ViaService" = local.sns } }
  } if length(keys) > 0])
  # A partition may have a domain of its own, as China's has; which of the two KMS says there is not documented.
  sns = distinct(flatten([for region in local.regions :
    formatlist("sns.${region}.%s", ["amazonaws.com", data.aws_partition.current.dns_suffix])
  ]))

  # Only `failover` writes its attempts and what it found when it looked ahead, and only `drill` its runs: a parameter has no precondition, so that two writers
  # of one could overwrite each other.
  attempts = [{
    Sid      = "NoteAttempts"
    Effect   = "Allow"
    Action   = "ssm:PutParameter"
    Resource = concat(local.own_parameters.attempt, local.own_parameters.readiness)
  }]

  # RDS checks the right on the global cluster and on the member that becomes the writer. An alarm may make this Region's own
  # member the writer and no other: two Regions must never start two failovers.
  failovers = [{
    Sid      = "FailOver"
    Effect   = "Allow"
    Action   = "rds:FailoverGlobalCluster"
    Resource = concat(local.global_cluster_arns, lookup(local.cluster_arns, local.region, []))
  }]

  drills = [
    {
      Sid      = "FailOverAndSwitchOver"
      Effect   = "Allow"
      Action   = ["rds:FailoverGlobalCluster", "rds:SwitchoverGlobalCluster"]
      Resource = concat(local.global_cluster_arns, flatten(values(local.cluster_arns)))
    },
    {
      Sid      = "HoldAndDeclare"
      Effect   = "Allow"
      Action   = ["ssm:DeleteParameter", "ssm:PutParameter"]
      Resource = concat(local.own_parameters.hold, local.own_parameters.declared)
    },
    {
      Sid      = "NoteRuns"
      Effect   = "Allow"
      Action   = "ssm:PutParameter"
      Resource = local.own_parameters.run
    },
  ]

  # What a failover lost is in a snapshot that AWS takes of the old writer. `drill` copies it within its Region, under a name of
  # its own, and deletes nothing. By what the names have in common, for those of ten databases would fill a policy; a fleet's may
  # have eleven Regions, whose names would.
  snapshot_arns = [for region in local.is_fleet ? ["*"] : local.regions : "arn:${local.partition}:rds:${region}:${local.account}:cluster-snapshot"]
  originals     = [for arn in local.snapshot_arns : "${arn}:rds:unplanned-global-failover-${local.is_fleet ? var.fleet.cluster_prefix : ""}*"]
  copies        = [for arn in local.snapshot_arns : "${arn}:salvage-${local.is_fleet ? var.fleet.cluster_prefix : ""}*"]

  salvages = concat([
    merge({
      Sid      = "FindSnapshots"
      Effect   = "Allow"
      Action   = "rds:DescribeDBClusterSnapshots"
      Resource = "*"
    }, local.is_fleet ? {} : { Condition = { StringEquals = { "aws:RequestedRegion" = local.regions } } }),
    {
      # RDS checks the right on the original and on the copy.
      Sid      = "CopySnapshots"
      Effect   = "Allow"
      Action   = "rds:CopyDBClusterSnapshot"
      Resource = concat(local.originals, local.copies)
    },
    {
      Sid      = "TagCopies"
      Effect   = "Allow"
      Action   = "rds:AddTagsToResource"
      Resource = local.copies
    },
    # A copy stays under the original's key, for which RDS makes a grant in the caller's name. The keys may not exist yet.
    ], [for keys in [var.snapshot_key_arns] : {
      Sid       = "UseKeysOfSnapshots"
      Effect    = "Allow"
      Action    = ["kms:CreateGrant", "kms:DescribeKey"]
      Resource  = keys
      Condition = { StringEquals = { "kms:ViaService" = local.rds } }
  } if length(keys) > 0])
  rds = distinct(flatten([for region in local.regions :
    formatlist("rds.${region}.%s", ["amazonaws.com", data.aws_partition.current.dns_suffix])
  ]))

  # A page about each move, where a bucket is named: written and never read, and only below the installation's own prefix.
  reports = concat([for bucket in [var.report_bucket] : {
    Sid      = "KeepReports"
    Effect   = "Allow"
    Action   = "s3:PutObject"
    Resource = "arn:${local.partition}:s3:::${bucket.name}${var.parameter_prefix}/*"
    } if bucket != null], [for key in compact([try(var.report_bucket.kms_key_arn, null)]) : {
    Sid       = "EncryptReports"
    Effect    = "Allow"
    Action    = "kms:GenerateDataKey"
    Resource  = key
    Condition = { StringEquals = { "kms:ViaService" = local.s3 } }
  }])
  s3 = distinct(formatlist("s3.${local.region}.%s", ["amazonaws.com", data.aws_partition.current.dns_suffix]))
}
