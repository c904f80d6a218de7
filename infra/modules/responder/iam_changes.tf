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
}
