mock_data "aws_region" {
  defaults = { id = "ap-northeast-3", name = "ap-northeast-3" }
}

mock_resource "aws_route53_zone" {
  defaults = { zone_id = "Z0123456789" }
}
