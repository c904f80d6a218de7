# The databases, in the form of their configuration parameter (see the writer_endpoint module, which makes both).
variable "databases" {
  description = "The databases to look after, by name: what the functions may touch is derived from it, one by one. More than about ten do not fit into a role's policy: see fleet. The output `database` of the module writer_endpoint has this form."
  type = map(object({
    global_cluster = string
    members        = map(string)
    record = object({
      zone_id = string
      name    = string
    })
    parameter = string
    probe     = optional(map(string), {})
    failover = optional(object({
      mode          = optional(string, "off")
      health_alarms = optional(list(string), [])
      writer_alarms = optional(list(string), [])
      topic_arn     = optional(string)
      topic_arns    = optional(map(string), {})
    }), {})
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.databases) : can(regex("^[A-Za-z0-9._-]{1,64}$", name))])
    error_message = "a name is letters, digits, '.', '_' and '-', at most 64."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : can(regex("^[a-z][a-z0-9-]{0,62}$", database.global_cluster))])
    error_message = "global_cluster is a global cluster's identifier, in lower case."
  }

  validation {
    condition = alltrue(flatten([for database in values(var.databases) : [
      for region, arn in database.members : can(regex("^arn:aws[a-z-]*:rds:${region}:[0-9]{12}:cluster:[a-z][a-z0-9-]*$", arn))
    ]]))
    error_message = "members maps a Region to the ARN of its member cluster in that Region."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : length(database.members) >= 2 && length(database.members) <= 11])
    error_message = "A database has a member in two to eleven Regions."
  }

  # IAM compares normalized names: lower case, no trailing dot. Another form would be allowed nothing.
  validation {
    condition     = alltrue([for database in values(var.databases) : can(regex("^([a-z0-9_-]+\\.)+[a-z0-9-]+$", database.record.name))])
    error_message = "record.name is a full DNS name in lower case, without a trailing dot."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : can(regex("^Z[A-Z0-9]+$", database.record.zone_id))])
    error_message = "record.zone_id is a hosted zone's id, such as Z0123456789."
  }

  # Otherwise the right to publish a writer would be one to change a configuration or to lift a hold.
  validation {
    condition = alltrue([for database in values(var.databases) : can(regex("^(/[A-Za-z0-9._-]+)+$", database.parameter))
    && !startswith(database.parameter, "${var.parameter_prefix}/")])
    error_message = "parameter is a full parameter name, and not below parameter_prefix."
  }

  validation {
    condition = alltrue(flatten([for database in values(var.databases) : [
      for arn in concat(database.failover.health_alarms, database.failover.writer_alarms) : can(regex("^arn:aws[a-z-]*:cloudwatch:[a-z0-9-]+:[0-9]{12}:alarm:.+$", arn))
    ]]))
    error_message = "failover.health_alarms and failover.writer_alarms have ARNs of CloudWatch alarms."
  }

  validation {
    condition = alltrue(flatten([for database in values(var.databases) : [
      for region, function in database.probe : contains(keys(database.members), region) && can(regex("^[A-Za-z0-9_-]{1,64}$", function))
    ]]))
    error_message = "probe maps a Region with a member to the name of a Lambda function there."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : contains(["off", "advise", "automatic"], database.failover.mode)])
    error_message = "failover.mode is off, advise or automatic."
  }

  validation {
    condition = alltrue(flatten([for database in values(var.databases) : [
      for region, arn in database.failover.topic_arns : can(regex("^arn:aws[a-z-]*:sns:${region}:[0-9]{12}:[A-Za-z0-9_-]+$", arn))
    ]]))
    error_message = "failover.topic_arns maps a Region to the ARN of an SNS topic in that Region."
  }
}
