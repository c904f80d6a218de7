# The probe of Seoul, with one database.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_directory        = "does-not-exist"
  vpc_id                   = "vpc-seoul"
  subnet_ids               = ["subnet-1", "subnet-2"]
  database_security_groups = { todo = "sg-todo" }
  database_cidrs           = { osaka = "10.30.0.0/16" }
  databases = {
    todo = {
      record = "writer.db.todo.internal"
      members = {
        ap-northeast-2 = { endpoint = "todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com", resource_id = "cluster-SEOUL" }
        ap-northeast-3 = { endpoint = "todo-osaka.cluster-def.ap-northeast-3.rds.amazonaws.com", resource_id = "cluster-OSAKA" }
      }
    }
  }
}

run "the_function" {
  assert {
    condition = (aws_lambda_function.this.function_name == "failover-responder-probe" && aws_lambda_function.this.filename == "does-not-exist/probe-arm64.zip"
    && aws_lambda_function.this.architectures == tolist(["arm64"]) && aws_lambda_function.this.runtime == "provided.al2023")
    error_message = "an arm64 bootstrap, named after the installation"
  }
  assert {
    condition     = aws_lambda_function.this.memory_size == 128 && aws_lambda_function.this.timeout == 90 && aws_lambda_function.this.reserved_concurrent_executions == -1
    error_message = "the smallest that Lambda has; it ends by itself before it is cut off; nothing reserved"
  }
  assert {
    condition     = aws_lambda_function.this.vpc_config[0].subnet_ids == toset(["subnet-1", "subnet-2"]) && aws_lambda_function.this.vpc_config[0].security_group_ids == toset(["sg-probe"])
    error_message = "inside the VPC, in a group of its own"
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/lambda/failover-responder-probe" && aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "its log does not grow for ever"
  }
  assert {
    condition     = output.function_name == "failover-responder-probe"
    error_message = "the name by which the others ask it"
  }
}

run "its_environment_is_all_it_has_to_know" {
  assert {
    condition = ({ for name, value in aws_lambda_function.this.environment[0].variables : name => value if name != "PROBE_DATABASES" }
    == { PROBE_USER = "failover_responder_probe", PROBE_EVERY_SECONDS = "5", PROBE_FOR_SECONDS = "75" })
    error_message = "user, pace, and 15 s beyond the minute; no password"
  }
  assert {
    condition = jsondecode(aws_lambda_function.this.environment[0].variables.PROBE_DATABASES) == { todo = {
      record = "writer.db.todo.internal"
      members = {
        ap-northeast-2 = "todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com"
        ap-northeast-3 = "todo-osaka.cluster-def.ap-northeast-3.rds.amazonaws.com"
      }
    } }
    error_message = "what is the default is left out"
  }
}

run "everything_that_can_be_set" {
  variables {
    name                 = "second"
    architecture         = "x86_64"
    user                 = "probe"
    every_seconds        = 2
    reserved_concurrency = 5
    kms_key_arn          = "arn:aws:kms:ap-northeast-2:123456789012:key/11111111-2222-3333-4444-555555555555"
    databases = {
      todo = merge(var.databases.todo, {
        endpoints = { ap-northeast-2 = "todo.proxy-abc.ap-northeast-2.rds.amazonaws.com", ap-northeast-3 = "todo.proxy-def.ap-northeast-3.rds.amazonaws.com" }
        proxies   = { ap-northeast-2 = "prx-SEOUL", ap-northeast-3 = "prx-OSAKA" }
        port      = 5433
        dbname    = "app"
      })
      # Of the same name as the database, and so not said.
      orders = merge(var.databases.todo, { dbname = "orders" })
    }
  }
  assert {
    condition = ({ for field, value in jsondecode(aws_lambda_function.this.environment[0].variables.PROBE_DATABASES).todo : field => value if !contains(["record", "members"], field) } == {
      endpoints = { ap-northeast-2 = "todo.proxy-abc.ap-northeast-2.rds.amazonaws.com", ap-northeast-3 = "todo.proxy-def.ap-northeast-3.rds.amazonaws.com" }
      port      = 5433
      dbname    = "app"
    })
    error_message = "endpoints, port and database as they are set; a proxy's id is for IAM"
  }
  assert {
    condition     = keys(jsondecode(aws_lambda_function.this.environment[0].variables.PROBE_DATABASES).orders) == ["members", "record"]
    error_message = "each database by itself"
  }
  assert {
    condition = (toset(jsondecode(output.policies.probe).Statement[0].Resource)
      == toset([for id in ["ap-northeast-2:123456789012:dbuser:cluster-SEOUL", "ap-northeast-2:123456789012:dbuser:prx-SEOUL", "ap-northeast-3:123456789012:dbuser:cluster-OSAKA", "ap-northeast-3:123456789012:dbuser:prx-OSAKA"] :
        "arn:aws:rds-db:${id}/probe"
    ]))
    error_message = "it may log in to the proxies as well, as that user"
  }
  assert {
    condition     = aws_lambda_function.this.function_name == "second-probe" && aws_lambda_function.this.reserved_concurrent_executions == 5 && aws_lambda_function.this.filename == "does-not-exist/probe-x86_64.zip"
    error_message = "name, architecture and concurrency"
  }
  assert {
    condition = (keys(aws_vpc_security_group_egress_rule.groups) == ["todo-5432", "todo-5433"]
    && keys(aws_vpc_security_group_egress_rule.networks) == ["osaka-5432", "osaka-5433"])
    error_message = "each port that a database has"
  }
}

