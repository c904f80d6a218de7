variable "name" {
  description = "Name of the VPC."
  type        = string
}

variable "cidr" {
  description = "Its addresses, a /16."
  type        = string
}

variable "zones" {
  description = "How many availability zones."
  type        = number
}
