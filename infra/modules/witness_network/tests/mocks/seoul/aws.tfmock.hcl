mock_data "aws_region" {
  defaults = { id = "ap-northeast-2", name = "ap-northeast-2" }
}

mock_data "aws_availability_zones" {
  defaults = { names = ["ap-northeast-2a", "ap-northeast-2c", "ap-northeast-2d"] }
}

mock_resource "aws_vpc" {
  defaults = { id = "vpc-seoul" }
}
