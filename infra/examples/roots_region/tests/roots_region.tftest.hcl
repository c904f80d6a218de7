# One Region alone: what it knows of the other one are names.

mock_provider "aws" {
  source = "../../modules/responder/tests/mocks"
}

variables {
  region            = "ap-northeast-2"
  names             = ["todo"]
  package_directory = "../../modules/responder/tests/packages"
}

override_data {
  target = data.aws_ssm_parameter.database
  values = {
    value = "{\"adopt\":false,\"settle_seconds\":60,\"global_cluster\":\"todo\",\"parameter\":\"/todo/database/writer\",\"failover\":{\"mode\":\"off\",\"cooldown_seconds\":3600},\"members\":{\"ap-northeast-2\":\"arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul\",\"ap-northeast-3\":\"arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka\"},\"record\":{\"zone_id\":\"Z0123456789\",\"name\":\"writer.db.todo.internal\",\"ttl_seconds\":5}}"
  }
}

run "the_configuration_says_what_the_functions_may_touch" {
  assert {
    condition     = keys(output.function_names) == ["drill", "failover", "follow"]
    error_message = "all three"
  }
  assert {
    condition     = strcontains(module.responder.policies.follow, "arn:aws:ssm:ap-northeast-3:123456789012:parameter/todo/database/writer")
    error_message = "the other Region's parameter too, by its name"
  }
}
