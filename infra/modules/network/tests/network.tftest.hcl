mock_provider "aws" {
  alias  = "primary"
  source = "./tests/mocks/seoul"
}

mock_provider "aws" {
  alias  = "secondary"
  source = "./tests/mocks/osaka"
}

variables {
  name = "todo"
}

run "two_vpcs_that_can_talk" {
  assert {
    condition     = module.peering.connection == { vpc_id = "vpc-seoul", peer_vpc_id = "vpc-osaka", peer_region = "ap-northeast-3" }
    error_message = "Seoul asks, Osaka accepts"
  }
  assert {
    condition     = module.peering.routes.to_accepter == { private = "10.30.0.0/16", public = "10.30.0.0/16" }
    error_message = "routes there"
  }
  assert {
    condition     = module.peering.routes.to_requester == { private = "10.20.0.0/16", public = "10.20.0.0/16" }
    error_message = "and back"
  }
  assert {
    condition     = length(output.primary.private_subnet_ids) == 2 && length(output.secondary.public_subnet_ids) == 2
    error_message = "two zones in each Region"
  }
}

run "the_same_addresses_twice" {
  command = plan
  variables { secondary_cidr = "10.20.0.0/16" }
  expect_failures = [var.secondary_cidr]
}

run "one_zone" {
  command = plan
  variables { zones_per_region = 1 }
  expect_failures = [var.zones_per_region]
}

run "a_network_that_is_not_private" {
  command = plan
  variables { primary_cidr = "8.8.0.0/16" }
  expect_failures = [var.primary_cidr]
}
