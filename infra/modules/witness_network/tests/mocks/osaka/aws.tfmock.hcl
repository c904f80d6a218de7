mock_data "aws_region" {
  defaults = { id = "ap-northeast-3", name = "ap-northeast-3" }
}

mock_data "aws_availability_zones" {
  defaults = { names = ["ap-northeast-3a", "ap-northeast-3c", "ap-northeast-3d"] }
}

mock_resource "aws_vpc" {
  defaults = { id = "vpc-osaka" }
}
