variable "name" {
  description = "Name of the database: the last part of its configuration parameter."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,64}$", var.name))
    error_message = "name is letters, digits, '.', '_' and '-', at most 64."
  }
}

variable "parameter_prefix" {
  description = "The installation's prefix in Parameter Store, as the responder has it."
  type        = string
  default     = "/failover-responder"

  validation {
    condition     = can(regex("^(/[A-Za-z0-9._-]+)+$", var.parameter_prefix)) && !can(regex("^/(aws|ssm)", lower(var.parameter_prefix)))
    error_message = "parameter_prefix begins with a slash, does not end with one, and is not below /aws or /ssm."
  }
}

variable "global_cluster" {
  description = "Identifier of the global cluster."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,62}$", var.global_cluster))
    error_message = "global_cluster is a global cluster's identifier, in lower case."
  }
}

variable "primary" {
  description = "The member in the Region of the provider aws.primary: its ARN, its writer endpoint, and the VPC in which the record resolves."
  type        = object({ cluster_arn = string, endpoint = string, vpc_id = string })

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:rds:[a-z0-9-]+:[0-9]{12}:cluster:[a-z][a-z0-9-]*$", var.primary.cluster_arn))
    error_message = "primary.cluster_arn is the ARN of an Aurora cluster."
  }
}

variable "secondary" {
  description = "The same of the member in the Region of the provider aws.secondary."
  type        = object({ cluster_arn = string, endpoint = string, vpc_id = string })

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:rds:[a-z0-9-]+:[0-9]{12}:cluster:[a-z][a-z0-9-]*$", var.secondary.cluster_arn))
    error_message = "secondary.cluster_arn is the ARN of an Aurora cluster."
  }
}

variable "first_writer" {
  description = "Which member is the writer when this is applied first: primary or secondary. Later the functions know better, and it is not looked at."
  type        = string
  default     = "primary"

  validation {
    condition     = contains(["primary", "secondary"], var.first_writer)
    error_message = "first_writer is primary or secondary."
  }
}

variable "zone_name" {
  description = "Name of the private hosted zone, such as db.todo.internal. The zone is the responder's own: nothing else is in it."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.)+[a-z0-9-]+$", var.zone_name))
    error_message = "zone_name is a DNS name in lower case, without a trailing dot."
  }
}

variable "record_label" {
  description = "First label of the writer record: `writer` makes writer.db.todo.internal."
  type        = string
  default     = "writer"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,62}$", var.record_label))
    error_message = "record_label is one DNS label in lower case."
  }
}

variable "ttl_seconds" {
  description = "Time to live of the record: how long a client may go on with the former writer."
  type        = number
  default     = 5

  validation {
    condition     = var.ttl_seconds >= 1 && var.ttl_seconds <= 300
    error_message = "ttl_seconds is between 1 and 300."
  }
}

variable "parameter" {
  description = "Name of the writer parameter, such as /todo/database/writer, the same in each Region."
  type        = string

  validation {
    condition     = can(regex("^(/[A-Za-z0-9._-]+)+$", var.parameter)) && !startswith(var.parameter, "${var.parameter_prefix}/")
    error_message = "parameter is a full parameter name, and not below parameter_prefix."
  }
}

variable "settle_seconds" {
  description = "For how long after a publication nothing moves without an operator."
  type        = number
  default     = 60

  validation {
    condition     = var.settle_seconds >= 0 && var.settle_seconds <= 3600
    error_message = "settle_seconds is between 0 and 3600."
  }
}

variable "endpoints" {
  description = "What is published in place of the members' own endpoints, by Region: host names of RDS Proxies, PgBouncers or the like. Left out, or one for each member."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for host in values(var.endpoints) : can(regex("^([a-z0-9_-]+\\.)+[a-z0-9-]+$", host))])
    error_message = "endpoints has host names in lower case, without a trailing dot."
  }

  validation {
    condition     = length(distinct(values(var.endpoints))) == length(var.endpoints)
    error_message = "endpoints are of different names: a name that two Regions share would not say where the writer is."
  }
}

variable "probe" {
  description = "Functions that say by SQL whether an endpoint takes writes, by Region: their names. Left out, RDS's word counts alone."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for function in values(var.probe) : can(regex("^[A-Za-z0-9_-]{1,64}$", function))])
    error_message = "probe maps a Region to the name of a Lambda function there."
  }
}

variable "min_capacity" {
  description = "The least capacity of a Region that may take over: ACU of a serverless instance, or the vCPU of its class."
  type        = number
  default     = null

  validation {
    condition     = var.min_capacity == null ? true : var.min_capacity > 0
    error_message = "min_capacity is greater than 0."
  }
}

variable "format" {
  description = "Form of the configuration that is written, 1 or 2. Left out, it is 2 where something of form 2 is set (endpoints, probe, min_capacity; in failover writer_alarms, unknown_lag, targets and topic_arns) and is not written otherwise, which means 1. A function that is older than the form goes on following and starts nothing."
  type        = number
  default     = null

  validation {
    condition     = var.format == null ? true : contains([1, 2], var.format)
    error_message = "format is 1 or 2."
  }
}
