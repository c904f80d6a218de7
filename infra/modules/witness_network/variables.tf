variable "name" {
  description = "Name of everything in it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,39}$", var.name))
    error_message = "name is at most 40 lower-case letters, digits and dashes."
  }
}

variable "cidr" {
  description = "Its addresses, a /24 that is part of neither member's network: it is peered to both."
  type        = string
  default     = "10.40.0.0/24"

  validation {
    condition     = can(regex("^10\\.[0-9]+\\.[0-9]+\\.0/24$", var.cidr)) && can(cidrhost(var.cidr, 0))
    error_message = "cidr is a /24 of 10.0.0.0/8, such as 10.40.0.0/24."
  }

  validation {
    condition = alltrue([for peer in [var.primary.cidr, var.secondary.cidr] :
      cidrhost("${split("/", var.cidr)[0]}/${split("/", peer)[1]}", 0) != cidrhost(peer, 0)
    ])
    error_message = "VPCs with the same addresses cannot be peered."
  }
}

variable "primary" {
  description = "The VPC in the Region of the provider aws.primary: its id, its addresses, and its route tables by what they are for. The output of that name of the module network has this form."
  type        = object({ vpc_id = string, cidr = string, route_table_ids = map(string) })
}

variable "secondary" {
  description = "The same of the VPC in the Region of the provider aws.secondary."
  type        = object({ vpc_id = string, cidr = string, route_table_ids = map(string) })
}

variable "zone_id" {
  description = "The private hosted zone of the writer record, of the account that is applied in."
  type        = string
}
