variable "name" {
  description = "Name of the installation; every resource's name begins with it. The same in each Region."
  type        = string
  default     = "failover-responder"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,29}$", var.name))
    error_message = "name is 2 to 30 lower-case letters, digits and dashes, and begins with a letter."
  }
}

variable "parameter_prefix" {
  description = "Where the installation's configuration, state and holds live in Parameter Store. The same in each Region."
  type        = string
  default     = "/failover-responder"

  validation {
    condition     = can(regex("^(/[A-Za-z0-9._-]+)+$", var.parameter_prefix))
    error_message = "parameter_prefix begins with a slash, does not end with one, and has letters, digits, '.', '_' and '-' between them."
  }

  validation {
    condition     = !can(regex("^/(aws|ssm)", lower(var.parameter_prefix)))
    error_message = "Parameter Store reserves names that begin with /aws or /ssm."
  }
}

variable "size" {
  description = "What is installed: all, or follow alone, which keeps the record and the parameters on the writer and starts nothing. Without `failover` no alarm is read, and without `drill` failoverctl has nobody to ask. Set it to all later: what is there stays."
  type        = string
  default     = "all"

  validation {
    condition     = contains(["all", "follow"], var.size)
    error_message = "size is all or follow."
  }

  validation {
    condition     = var.size == "all" || alltrue([for database in values(var.databases) : database.failover.mode == "off"])
    error_message = "With size follow nobody reads alarms: each database's failover.mode is off."
  }
}

variable "package_directory" {
  description = "Folder with the functions' packages, follow-arm64.zip and so on, as `make package` builds them."
  type        = string
}

variable "architecture" {
  description = "Processor of the functions: arm64 or x86_64."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is arm64 or x86_64."
  }
}

variable "log_level" {
  description = "RUST_LOG of the functions."
  type        = string
  default     = "info"
}

variable "log_retention_days" {
  description = "How long decisions are kept in CloudWatch Logs."
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is a period that CloudWatch Logs has, of at least 30 days."
  }
}

variable "follow_timeout_seconds" {
  description = "How long one invocation of `follow` watches a transition. At least two schedule periods, so that no gap is left between two watches."
  type        = number
  default     = 180

  validation {
    condition     = var.follow_timeout_seconds >= 120 && var.follow_timeout_seconds <= 900
    error_message = "follow_timeout_seconds is between 120 (two schedule periods) and 900 (the most that Lambda has)."
  }
}

variable "follow_concurrency" {
  description = "How many invocations of `follow` may run at once. The schedule alone keeps one a minute running while a transition is watched."
  type        = number
  default     = 5

  validation {
    condition     = var.follow_concurrency >= ceil(var.follow_timeout_seconds / 60) + 2
    error_message = "follow_concurrency leaves room for two events beside the schedule: at least follow_timeout_seconds / 60 + 2."
  }
}

variable "failover_concurrency" {
  description = "How many invocations of `failover` may run at once: one that watches what it started, ticks of the schedule that overlap, and both deliveries of an alarm. With 1, what comes while a failover is watched is given up after a minute, each time with a dead letter."
  type        = number
  default     = 5

  validation {
    condition     = var.failover_concurrency >= 1
    error_message = "failover_concurrency is at least 1."
  }
}

variable "drill_concurrency" {
  description = "How many invocations of `drill` may run at once: one that watches a transition, and a hold and a status beside it."
  type        = number
  default     = 3

  validation {
    condition     = var.drill_concurrency >= 3
    error_message = "drill_concurrency is at least 3: with less a hold or a status is refused while a transition is watched."
  }
}

variable "reserve_concurrency" {
  description = "Whether the functions' concurrency is reserved, so that nothing else in the account can take it from them. Not by default, because it cannot be had everywhere: of a quota of 10, which a new account has, AWS lets none be reserved."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  description = "A key of yours in this Region, for the functions' logs and for the topic. Its policy has to let CloudWatch Logs, CloudWatch alarms and the functions' roles use it, as the key that is made without one does."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn is the ARN of a key, not of an alias."
  }
}

variable "topic_arn" {
  description = "A topic of yours in this Region that the alarms tell; without one a topic is made. Its policy has to let CloudWatch publish."
  type        = string
  default     = null

  validation {
    condition     = var.topic_arn == null ? true : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.topic_arn))
    error_message = "topic_arn is the ARN of a topic."
  }
}

variable "topic_key_arns" {
  description = "Keys of yours, of any Region, that topics are encrypted with to which a database's messages go."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.topic_key_arns : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", arn))])
    error_message = "topic_key_arns has ARNs of keys, not of aliases: a policy cannot name a key by its alias."
  }
}

variable "snapshot_key_arns" {
  description = "Keys of yours, of any Region, that the databases' clusters are encrypted with: `drill` may use them, through RDS alone, to copy the snapshot that AWS takes of an old writer. AWS's own key needs no entry."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.snapshot_key_arns : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", arn))])
    error_message = "snapshot_key_arns has ARNs of keys, not of aliases: a policy cannot name a key by its alias."
  }
}

variable "report_bucket" {
  description = "A bucket of yours in this Region, in which `failover` and `drill` keep a page about each move that they start; the messages about it then have its link. `kms_key_arn` is the key that the bucket encrypts with, where that is one of yours; `url` is where its objects are read, where that is not AWS's console. Without a bucket nothing is kept, and no right is given."
  type = object({
    name        = string
    kms_key_arn = optional(string)
    url         = optional(string)
  })
  default = null

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.report_bucket == null ? "none" : var.report_bucket.name))
    error_message = "report_bucket.name is a bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens."
  }
  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", try(coalesce(var.report_bucket.kms_key_arn), "arn:aws:kms:x:000000000000:key/none")))
    error_message = "report_bucket.kms_key_arn is the ARN of a key, not of an alias: a policy cannot name a key by its alias."
  }
  validation {
    condition     = can(regex("^https?://[^ ]+$", try(coalesce(var.report_bucket.url), "https://none")))
    error_message = "report_bucket.url begins with https://, such as https://reports.example.com."
  }
}

variable "role_path" {
  description = "Path of the functions' roles."
  type        = string
  default     = "/"

  validation {
    condition     = can(regex("^/([A-Za-z0-9_+=,.@-]+/)*$", var.role_path))
    error_message = "role_path begins and ends with a slash."
  }
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the functions' roles, where your organisation asks for one."
  type        = string
  default     = null
}
