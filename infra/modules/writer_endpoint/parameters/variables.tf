variable "configuration" {
  description = "The configuration parameter: its name and its value."
  type        = object({ name = string, value = string })
}

variable "state" {
  description = "The state parameter and its first value."
  type        = object({ name = string, value = string })
}

variable "writer" {
  description = "The writer parameter and its first value."
  type        = object({ name = string, value = string })
}
