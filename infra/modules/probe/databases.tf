variable "databases" {
  description = "The databases to look at, by name: record, the writer record's name; members, by Region, each with its cluster's writer endpoint and resource id (cluster-…, not its identifier); endpoints, what is published in the members' place, by Region, as in the module writer_endpoint; proxies, the resource ids (prx-…) of RDS Proxies among these; port; dbname, the database that the probe connects to, by default of the same name. Their names are the metrics' dimension, so they are those of the responder's databases."
  type = map(object({
    record    = string
    members   = map(object({ endpoint = string, resource_id = string }))
    endpoints = optional(map(string), {})
    proxies   = optional(map(string), {})
    port      = optional(number, 5432)
    dbname    = optional(string)
  }))

  validation {
    condition     = length(var.databases) > 0 && alltrue([for name in keys(var.databases) : can(regex("^[A-Za-z0-9._-]{1,64}$", name))])
    error_message = "databases has at least one; a name is letters, digits, '.', '_' and '-', at most 64."
  }

  validation {
    condition = alltrue(flatten([for database in values(var.databases) : [
      for host in concat([database.record], values(database.endpoints), [for member in values(database.members) : member.endpoint]) :
      can(regex("^([a-z0-9_-]+\\.)*[a-z0-9-]+$", host))
    ]]))
    error_message = "record, endpoints and the members' endpoints are DNS names in lower case, without a trailing dot."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : length(database.members) >= 2])
    error_message = "A database has a member in two Regions or more."
  }

  # Its identifier instead would be allowed nothing, and IAM would not say why.
  validation {
    condition = alltrue(flatten([for database in values(var.databases) : concat(
      [for member in values(database.members) : can(regex("^cluster-[A-Za-z0-9]+$", member.resource_id))],
      [for id in values(database.proxies) : can(regex("^prx-[A-Za-z0-9]+$", id))],
    )]))
    error_message = "resource_id is a cluster's DbClusterResourceId, such as cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ; those of proxies begin with prx-."
  }

  validation {
    condition = alltrue([for database in values(var.databases) :
      (length(database.endpoints) == 0 || toset(keys(database.endpoints)) == toset(keys(database.members)))
      && alltrue([for region in keys(database.proxies) : contains(keys(database.endpoints), region)])
    ])
    error_message = "endpoints has one name for each member's Region, or none; proxies are of Regions that it names."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : database.port >= 1 && database.port <= 65535 && database.port == floor(database.port)])
    error_message = "port is a port."
  }
}
