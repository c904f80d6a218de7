mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c"] }
  }
}

variables {
  name  = "todo"
  cidr  = "10.20.0.0/16"
  zones = 3
}

run "subnets" {
  assert {
    condition     = [for subnet in values(aws_subnet.private) : subnet.cidr_block] == ["10.20.0.0/20", "10.20.16.0/20", "10.20.32.0/20"]
    error_message = "private ones are large"
  }
  assert {
    condition     = [for subnet in values(aws_subnet.public) : subnet.cidr_block] == ["10.20.240.0/24", "10.20.241.0/24", "10.20.242.0/24"]
    error_message = "public ones are small, and overlap with none"
  }
  assert {
    condition     = alltrue([for subnet in values(aws_subnet.public) : subnet.map_public_ip_on_launch != true && subnet.tags["kubernetes.io/role/elb"] == "1"])
    error_message = "the load balancer finds them, and nothing in them is public by itself"
  }
  assert {
    condition     = aws_route.private.nat_gateway_id == aws_nat_gateway.this.id && aws_route.private.gateway_id == null
    error_message = "private subnets have a way out and none in"
  }
}
