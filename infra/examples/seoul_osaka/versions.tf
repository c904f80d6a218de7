terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  alias  = "seoul"
  region = "ap-northeast-2"

  default_tags {
    tags = var.tags
  }
}

provider "aws" {
  alias  = "osaka"
  region = "ap-northeast-3"

  default_tags {
    tags = var.tags
  }
}

# Where the witness stands, if there is one. A provider needs some Region: without a witness it is one that has to answer
# anyway, and nothing is made there. Not Seoul or Osaka, where the function and alarms of the same names are not the witness's.
provider "aws" {
  alias  = "witness"
  region = coalesce(var.witness_region, "us-east-1")

  default_tags {
    tags = var.tags
  }
}

# Route 53's metrics, and so its alarms.
provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"

  default_tags {
    tags = var.tags
  }
}
