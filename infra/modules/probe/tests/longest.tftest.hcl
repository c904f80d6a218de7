# The longest names that the inputs allow, for infra/rules: what is made of them has to fit into AWS's own.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                     = "reeeeeeeeeeeeeeeeeeeeeeeeeeeee"
  package_directory        = "./tests/packages"
  vpc_id                   = "vpc-seoul"
  subnet_ids               = ["subnet-1", "subnet-2"]
  database_security_groups = { todo = "sg-todo" }
  database_cidrs           = { osaka = "10.30.0.0/16" }
  open_databases           = true
  databases = { "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd" = {
    record = "writer.db.todo.internal"
    members = {
      ap-northeast-2 = { endpoint = "todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com", resource_id = "cluster-SEOUL" }
      ap-northeast-3 = { endpoint = "todo-osaka.cluster-def.ap-northeast-3.rds.amazonaws.com", resource_id = "cluster-OSAKA" }
    }
  } }
}

run "longest" {
  assert {
    condition     = length(aws_lambda_function.this.function_name) <= 64
    error_message = "a function's name has 64 characters"
  }
}
