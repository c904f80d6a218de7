# external-dns keeps this Region's own host name on the load balancer that the Ingress makes. It may touch that name and
# no other: the failover records above it are Terraform's.

data "aws_route53_zone" "dns" {
  zone_id = var.dns.zone_id
}

resource "aws_iam_role" "dns" {
  name               = "${var.name}-external-dns"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [local.pods] })
}

resource "aws_iam_role_policy" "dns" {
  name = "external-dns"
  role = aws_iam_role.dns.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # AWS does not narrow it.
        Sid      = "ListZones"
        Effect   = "Allow"
        Action   = ["route53:ListHostedZones", "route53:ListHostedZonesByName", "route53:ListTagsForResources"]
        Resource = "*"
      },
      {
        Sid      = "ListRecords"
        Effect   = "Allow"
        Action   = "route53:ListResourceRecordSets"
        Resource = "arn:${local.partition}:route53:::hostedzone/${var.dns.zone_id}"
      },
      {
        # Its ownership records are TXT at <type>-<host>. ForAllValues also holds when a key is missing: hence Null.
        Sid      = "OwnHost"
        Effect   = "Allow"
        Action   = "route53:ChangeResourceRecordSets"
        Resource = "arn:${local.partition}:route53:::hostedzone/${var.dns.zone_id}"
        Condition = {
          "ForAllValues:StringEquals" = {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames" = concat([var.dns.host], formatlist("%s-${var.dns.host}", ["a", "aaaa", "cname"]))
            "route53:ChangeResourceRecordSetsRecordTypes"           = ["A", "AAAA", "CNAME", "TXT"]
          }
          Null = {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames" = "false"
            "route53:ChangeResourceRecordSetsRecordTypes"           = "false"
          }
        }
      },
    ]
  })
}

resource "aws_eks_addon" "dns" {
  cluster_name = aws_eks_cluster.this.name
  addon_name   = "external-dns"

  # Versions of external-dns differ in what they read: see the variable.
  addon_version = var.external_dns_version

  configuration_values = jsonencode({
    sources = ["ingress"]
    # The zone's own name. A filter below it matches no zone: external-dns would manage nothing and say that all is well.
    domainFilters = [trimsuffix(data.aws_route53_zone.dns.name, ".")]
    policy        = "sync"
    txtOwnerId    = var.name
    # The Ingress has the users' host as well, which is not ours to publish: its annotation alone names the host.
    extraArgs = ["--ignore-ingress-rules-spec", "--ignore-ingress-tls-spec"]
  })

  lifecycle {
    precondition {
      condition     = endswith(var.dns.host, ".${trimsuffix(data.aws_route53_zone.dns.name, ".")}")
      error_message = "dns.host (${var.dns.host}) is not below the zone's name (${data.aws_route53_zone.dns.name})."
    }
  }

  pod_identity_association {
    service_account = "external-dns"
    role_arn        = aws_iam_role.dns.arn
  }
}
