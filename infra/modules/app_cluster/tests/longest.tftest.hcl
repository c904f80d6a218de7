# The longest names that the inputs allow, for infra/rules: what is made of them has to fit into AWS's own.

mock_provider "aws" {
  source = "./tests/mocks"
}
variables {
  name       = "tooooooooooooooooooooooooooooooooooooooo"
  subnet_ids = ["subnet-1", "subnet-2"]
  application = {
    parameter_arn = "arn:aws:ssm:ap-northeast-2:123456789012:parameter/todo/database/writer"
    secret_arn    = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:todo/database/master-AbCdEf"
    kms_key_arn   = "arn:aws:kms:ap-northeast-2:123456789012:key/99999999-2222-3333-4444-555555555555"
  }
  dns = { zone_id = "Z0123456789", host = "seoul.todo.example.com" }
}

run "longest" {
  assert {
    condition     = aws_eks_cluster.this.name == var.name
    error_message = "the cluster's name is the input's"
  }
}
