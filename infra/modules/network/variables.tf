variable "name" {
  description = "Name that everything in the network begins with."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,29}$", var.name))
    error_message = "name is at most 30 lower-case letters, digits and dashes."
  }
}

variable "primary_cidr" {
  description = "Addresses of the VPC in the primary Region, a /16."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(regex("^10\\.[0-9]+\\.0\\.0/16$", var.primary_cidr)) && can(cidrhost(var.primary_cidr, 0))
    error_message = "primary_cidr is a /16 of 10.0.0.0/8, such as 10.20.0.0/16."
  }
}

variable "secondary_cidr" {
  description = "Addresses of the VPC in the secondary Region, another /16: the two are peered."
  type        = string
  default     = "10.30.0.0/16"

  validation {
    condition     = can(regex("^10\\.[0-9]+\\.0\\.0/16$", var.secondary_cidr)) && can(cidrhost(var.secondary_cidr, 0))
    error_message = "secondary_cidr is a /16 of 10.0.0.0/8, such as 10.30.0.0/16."
  }

  validation {
    condition     = var.primary_cidr != var.secondary_cidr
    error_message = "VPCs with the same addresses cannot be peered."
  }
}

variable "zones_per_region" {
  description = "How many availability zones each VPC spans."
  type        = number
  default     = 2

  validation {
    condition     = var.zones_per_region >= 2 && var.zones_per_region <= 3
    error_message = "zones_per_region is 2 or 3: the database and the load balancer need two."
  }
}
