# The longest names that the inputs allow, for infra/rules: what is made of them has to fit into AWS's own.

mock_provider "aws" {
  source = "./tests/mocks"
}
variables {
  name       = "tooooooooooooooooooooooooooooooooooooooo"
  subnet_ids = ["subnet-1", "subnet-2"]
  application = {
    parameter_arn = "arn:aws:ssm:ap-northeast-2:123456789012:parameter/todo/database/writer"
    login         = { user = "todo_app", resource_ids = { ap-northeast-2 = "cluster-SEOUL", ap-northeast-3 = "cluster-OSAKA" } }
  }
  dns = { zone_id = "Z0123456789", host = "seoul.todo.example.com" }
}

run "longest" {
  assert {
    condition     = aws_eks_cluster.this.name == var.name
    error_message = "the cluster's name is the input's"
  }
}
