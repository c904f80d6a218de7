variable "name" {
  description = "Name of the peering."
  type        = string
}

variable "requester" {
  description = "The VPC in the Region of the provider aws: its id, its addresses, and its route tables by what they are for."
  type        = object({ vpc_id = string, cidr = string, route_table_ids = map(string) })
}

variable "accepter" {
  description = "The same of the VPC in the Region of the provider aws.accepter."
  type        = object({ vpc_id = string, cidr = string, route_table_ids = map(string) })
}
