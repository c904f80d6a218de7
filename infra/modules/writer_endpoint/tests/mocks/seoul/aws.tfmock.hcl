mock_data "aws_region" {
  defaults = { id = "ap-northeast-2", name = "ap-northeast-2" }
}

mock_resource "aws_route53_zone" {
  defaults = { zone_id = "Z0123456789" }
}
