variable "name" {
  description = "Name of the installation, as the responder has it: the function is <name>-probe, its alarms <name>-<database>-writer and <name>-<database>-unprobed."
  type        = string
  default     = "failover-responder"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,29}$", var.name))
    error_message = "name is 2 to 30 lower-case letters, digits and dashes, and begins with a letter."
  }
}

variable "package_directory" {
  description = "Folder with the function's package, probe-arm64.zip or probe-x86_64.zip, as `make package` builds it."
  type        = string
}

variable "architecture" {
  description = "Processor of the function: arm64 or x86_64."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is arm64 or x86_64."
  }
}

variable "vpc_id" {
  description = "The VPC that the probe stands in: one that reaches all members, by peering or a transit gateway, and in which the writer record resolves."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of it, in two zones or more. They need no way to the internet and no VPC endpoint."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids are of two zones or more: a zone that fails must not take the probe with it."
  }
}

variable "database_security_groups" {
  description = "Security groups of the clusters in this VPC, or in a peered one of this Region, by any names: the probe may connect to them."
  type        = map(string)
  default     = {}
}

variable "database_cidrs" {
  description = "Networks of the clusters in other Regions, by any names: the probe may connect to them. Best those of the databases' subnets."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for cidr in values(var.database_cidrs) : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "database_cidrs are networks, never the whole internet."
  }

  validation {
    condition     = length(var.database_cidrs) + length(var.database_security_groups) > 0
    error_message = "The probe needs somebody to connect to: database_security_groups, database_cidrs or both."
  }
}

variable "open_databases" {
  description = "Whether database_security_groups get rules that let the probe in. Not where something lets it in already, and not where the group's rules are written inside of the aws_security_group that makes it: that would take ours away."
  type        = bool
  default     = true
}

variable "peer_cidrs" {
  description = "Networks of the probes in other Regions, by any names: open_databases lets them into database_security_groups as well."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for cidr in values(var.peer_cidrs) : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "peer_cidrs are networks, never the whole internet."
  }
}

variable "user" {
  description = "The database user that the probe logs in as. `failoverctl probe install` prints the SQL that makes it."
  type        = string
  default     = "failover_responder_probe"

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_]{0,62}$", var.user))
    error_message = "user is a PostgreSQL name in lower case."
  }
}

variable "every_seconds" {
  description = "How often it looks. More than 10 leaves periods of the writer alarm without data, and so an outage is found later."
  type        = number
  default     = 5

  validation {
    condition     = var.every_seconds >= 1 && var.every_seconds <= 60 && var.every_seconds == floor(var.every_seconds)
    error_message = "every_seconds is a whole number between 1 and 60."
  }
}

variable "reserved_concurrency" {
  description = "How much of the account's concurrency is reserved for the probe, or null for none. Two invocations of the schedule overlap, and follow, failover and drill ask besides."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null ? true : var.reserved_concurrency >= 4
    error_message = "reserved_concurrency is at least 4: two of the schedule, one of follow and one of failover."
  }
}

variable "alarm_actions" {
  description = "Whom the alarms tell: SNS topics of this Region. Not the failover function: it hears of its writer alarms by EventBridge."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.alarm_actions : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", arn))])
    error_message = "alarm_actions are ARNs of SNS topics."
  }
}

variable "event_bus_arns" {
  description = "Event buses of the responders in other Regions (their output event_bus_arn), by any names: the writer alarms' changes are forwarded to them."
  type        = map(string)
  default     = {}
}

variable "log_retention_days" {
  description = "How long the log is kept. It grows by about a gigabyte a month and database; see what it costs."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is a period that CloudWatch Logs has."
  }
}

variable "kms_key_arn" {
  description = "Key of the log, whose policy lets CloudWatch Logs use it: the responder's, by its output kms_key_arn. Null leaves it to CloudWatch Logs."
  type        = string
  default     = null
}
