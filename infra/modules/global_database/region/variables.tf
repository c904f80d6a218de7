variable "name" {
  description = "Identifier of the member cluster; what is made here is named after it."
  type        = string
}

variable "vpc_id" {
  description = "The VPC of the cluster."
  type        = string
}

variable "subnet_ids" {
  description = "Its private subnets, in two zones or more."
  type        = list(string)
}

variable "client_cidrs" {
  description = "Networks that may connect: those of both Regions' applications, because the writer can be in either."
  type        = list(string)
}

variable "engine_version" {
  description = "Version of Aurora PostgreSQL; its major part names the parameter groups' family."
  type        = string
}

variable "cluster" {
  description = "The member cluster that the instances are of."
  type        = object({ id = string, cluster_identifier = string, engine = string, engine_version_actual = string })
}

variable "instance_class" {
  description = "Class of the instances."
  type        = string
}

variable "instances" {
  description = "How many instances."
  type        = number
}

variable "lag_alarm" {
  description = "Threshold of the lag alarm in milliseconds, and whom it tells."
  type        = object({ threshold_ms = number, actions = list(string) })
}

variable "kms_key_arn" {
  description = "The user's key; null makes one."
  type        = string
}
