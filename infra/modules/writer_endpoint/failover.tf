# When health alarms may start a failover: the part `failover` of the configuration.
variable "failover" {
  description = "What an alarm may do (mode off, advise or automatic), which alarms together say that the writer is dead, and within which bounds."
  type = object({
    mode             = optional(string, "off")
    health_alarms    = optional(list(string), [])
    max_lag_seconds  = optional(number, 5)
    cooldown_seconds = optional(number, 3600)
    topic_arn        = optional(string)
  })
  default = {}

  validation {
    condition     = contains(["off", "advise", "automatic"], var.failover.mode)
    error_message = "failover.mode is off, advise or automatic."
  }

  validation {
    condition     = var.failover.mode == "off" || length(var.failover.health_alarms) > 0
    error_message = "Without health_alarms nothing can advise or start a failover: set some, or mode off."
  }

  validation {
    condition     = var.failover.mode != "advise" || var.failover.topic_arn != null
    error_message = "mode advise needs a topic_arn: whom to advise."
  }

  validation {
    condition     = alltrue([for arn in var.failover.health_alarms : can(regex("^arn:aws[a-z-]*:cloudwatch:[a-z0-9-]+:[0-9]{12}:alarm:.+$", arn))])
    error_message = "failover.health_alarms has ARNs of CloudWatch alarms."
  }
}
