mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias = "osaka"

  mock_data "aws_region" {
    defaults = { id = "ap-northeast-3", name = "ap-northeast-3" }
  }
}

run "everything_can_be_planned_at_once" {
  command = plan

  module {
    source = "./tests/first_plan"
  }
  providers = {
    aws       = aws
    aws.osaka = aws.osaka
  }
}
