//! The partitions of AWS: clouds apart from each other, with names, host names and control planes of their own.

/// One partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    /// As it stands in each ARN.
    pub name: &'static str,
    /// What its host names end in.
    pub dns_suffix: &'static str,
    /// The Region of its control plane of Route 53, which its requests are signed for.
    pub route53: &'static str,
}

const AWS: Partition = Partition { name: "aws", dns_suffix: "amazonaws.com", route53: "us-east-1" };

/// The others, by what their Regions' names begin with.
const OTHERS: [(&str, Partition); 7] = [
    ("cn-", Partition { name: "aws-cn", dns_suffix: "amazonaws.com.cn", route53: "cn-northwest-1" }),
    ("us-gov-", Partition { name: "aws-us-gov", dns_suffix: "amazonaws.com", route53: "us-gov-west-1" }),
    ("eusc-", Partition { name: "aws-eusc", dns_suffix: "amazonaws.eu", route53: "eusc-de-east-1" }),
    ("us-iso-", Partition { name: "aws-iso", dns_suffix: "c2s.ic.gov", route53: "us-iso-east-1" }),
    ("us-isob-", Partition { name: "aws-iso-b", dns_suffix: "sc2s.sgov.gov", route53: "us-isob-east-1" }),
    ("eu-isoe-", Partition { name: "aws-iso-e", dns_suffix: "cloud.adc-e.uk", route53: "eu-isoe-west-1" }),
    ("us-isof-", Partition { name: "aws-iso-f", dns_suffix: "csp.hci.ic.gov", route53: "us-isof-south-1" }),
];

impl Partition {
    /// The partition of the Region of that name.
    pub fn of(region: &str) -> Self {
        let other = OTHERS.iter().find(|(begin, _)| region.starts_with(begin));
        other.map_or(AWS, |(_, partition)| *partition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regions_name_tells_its_partition() {
        for (name, partition) in [
            ("ap-northeast-2", "aws"),
            ("eu-central-1", "aws"),
            ("us-east-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-east-1", "aws-us-gov"),
            ("eusc-de-east-1", "aws-eusc"),
            ("us-iso-west-1", "aws-iso"),
            ("us-isob-west-1", "aws-iso-b"),
            ("eu-isoe-west-1", "aws-iso-e"),
            ("us-isof-east-1", "aws-iso-f"),
        ] {
            let own = Partition::of(name);
            assert_eq!(own.name, partition, "{name}");
            assert_eq!(Partition::of(own.route53), own);
        }
    }
}
