variable "name" {
  description = "Name of the database in the installation, and of its database in the cluster."
  type        = string
}

variable "zone_name" {
  description = "Name of the writer record's zone."
  type        = string
}

variable "zone_id" {
  description = "Its id."
  type        = string
}

variable "members" {
  description = "The clusters."
  type = object({
    seoul = object({ endpoint = string, resource_id = string, security_group_id = string })
    osaka = object({ endpoint = string, resource_id = string, security_group_id = string })
  })
}

variable "networks" {
  description = "The VPCs, as the module network has them."
  type = object({
    seoul = object({ vpc_id = string, cidr = string, private_subnet_ids = list(string), route_table_ids = map(string) })
    osaka = object({ vpc_id = string, cidr = string, private_subnet_ids = list(string), route_table_ids = map(string) })
  })
}

variable "responders" {
  description = "Of the responder in each Region what the probe there uses."
  type = object({
    seoul = object({ topic_arn = string, event_bus_arn = string, kms_key_arn = string })
    osaka = object({ topic_arn = string, event_bus_arn = string, kms_key_arn = string })
  })
}

variable "witness_region" {
  description = "The third Region, or null."
  type        = string

  validation {
    condition     = var.witness_region == null ? true : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.witness_region))
    error_message = "witness_region is a Region, such as ap-northeast-1."
  }

  validation {
    condition     = var.witness_region == null ? true : !contains(["ap-northeast-2", "ap-northeast-3"], var.witness_region)
    error_message = "A witness in a member's Region fails with it: choose a third one."
  }
}

variable "witness_cidr" {
  description = "Addresses of the witness's VPC."
  type        = string
}

variable "alert_emails" {
  description = "Who is told of a witness that says nothing."
  type        = set(string)
}

variable "package_directory" {
  description = "Folder with the functions' packages."
  type        = string
}

variable "architecture" {
  description = "Processor of the functions."
  type        = string
}

variable "reserve_concurrency" {
  description = "Whether concurrency is reserved."
  type        = bool
}
