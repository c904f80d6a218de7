mock_data "aws_region" {
  defaults = { id = "ap-northeast-1", name = "ap-northeast-1" }
}

mock_data "aws_availability_zones" {
  defaults = { names = ["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"] }
}

mock_resource "aws_vpc" {
  defaults = { id = "vpc-tokyo" }
}
