variable "name" {
  description = "Identifier of the global cluster; the member clusters are <name>-<member name>."
  type        = string

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])*$", var.name)) && length(var.name) <= 36
    error_message = "name is lower-case letters, digits and single dashes, begins with a letter, and has at most 36 characters."
  }
}

variable "primary" {
  description = "The member that is created as the writer: its name, such as seoul, and the VPC, its private subnets and the networks that may connect. kms_key_arn is a key of yours in that Region; without one a key is made, whose deletion a destroy schedules, and with it that of every snapshot that it encrypts."
  type        = object({ name = string, vpc_id = string, subnet_ids = list(string), client_cidrs = list(string), kms_key_arn = optional(string) })

  validation {
    condition     = length(var.primary.subnet_ids) >= 2 && alltrue([for cidr in var.primary.client_cidrs : can(cidrhost(cidr, 0)) && cidr != "0.0.0.0/0"])
    error_message = "primary has subnets in two zones or more, and client_cidrs are networks, never the whole internet."
  }
}

variable "secondary" {
  description = "The same of the member in the other Region."
  type        = object({ name = string, vpc_id = string, subnet_ids = list(string), client_cidrs = list(string), kms_key_arn = optional(string) })

  validation {
    condition     = length(var.secondary.subnet_ids) >= 2 && alltrue([for cidr in var.secondary.client_cidrs : can(cidrhost(cidr, 0)) && cidr != "0.0.0.0/0"])
    error_message = "secondary has subnets in two zones or more, and client_cidrs are networks, never the whole internet."
  }
}

variable "engine_version" {
  description = "Version of Aurora PostgreSQL, major and minor. Members of equal versions are what a failover needs."
  type        = string
  default     = "16.8"

  validation {
    condition     = can(regex("^1[4-9]\\.[0-9]+$", var.engine_version))
    error_message = "engine_version is a major and a minor version, such as 16.8."
  }
}

variable "instance_class" {
  description = "Class of the instances: one that global databases support."
  type        = string
  default     = "db.r6g.large"

  validation {
    condition     = can(regex("^db\\.(r|x)[0-9]", var.instance_class))
    error_message = "A global database needs an instance class of the families r or x."
  }
}

variable "instances_per_region" {
  description = "Instances in each Region. With two, an instance's failure heals within the Region, and a new writer has a reader beside it."
  type        = number
  default     = 2

  validation {
    condition     = var.instances_per_region >= 1 && var.instances_per_region <= 15
    error_message = "instances_per_region is between 1 and 15; without one, a Region cannot be failed over to."
  }
}

variable "database_name" {
  description = "Name of the first database in the cluster."
  type        = string
  default     = "todo"
}

variable "master_username" {
  description = "Name of the master user."
  type        = string
  default     = "todo"

  validation {
    condition     = !contains(["postgres", "rdsadmin", "admin"], var.master_username)
    error_message = "master_username is a name of your own, not a reserved one."
  }
}

variable "master_password" {
  description = "Password of the master user, as the module database_password hands it on. Write-only: it enters no state and no plan."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "master_password_version" {
  description = "Raise it, with that module's password_version, to have the new password set."
  type        = number
  default     = 1
}

variable "backup_retention_days" {
  description = "How long automatic backups are kept."
  type        = number
  default     = 14

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 35
    error_message = "backup_retention_days is between 1 and 35."
  }
}

variable "deletion_protection" {
  description = "Whether the database refuses to be deleted, also by terraform destroy."
  type        = bool
  default     = true
}

variable "log_retention_days" {
  description = "How long PostgreSQL's log is kept in CloudWatch Logs, which has slow statements and changes of the schema."
  type        = number
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is a period that CloudWatch Logs has."
  }
}

variable "lag_alarm" {
  description = "From which replication lag on the alarm rings, in milliseconds, and whom it tells in the primary's and the secondary's Region: SNS topics."
  type = object({
    threshold_ms      = optional(number, 5000)
    primary_actions   = optional(list(string), [])
    secondary_actions = optional(list(string), [])
  })
  default = {}
}
