variable "name" {
  description = "Name of the database in the installation, such as todo."
  type        = string
}

variable "global_cluster" {
  description = "Identifier of the Aurora global cluster that you have."
  type        = string
}

variable "zone_name" {
  description = "Name of the private hosted zone that is made for the writer record, such as db.todo.internal."
  type        = string
}

variable "parameter" {
  description = "Name of the writer parameter, such as /todo/database/writer."
  type        = string
}

variable "primary" {
  description = "One member: its Region, its cluster's ARN and writer endpoint, and the VPC whose clients look the writer up."
  type        = object({ region = string, cluster_arn = string, endpoint = string, vpc_id = string })
}

variable "secondary" {
  description = "The other member."
  type        = object({ region = string, cluster_arn = string, endpoint = string, vpc_id = string })
}
