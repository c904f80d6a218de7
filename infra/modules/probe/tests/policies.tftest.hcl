# What the probe may do. The policy of this run is also evaluated call by call: see infra/iam.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_directory = "does-not-exist"
  vpc_id            = "vpc-seoul"
  subnet_ids        = ["subnet-1", "subnet-2"]
  database_cidrs    = { all = "10.0.0.0/8" }
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

run "policies" {
  assert {
    condition     = [for statement in jsondecode(output.policies.probe).Statement : statement.Sid] == ["LogIn", "LookAtNetwork", "AttachToVpc", "ButNotByItsCode", "Log"]
    error_message = "a database user, what attaches it to the VPC, and its log"
  }
  assert {
    condition = (toset(jsondecode(output.policies.probe).Statement[3].Action)
    == toset(concat(jsondecode(output.policies.probe).Statement[1].Action, jsondecode(output.policies.probe).Statement[2].Action)))
    error_message = "its code may do nothing of what Lambda does to attach it"
  }
}
