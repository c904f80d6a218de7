# external-dns keeps this Region's own host name on the load balancer that the Ingress makes. It may touch that name and
# no other: the failover records above it are Terraform's.

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

  configuration_values = jsonencode({
    sources       = ["ingress"]
    domainFilters = [var.dns.host]
    policy        = "sync"
    txtOwnerId    = var.name
    # The filter keeps it to its own host, which is below the zone's name. Without this it would take the filter for one
    # of zones, find none, manage nothing and say that all is well.
    extraArgs = ["--aws-zone-match-parent"]
  })

  pod_identity_association {
    service_account = "external-dns"
    role_arn        = aws_iam_role.dns.arn
  }
}
