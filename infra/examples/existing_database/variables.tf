variable "name" {
  description = "Name of the database in the installation, such as todo."
  type        = string
}

variable "global_cluster" {
  description = "Identifier of the Aurora global cluster that you have."
  type        = string
}

variable "primary" {
  description = "One member: its Region, its cluster's identifier, and the VPC whose clients look the writer up."
  type        = object({ region = string, cluster = string, vpc_id = string })
}

variable "secondary" {
  description = "The other member."
  type        = object({ region = string, cluster = string, vpc_id = string })
}

variable "first_writer" {
  description = "Which of the two is the writer now: primary or secondary. Looked at in the first apply only."
  type        = string
  default     = "primary"
}

variable "zone_name" {
  description = "Name of the private hosted zone that is made for the writer record, such as db.todo.internal."
  type        = string
}

variable "parameter" {
  description = "Name of the writer parameter, such as /todo/database/writer."
  type        = string
}

variable "size" {
  description = "What is installed: all, or follow alone, which keeps the record and the parameters on the writer and starts nothing. With follow, failover.mode is off, and there are no probes."
  type        = string
  default     = "all"

  validation {
    condition     = var.size != "follow" || var.probe == null
    error_message = "A probe is for the failover that size follow does not have."
  }
}

variable "failover" {
  description = "What alarms may do; see the module writer_endpoint. The default follows the writer and starts nothing. Without topic_arns or a topic_arn, advice goes to the topics of the output `topic_arns`."
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
}

variable "probe" {
  description = "Probes in both Regions, which ask the database by SQL whether it takes writes; null for none. Private subnets of each VPC; the peer's network reaches through a peering or a transit gateway of yours, and both clusters have IAM authentication. dbname is the database to connect to, by default the cluster's first one or else the installation's name of it. open_databases adds rules to the clusters' security groups that let the probes in."
  type = object({
    primary_subnet_ids   = list(string)
    secondary_subnet_ids = list(string)
    dbname               = optional(string)
    open_databases       = optional(bool, true)
  })
  default = null
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

variable "reserve_concurrency" {
  description = "Whether the functions' concurrency, 13 in each Region and 5 for a probe, is reserved from the account's, so that nothing else can take it. A new account has a quota of 10, of which none can be reserved."
  type        = bool
  default     = false
}

variable "snapshot_key_arns" {
  description = "Keys of yours that the clusters are encrypted with, one a Region: with them `failoverctl salvage` can keep what a failover lost. AWS's own key needs no entry."
  type        = list(string)
  default     = []
}

variable "report_buckets" {
  description = "Buckets of yours by Region, one in each, in which the functions keep a page about each move that they start: `{ ap-northeast-2 = { name = \"...\" }, ap-northeast-3 = { name = \"...\" } }`. The messages then have its link."
  type        = map(object({ name = string, kms_key_arn = optional(string), url = optional(string) }))
  default     = {}
}

variable "tags" {
  description = "Tags of everything that is made."
  type        = map(string)
  default     = { application = "failover-responder" }
}
