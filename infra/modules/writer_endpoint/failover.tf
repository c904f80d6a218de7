# When health alarms may start a failover: the part `failover` of the configuration.
variable "failover" {
  description = "What an alarm may do (mode off, advise or automatic); health_alarms, all of which are in ALARM when users are not served; writer_alarms, which say that the database itself is down; the bounds: max_lag_seconds, unknown_lag (refuse, or allow a failover of which nobody knows what it loses), cooldown_seconds; targets, the Regions in the order in which they take over; topic_arns, a topic for each Region, or one topic_arn for all."
  type = object({
    mode             = optional(string, "off")
    health_alarms    = optional(list(string), [])
    writer_alarms    = optional(list(string), [])
    max_lag_seconds  = optional(number, 5)
    unknown_lag      = optional(string)
    cooldown_seconds = optional(number, 3600)
    targets          = optional(list(string), [])
    topic_arn        = optional(string)
    topic_arns       = optional(map(string), {})
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
    condition     = var.failover.mode != "advise" || length(var.failover.topic_arns) > 0 || var.failover.topic_arn != null
    error_message = "mode advise needs topic_arns, or a topic_arn: whom to advise."
  }

  validation {
    condition     = alltrue([for arn in concat(var.failover.health_alarms, var.failover.writer_alarms) : can(regex("^arn:aws[a-z-]*:cloudwatch:[a-z0-9-]+:[0-9]{12}:alarm:.+$", arn))])
    error_message = "failover.health_alarms and failover.writer_alarms have ARNs of CloudWatch alarms."
  }

  validation {
    condition     = var.failover.unknown_lag == null || contains(["refuse", "allow"], coalesce(var.failover.unknown_lag, "refuse"))
    error_message = "failover.unknown_lag is refuse or allow."
  }

  validation {
    condition     = alltrue([for region, arn in var.failover.topic_arns : can(regex("^arn:aws[a-z-]*:sns:${region}:[0-9]{12}:[A-Za-z0-9_-]+$", arn))])
    error_message = "failover.topic_arns maps a Region to the ARN of an SNS topic in that Region."
  }
}
