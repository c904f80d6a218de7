variable "name" {
  description = "Name of the application; everything is named after it."
  type        = string
  default     = "todo"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,19}$", var.name))
    error_message = "name is at most 20 lower-case letters and digits."
  }
}

variable "zone_id" {
  description = "Id of a public hosted zone of yours, which the internet delegates to."
  type        = string
}

variable "host" {
  description = "What users type, below that zone's name, such as todo.example.com. Each Region's own name is made below it."
  type        = string
}

variable "admin_cidrs" {
  description = "Networks from which you run kubectl, such as 203.0.113.7/32."
  type        = list(string)
}

variable "failover_mode" {
  description = "What the health alarms do: off, advise (tell people, with the command) or automatic (start the failover when every check passes)."
  type        = string
  default     = "advise"
}

variable "alert_emails" {
  description = "Who is told, by mail, in both Regions. Each has to confirm."
  type        = set(string)
  default     = []
}

variable "deletion_protection" {
  description = "Whether the database refuses to be deleted, and the repositories while they hold images. Set it to false, and apply, before terraform destroy; that apply warns where the writer is not in Seoul."
  type        = bool
  default     = true
}

variable "package_directory" {
  description = "Folder with the functions' packages. The default is where `make package` puts them."
  type        = string
  default     = "../../../target/package"
}

variable "architecture" {
  description = "Processor of the functions: arm64 or x86_64."
  type        = string
  default     = "arm64"
}

variable "password_version" {
  description = "Raise it to have a new master password made, stored in both Regions and set. The pods do not use it."
  type        = number
  default     = 1
}

variable "reserve_concurrency" {
  description = "Whether the functions' concurrency, 13 in each Region and 5 for a probe, is reserved from the account's, so that nothing else can take it. A new account has a quota of 10, of which none can be reserved."
  type        = bool
  default     = false
}

variable "witness_region" {
  description = "A third Region, such as ap-northeast-1, from which a probe looks as well: then a writer that only Osaka cannot reach is not taken for dead. Null for none. Before you change it or set it to null, set keep_witness to false, and apply."
  type        = string
  default     = null
}

variable "keep_witness" {
  description = "Set it to false, and apply, to take the witness away; after that witness_region may be changed. Terraform looks for the witness in witness_region: with another one it would not find it, and leave it behind."
  type        = bool
  default     = true
}

variable "witness_cidr" {
  description = "Addresses of the witness's VPC, a /24 that is part of neither Region's network."
  type        = string
  default     = "10.40.0.0/24"
}

variable "tags" {
  description = "Tags of everything that is made."
  type        = map(string)
  default     = { application = "todo" }
}
