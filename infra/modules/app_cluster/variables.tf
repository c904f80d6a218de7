variable "name" {
  description = "Name of the cluster, such as todo-seoul."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,39}$", var.name))
    error_message = "name is at most 40 lower-case letters, digits and dashes."
  }
}

variable "kubernetes_version" {
  description = "Version of Kubernetes, one in EKS's standard support: it ends fourteen months after a version's release, and what follows costs six times as much."
  type        = string
  default     = "1.35"

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "kubernetes_version is a major and a minor version, such as 1.35."
  }
}

variable "subnet_ids" {
  description = "Private subnets, in two zones or more."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "EKS needs subnets in two zones."
  }
}

variable "admin_cidrs" {
  description = "Networks from which the cluster's API may be reached. Empty: from within the VPC only."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.admin_cidrs : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "admin_cidrs has networks such as 203.0.113.7/32, and never the whole internet."
  }
}

variable "application" {
  description = "The application's service account, and what its pods may do: read the writer parameter of this Region, and log in to each member, in whichever Region, as login.user by IAM. resource_ids are the clusters' own, by Region (cluster-…, not their identifiers): a pod of one Region writes to the other's cluster while the writer is there."
  type = object({
    namespace       = optional(string, "todo")
    service_account = optional(string, "todo")
    parameter_arn   = string
    login           = object({ user = string, resource_ids = map(string) })
  })

  validation {
    condition     = startswith(var.application.parameter_arn, "arn:") && !strcontains(var.application.parameter_arn, "*")
    error_message = "application names exactly one parameter."
  }

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_]{0,62}$", var.application.login.user)) && length(var.application.login.resource_ids) > 0 && alltrue([for id in values(var.application.login.resource_ids) : can(regex("^(cluster|prx)-[A-Za-z0-9]+$", id))])
    error_message = "application.login has one user's name and the clusters' resource ids, such as cluster-ABC."
  }
}

variable "dns" {
  description = "The public hosted zone, and this Region's own host name in it, such as seoul.todo.example.com, that is kept on the load balancer."
  type        = object({ zone_id = string, host = string })

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.){2,}[a-z0-9-]+$", var.dns.host)) && !startswith(var.dns.host, "*")
    error_message = "dns.host is a full host name in lower case."
  }
}

variable "external_dns_version" {
  description = "Version of EKS's add-on external-dns, so that no new one comes by itself: v0.22 reads annotations by another prefix. The Ingress carries both. Null takes what EKS has as the default."
  type        = string
  default     = "v0.19.0-eksbuild.2"

  validation {
    condition     = var.external_dns_version == null || can(regex("^v[0-9]+\\.[0-9]+\\.[0-9]+-eksbuild\\.[0-9]+$", var.external_dns_version))
    error_message = "external_dns_version is one that `aws eks describe-addon-versions --addon-name external-dns` lists, such as v0.19.0-eksbuild.2."
  }
}

variable "delete_images" {
  description = "Whether destroying the repository deletes the images in it. Otherwise AWS refuses to delete one that has any."
  type        = bool
  default     = false
}
