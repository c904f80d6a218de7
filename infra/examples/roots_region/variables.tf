variable "region" {
  description = "The Region whose functions this state holds."
  type        = string
}

variable "names" {
  description = "Names of the databases in the installation, such as todo, whose configuration the root roots_endpoint has put into Parameter Store."
  type        = set(string)
}

variable "parameter_prefix" {
  description = "Where the installation's configuration is in Parameter Store."
  type        = string
  default     = "/failover-responder"
}

variable "size" {
  description = "What is installed: all, or follow alone."
  type        = string
  default     = "all"
}

variable "log_level" {
  description = "RUST_LOG of the functions."
  type        = string
  default     = "info"
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
