mock_provider "aws" {
  source = "./tests/mocks/tokyo"
}

mock_provider "aws" {
  alias  = "primary"
  source = "./tests/mocks/seoul"
}

mock_provider "aws" {
  alias  = "secondary"
  source = "./tests/mocks/osaka"
}

variables {
  name      = "todo-witness"
  zone_id   = "Z0123456789"
  primary   = { vpc_id = "vpc-seoul", cidr = "10.20.0.0/16", route_table_ids = { private = "rtb-1", public = "rtb-2" } }
  secondary = { vpc_id = "vpc-osaka", cidr = "10.30.0.0/16", route_table_ids = { private = "rtb-3" } }
}

run "it_reaches_both_members_and_they_reach_it" {
  assert {
    condition = ([module.to_primary.connection, module.to_secondary.connection] == [
      { vpc_id = "vpc-tokyo", peer_vpc_id = "vpc-seoul", peer_region = "ap-northeast-2" },
      { vpc_id = "vpc-tokyo", peer_vpc_id = "vpc-osaka", peer_region = "ap-northeast-3" },
    ])
    error_message = "peered to both"
  }
  assert {
    condition     = module.to_primary.routes.to_accepter == { private = "10.20.0.0/16" } && module.to_secondary.routes.to_accepter == { private = "10.30.0.0/16" }
    error_message = "routes there"
  }
  assert {
    condition = (module.to_primary.routes.to_requester == { private = "10.40.0.0/24", public = "10.40.0.0/24" }
    && module.to_secondary.routes.to_requester == { private = "10.40.0.0/24" })
    error_message = "and back"
  }
}

run "it_resolves_the_writer_record" {
  assert {
    condition     = aws_route53_zone_association.this.zone_id == "Z0123456789" && aws_route53_zone_association.this.vpc_region == "ap-northeast-1" && aws_vpc.this.enable_dns_support
    error_message = "in the record's zone"
  }
  assert {
    condition     = [for subnet in values(aws_subnet.this) : subnet.cidr_block] == ["10.40.0.0/26", "10.40.0.64/26"] && length(output.subnet_ids) == 2
    error_message = "two subnets, which do not overlap"
  }
}

run "addresses_of_a_member" {
  command = plan
  variables { cidr = "10.30.7.0/24" }
  expect_failures = [var.cidr]
}

run "addresses_that_are_not_private" {
  command = plan
  variables { cidr = "8.8.8.0/24" }
  expect_failures = [var.cidr]
}

run "a_name_that_aws_would_not_take" {
  command = plan
  variables { name = "Todo" }
  expect_failures = [var.name]
}
