//! The words of the field as types: a Region, a database, a cluster's ARN, an epoch.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::failure::visible;
use super::partition::Partition;

/// Why a name was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not of the form `ap-northeast-2`.
    #[error("{0:?} is not an AWS Region such as ap-northeast-2")]
    Region(String),
    /// A database's name becomes part of an SSM parameter's name.
    #[error("{0:?} is not a database name: letters, digits, '.', '_' and '-' only, at most 64")]
    Database(String),
    /// Not the ARN of an Aurora cluster.
    #[error("{0:?} is not a cluster ARN such as arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul")]
    ClusterArn(String),
    /// An ARN whose Region is in another partition.
    #[error("{arn:?} names the partition {}, and {region} is in {}", visible(.partition), .region.partition().name)]
    Partition {
        /// The ARN.
        arn: String,
        /// Its own.
        partition: String,
        /// Its Region.
        region: Region,
    },
}

/// An AWS Region, such as `ap-northeast-2`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Arc<str>);

impl Region {
    /// The Region's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition that it belongs to.
    pub fn partition(&self) -> Partition {
        Partition::of(self.as_str())
    }
}

impl FromStr for Region {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let parts: Vec<&str> = text.split('-').collect();
        let number =
            parts.last().is_some_and(|last| !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()));
        let plain = parts.iter().all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        });
        if parts.len() >= 3 && number && plain && text.len() <= 32 {
            Ok(Self(text.into()))
        } else {
            Err(NameError::Region(text.to_owned()))
        }
    }
}

/// A database's name: the last part of its configuration parameter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DatabaseName(Arc<str>);

impl DatabaseName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if !text.is_empty() && text.len() <= 64 && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(NameError::Database(text.to_owned()))
        }
    }
}

/// The ARN of an Aurora cluster, checked and taken apart. In lower case, as RDS keeps it, however it was written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClusterArn {
    text: Arc<str>,
    region: Region,
    identifier: Arc<str>,
}

impl ClusterArn {
    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The Region that the cluster is in.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The cluster's identifier, the ARN's last part.
    pub fn identifier(&self) -> &str {
        &self.identifier
    }
}

impl FromStr for ClusterArn {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let bad = || NameError::ClusterArn(text.to_owned());
        let lower = text.to_ascii_lowercase();
        let parts: Vec<&str> = lower.split(':').collect();
        let ["arn", partition, "rds", region, account, "cluster", identifier] = parts.as_slice() else {
            return Err(bad());
        };
        let account_ok = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if !account_ok || identifier.is_empty() || !identifier.bytes().all(plain) {
            return Err(bad());
        }
        let region = arn_region(text, partition, region)?.ok_or_else(bad)?;
        Ok(Self { text: lower.as_str().into(), region, identifier: (*identifier).into() })
    }
}

/// The Region of an ARN: none where it is no Region, an error where its partition is not the Region's.
pub(crate) fn arn_region(arn: &str, partition: &str, region: &str) -> Result<Option<Region>, NameError> {
    let Ok(region) = region.parse::<Region>() else { return Ok(None) };
    if region.partition().name == partition {
        return Ok(Some(region));
    }
    Err(NameError::Partition { arn: arn.to_owned(), partition: partition.to_owned(), region })
}

/// The fencing token: each move of a writer record has the next one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u64);

impl Epoch {
    /// The epoch of the next publication.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a writer record can have this name: one below another, with room for the ownership record's own label.
pub(crate) fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // 20 bytes are for the ownership record's own label.
    name.len() <= 235 && name.contains('.') && name.split('.').all(label)
}

macro_rules! as_text {
    ($($type:ty),*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.as_str().to_owned()
            }
        }
    )*};
}

as_text!(Region, DatabaseName, ClusterArn);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_three_parts_and_ends_in_a_number() {
        for good in ["ap-northeast-2", "us-gov-west-1", "eu-central-1"] {
            assert_eq!(good.parse::<Region>().unwrap().as_str(), good);
        }
        for bad in ["", "seoul", "ap-northeast", "AP-northeast-2", "ap-northeast-2a", "ap--2", "a b-c-1"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_cluster_arn_knows_its_region_and_identifier() {
        let arn: ClusterArn = "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul".parse().unwrap();
        assert_eq!((arn.region().as_str(), arn.identifier()), ("ap-northeast-2", "todo-seoul"));
        for bad in [
            "arn:aws:rds:ap-northeast-2:123456789012:db:todo-seoul-1",
            "arn:aws:rds::123456789012:cluster:todo",
            "arn:aws:rds:ap-northeast-2:1234:cluster:todo",
            "arn:aws:rds:ap-northeast-2:123456789012:cluster:",
            "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo seoul",
            "todo-seoul",
        ] {
            assert!(bad.parse::<ClusterArn>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_cluster_arn_is_in_lower_case_as_rds_keeps_it_and_its_partition_is_its_regions() {
        let arn: ClusterArn = "arn:aws-cn:rds:cn-north-1:123456789012:cluster:Todo-Beijing".parse().unwrap();
        assert_eq!(arn.as_str(), "arn:aws-cn:rds:cn-north-1:123456789012:cluster:todo-beijing");
        assert_eq!((arn.identifier(), arn.region().partition().name), ("todo-beijing", "aws-cn"));
        let other = "arn:aws:rds:eusc-de-east-1:123456789012:cluster:todo".parse::<ClusterArn>();
        assert_eq!(
            other.unwrap_err().to_string(),
            "\"arn:aws:rds:eusc-de-east-1:123456789012:cluster:todo\" names the partition aws, and eusc-de-east-1 is in aws-eusc"
        );
    }

    #[test]
    fn a_database_name_fits_a_parameter_name() {
        assert!("todo".parse::<DatabaseName>().is_ok());
        for bad in ["", "a/b", "a b", &"x".repeat(65)] {
            assert!(bad.parse::<DatabaseName>().is_err(), "{bad}");
        }
    }
}
