variable "name" {
  description = "How the secret's name begins, such as todo/database/master; AWS adds a part of its own."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9/_+=.@-]{1,400}$", var.name))
    error_message = "name has letters, digits and /_+=.@- only."
  }
}

variable "description" {
  description = "What the password is for."
  type        = string
  default     = "Master password of an Aurora global database"
}

variable "kms_key_arn" {
  description = "Key of the secret in its own Region."
  type        = string
}

variable "replica" {
  description = "The Region of the replica, and the key there."
  type        = object({ region = string, kms_key_arn = string })

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.replica.region))
    error_message = "replica.region is an AWS Region, such as ap-northeast-3."
  }
}

variable "password_version" {
  description = "Raise it, here and in the module global_database, to have a new password made, stored and set."
  type        = number
  default     = 1
}

variable "recovery_window_days" {
  description = "For how long a deleted secret can be taken back: 7 to 30 days, or 0 to delete it at once."
  type        = number
  default     = 30

  validation {
    condition     = var.recovery_window_days == 0 || (var.recovery_window_days >= 7 && var.recovery_window_days <= 30)
    error_message = "recovery_window_days is 0, or between 7 and 30."
  }
}
