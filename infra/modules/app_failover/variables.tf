variable "name" {
  description = "Name of the application; health checks and alarms begin with it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,39}$", var.name))
    error_message = "name is at most 40 lower-case letters, digits and dashes."
  }
}

variable "zone_id" {
  description = "Id of the public hosted zone."
  type        = string
}

variable "host" {
  description = "What users type, such as todo.example.com. Not the zone's own name: a CNAME cannot stand there."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.){2,}[a-z0-9-]+$", var.host))
    error_message = "host is a full host name in lower case, below the zone's name."
  }
}

variable "primary_host" {
  description = "The application's host name in the primary Region, such as seoul.todo.example.com: answered while it is healthy."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.){2,}[a-z0-9-]+$", var.primary_host)) && var.primary_host != var.host
    error_message = "primary_host is a full host name, and not the host itself."
  }
}

variable "secondary_host" {
  description = "The same of the secondary Region: answered while the primary is not healthy and it is."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.){2,}[a-z0-9-]+$", var.secondary_host)) && !contains([var.host, var.primary_host], var.secondary_host)
    error_message = "secondary_host is a full host name, and neither the host nor primary_host."
  }
}

variable "health_path" {
  description = "What the health checkers ask for. /readyz answers 200 only while the application reaches the writer."
  type        = string
  default     = "/readyz"

  validation {
    condition     = startswith(var.health_path, "/")
    error_message = "health_path begins with a slash."
  }
}

variable "check_interval_seconds" {
  description = "How often each health checker asks: 10 or 30."
  type        = number
  default     = 10

  validation {
    condition     = contains([10, 30], var.check_interval_seconds)
    error_message = "Route 53 checks every 10 or every 30 seconds."
  }
}

variable "failure_threshold" {
  description = "How many checks in a row must fail, or succeed, for the state to change."
  type        = number
  default     = 3

  validation {
    condition     = var.failure_threshold >= 1 && var.failure_threshold <= 10
    error_message = "failure_threshold is between 1 and 10."
  }
}

variable "ttl_seconds" {
  description = "Time to live of the failover records."
  type        = number
  default     = 30

  validation {
    condition     = var.ttl_seconds >= 1 && var.ttl_seconds <= 300
    error_message = "ttl_seconds is between 1 and 300."
  }
}

variable "alarm_actions" {
  description = "Whom the health alarms tell: SNS topics in us-east-1."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.alarm_actions : strcontains(arn, ":us-east-1:")])
    error_message = "alarm_actions are of us-east-1, where the alarms are."
  }
}

variable "event_bus_arns" {
  description = "Where state changes of the health alarms are forwarded to, by a name of your choice: the responders' `event_bus_arn`."
  type        = map(string)
  default     = {}
}
