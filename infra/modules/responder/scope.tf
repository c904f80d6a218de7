# What this installation may touch: either what its databases name, one by one, or, for a fleet, what begins or ends as the
# fleet's names do. A list of each grows with the databases, and AWS bounds a role's policy (10,240 characters) and an event
# pattern (2,048).
variable "fleet" {
  description = <<-EOT
    For more than about ten databases, in place of `databases`: names that all of them share, so that no policy and no pattern grows. `regions` are those that may have a member; `cluster_prefix` is how each global cluster's and each member's identifier begins; `zone_ids` and `record_suffix` say where each writer record is (`*.<record_suffix>`); `parameter_path` is above each writer parameter; `alarms` are, by Region, how the names of the health and writer alarms begin; `topic_arns` are all topics that a database may name; `probe` is the name of the probe's function, the same in each Region. Whatever else begins like this would be this installation's to move: choose names that nothing else has.
  EOT
  type = object({
    regions        = list(string)
    cluster_prefix = string
    zone_ids       = list(string)
    record_suffix  = string
    parameter_path = string
    alarms         = optional(map(string), {})
    topic_arns     = optional(list(string), [])
    probe          = optional(string)
  })
  default = null

  validation {
    condition     = (var.fleet == null) != (length(var.databases) == 0)
    error_message = "Either databases or fleet is set: one says what the installation may touch."
  }

  validation {
    condition     = var.fleet == null ? true : length(distinct(var.fleet.regions)) >= 2 && length(var.fleet.regions) <= 11 && alltrue([for region in var.fleet.regions : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", region))])
    error_message = "fleet.regions has two to eleven Regions."
  }

  validation {
    condition     = var.fleet == null ? true : can(regex("^[a-z][a-z0-9-]{2,40}$", var.fleet.cluster_prefix))
    error_message = "fleet.cluster_prefix is at least three lower-case letters, digits and dashes: a shorter one would cover clusters that are not the fleet's."
  }

  validation {
    condition     = var.fleet == null ? true : can(regex("^([a-z0-9_-]+\\.)+[a-z0-9-]+$", var.fleet.record_suffix)) && length(var.fleet.zone_ids) > 0 && alltrue([for zone in var.fleet.zone_ids : can(regex("^Z[A-Z0-9]+$", zone))])
    error_message = "fleet.record_suffix is a DNS name of two labels or more in lower case, without a trailing dot, and zone_ids are hosted zones."
  }

  validation {
    condition     = var.fleet == null ? true : can(regex("^(/[A-Za-z0-9._-]+)+$", var.fleet.parameter_path)) && !startswith("${var.fleet.parameter_path}/", "${var.parameter_prefix}/") && !startswith("${var.parameter_prefix}/", "${var.fleet.parameter_path}/")
    error_message = "fleet.parameter_path is a path such as /databases, and neither above nor below parameter_prefix."
  }

  validation {
    condition     = try(var.fleet.probe, null) == null ? true : can(regex("^[A-Za-z0-9_-]{1,64}$", var.fleet.probe))
    error_message = "fleet.probe is the name of a Lambda function."
  }

  validation {
    condition     = var.fleet == null ? true : alltrue([for region, prefix in var.fleet.alarms : length(prefix) >= 3])
    error_message = "fleet.alarms maps a Region to how the names of the alarms there begin, at least three characters."
  }
}

locals {
  is_fleet  = var.fleet != null
  databases = values(var.databases)

  regions = local.is_fleet ? sort(distinct(var.fleet.regions)) : sort(distinct(flatten([for database in local.databases : keys(database.members)])))

  parameter_arns = [for region in local.regions : "arn:${local.partition}:ssm:${region}:${local.account}:parameter"]
  writer_parameters = distinct(flatten([for arn in local.parameter_arns :
    local.is_fleet ? ["${arn}${var.fleet.parameter_path}/*"] : [for database in local.databases : "${arn}${database.parameter}"]
  ]))

  zones = local.is_fleet ? distinct(var.fleet.zone_ids) : distinct([for database in local.databases : database.record.zone_id])
  # The two names of each database in a zone: the writer record and its ownership record, which a fleet's pattern covers.
  names = { for zone in local.zones : zone => local.is_fleet ? ["*.${var.fleet.record_suffix}"] : flatten([for database in local.databases :
    [database.record.name, "_failover-responder.${database.record.name}"] if database.record.zone_id == zone
  ]) }

  global_cluster_arns = distinct([for name in local.is_fleet ? ["${var.fleet.cluster_prefix}*"] : [for database in local.databases : database.global_cluster] :
    "arn:${local.partition}:rds::${local.account}:global-cluster:${name}"
  ])
  # By Region. A database without a member here is refused by the functions' precondition.
  cluster_arns = { for region in local.regions : region => local.is_fleet ? ["arn:${local.partition}:rds:${region}:${local.account}:cluster:${var.fleet.cluster_prefix}*"] : distinct(compact([
    for database in local.databases : lookup(database.members, region, "")
  ])) }

  topics = distinct(local.is_fleet ? var.fleet.topic_arns : compact(flatten([for database in local.databases : [database.failover.topic_arn, values(database.failover.topic_arns)]])))

  # Health alarms and writer alarms. Whichever comes last, a look right then is quicker than the next tick.
  waking_alarms = local.is_fleet ? [for region, prefix in var.fleet.alarms : "arn:${local.partition}:cloudwatch:${region}:${local.account}:alarm:${prefix}*"] : flatten([
    for database in local.databases : concat(database.failover.health_alarms, database.failover.writer_alarms)
  ])
  # A pattern has at most 2,048 characters. That is room for six alarms whose names have the greatest length, 255. It must
  # not have an empty list either: without alarms this one matches nothing.
  alarm_groups = length(local.waking_alarms) > 0 ? chunklist(local.waking_alarms, 6) : [["none"]]

  probes = distinct(local.is_fleet ? [for region in local.regions : "arn:${local.partition}:lambda:${region}:${local.account}:function:${var.fleet.probe}" if var.fleet.probe != null] : flatten([
    for database in local.databases : [for region, function in database.probe : "arn:${local.partition}:lambda:${region}:${local.account}:function:${function}"]
  ]))

  may_fail_over = var.size == "all" && (local.is_fleet || anytrue([for database in local.databases : database.failover.mode != "off"]))
}