run "it_reaches_the_databases_and_nothing_else" {
  assert {
    condition = (aws_vpc_security_group_egress_rule.groups["todo-5432"].referenced_security_group_id == "sg-todo"
    && aws_vpc_security_group_egress_rule.networks["osaka-5432"].cidr_ipv4 == "10.30.0.0/16")
    error_message = "the own Region's cluster by its group, the other one's by its network"
  }
  assert {
    condition = alltrue([for rule in concat(values(aws_vpc_security_group_egress_rule.groups), values(aws_vpc_security_group_egress_rule.networks)) :
      rule.security_group_id == "sg-probe" && rule.ip_protocol == "tcp" && rule.from_port == 5432 && rule.to_port == 5432
    ]) && length(aws_vpc_security_group_egress_rule.groups) + length(aws_vpc_security_group_egress_rule.networks) == 2
    error_message = "PostgreSQL out, and no other rule"
  }
  # A group that is made with rules inside would be another way out.
  assert {
    condition     = aws_security_group.this.vpc_id == "vpc-seoul" && length(aws_security_group.this.egress) == 0 && length(aws_security_group.this.ingress) == 0
    error_message = "nothing in, and no rule beside those"
  }
}

run "the_databases_let_it_in" {
  variables { peer_cidrs = { osaka = "10.30.0.0/24", tokyo = "10.40.0.0/24" } }
  assert {
    condition = (aws_vpc_security_group_ingress_rule.own["todo-5432"].security_group_id == "sg-todo"
    && aws_vpc_security_group_ingress_rule.own["todo-5432"].referenced_security_group_id == "sg-probe")
    error_message = "the own probe by its group"
  }
  assert {
    condition = ({ for key, rule in aws_vpc_security_group_ingress_rule.peers : key => [rule.security_group_id, rule.cidr_ipv4, rule.from_port] }
    == { todo-5432-osaka = ["sg-todo", "10.30.0.0/24", 5432], todo-5432-tokyo = ["sg-todo", "10.40.0.0/24", 5432] })
    error_message = "those of other Regions by their networks"
  }
}

run "databases_that_are_open_already" {
  variables {
    open_databases = false
    peer_cidrs     = { osaka = "10.30.0.0/24" }
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.own) + length(aws_vpc_security_group_ingress_rule.peers) == 0
    error_message = "their groups are left alone"
  }
}

run "it_is_woken_each_minute" {
  assert {
    condition     = aws_cloudwatch_event_rule.this.schedule_expression == "rate(1 minute)" && aws_cloudwatch_event_target.this.arn == aws_lambda_function.this.arn
    error_message = "by a schedule"
  }
  assert {
    condition     = aws_lambda_permission.this.source_arn == aws_cloudwatch_event_rule.this.arn && aws_lambda_permission.this.source_account == "123456789012"
    error_message = "which may invoke it"
  }
  assert {
    condition = ([aws_lambda_function_event_invoke_config.this.maximum_retry_attempts, aws_lambda_function_event_invoke_config.this.maximum_event_age_in_seconds] == [0, 60]
    && aws_cloudwatch_event_target.this.retry_policy[0].maximum_event_age_in_seconds == 60 && aws_cloudwatch_event_target.this.retry_policy[0].maximum_retry_attempts == 0)
    error_message = "looks of a minute that is over say nothing"
  }
}
