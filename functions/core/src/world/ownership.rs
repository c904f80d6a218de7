//! The ownership record's text, beside the CNAME: who published it, at which epoch.

use std::fmt;
use std::str::FromStr;

use crate::config::Database;
use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;
use crate::world::publication::Published;

/// The heritage of every record that this system publishes.
const HERITAGE: &str = "failover-responder";

/// What the TXT record `_failover-responder.<record>` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ownership {
    /// The installation: its parameter prefix.
    pub owner: String,
    /// The database's name.
    pub database: String,
    /// The epoch of the publication.
    pub epoch: Epoch,
    /// The Region of the published writer.
    pub writer: Region,
    /// When it was published.
    pub at: Timestamp,
}

/// A text that is no ownership of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not an ownership such as \"heritage=failover-responder,owner=…,database=…,epoch=7,writer=…,at=…\""
)]
pub struct OwnershipError(String);

impl Ownership {
    /// The ownership of `published`.
    pub fn of(database: &Database, published: &Published) -> Self {
        Self {
            owner: database.prefix().to_owned(),
            database: database.name().to_string(),
            epoch: published.epoch,
            writer: published.writer.clone(),
            at: published.at,
        }
    }

    /// The publication that it stands for, with the CNAME's value.
    pub fn publication(self, endpoint: String) -> Published {
        Published { epoch: self.epoch, writer: self.writer, endpoint, at: self.at }
    }

    /// Whether it is this installation's, for this database.
    pub fn is_ours(&self, database: &Database) -> bool {
        self.owner == database.prefix() && self.database == database.name().as_str()
    }
}

impl fmt::Display for Ownership {
    /// With the quotation marks that Route 53 wants around a TXT value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { owner, database, epoch, writer, at } = self;
        write!(
            f,
            "\"heritage={HERITAGE},owner={owner},database={database},epoch={epoch},writer={writer},at={at}\""
        )
    }
}

impl FromStr for Ownership {
    type Err = OwnershipError;

    fn from_str(text: &str) -> Result<Self, OwnershipError> {
        parse(text).ok_or_else(|| OwnershipError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Ownership> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut fields = inner.split(',').map(|field| field.split_once('='));
    let mut next =
        |key: &str| fields.next().flatten().filter(|(name, _)| *name == key).map(|(_, value)| value);
    if next("heritage")? != HERITAGE {
        return None;
    }
    let ownership = Ownership {
        owner: next("owner")?.to_owned(),
        database: next("database")?.to_owned(),
        epoch: Epoch(next("epoch")?.parse().ok()?),
        writer: next("writer")?.parse().ok()?,
        at: next("at")?.parse().ok()?,
    };
    fields.next().is_none().then_some(ownership)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\"heritage=failover-responder,owner=/failover-responder,database=todo,epoch=7,writer=ap-northeast-3,at=2026-11-22T22:31:04Z\"";

    #[test]
    fn the_documented_text_survives_a_round_trip() {
        let ownership: Ownership = TEXT.parse().unwrap();
        assert_eq!(ownership.epoch, Epoch(7));
        assert_eq!(ownership.to_string(), TEXT);
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "",
            "\"\"",
            "\"heritage=external-dns,external-dns/owner=x\"",
            &TEXT.replace("epoch=7", "epoch=seven"),
            &TEXT.replace("at=2026-11-22T22:31:04Z", "at=now"),
            &TEXT.replace(",database=todo", ""),
            &TEXT.replace("Z\"", "Z,more=1\""),
            TEXT.trim_matches('"'),
        ] {
            assert!(bad.parse::<Ownership>().is_err(), "{bad}");
        }
    }
}
