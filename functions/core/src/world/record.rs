//! What clients resolve: the writer record in Route 53 and the parameters in each Region, as they
//! were read, and as they ought to be.

use crate::world::publication::Published;
use crate::world::publication::host;

use crate::config::Database;
use crate::words::failure::visible;
use crate::words::names::Region;
use crate::world::ownership::Ownership;

/// One resource record set: its time to live and its values, exactly as Route 53 has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceRecord {
    /// Time to live, in seconds.
    pub ttl_seconds: u32,
    /// The values, TXT ones with their quotation marks.
    pub values: Vec<String>,
}

/// All that stands at the two names of a writer record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordSet {
    /// The CNAME.
    pub cname: Option<ResourceRecord>,
    /// The ownership TXT.
    pub txt: Option<ResourceRecord>,
    /// What else stands there and cannot be replaced by a CNAME of ours, such as `A` or `CNAME (weighted)`.
    pub other: Option<String>,
}

/// A compare-and-swap of a writer record: one change batch of DELETE and CREATE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Exactly what has to stand there now.
    pub from: RecordSet,
    /// What stands there afterwards.
    pub to: RecordSet,
}

/// What a record set means to this installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing stands at either name.
    Absent,
    /// Ours, with this publication.
    Owned(Published),
    /// Ours by its ownership, but the CNAME names another member or is gone: a drift, to be repaired.
    Drifted(Ownership),
    /// Ours by its ownership, but the CNAME's value is no known member's endpoint.
    Unrecognized(Published),
    /// Not ours, and an operator may have it adopted; the endpoint that it holds now.
    Unowned(String),
    /// Not ours, and nothing that could be taken over.
    Foreign(String),
}

impl RecordSet {
    /// The two records of `published`.
    pub fn of(database: &Database, published: &Published) -> Self {
        let record =
            |value| Some(ResourceRecord { ttl_seconds: database.record().ttl_seconds, values: vec![value] });
        Self {
            cname: record(published.endpoint.clone()),
            txt: record(Ownership::of(database, published).to_string()),
            other: None,
        }
    }

    /// What these records mean, where `is_member` tells the Region whose endpoint a host name is.
    pub fn standing(&self, database: &Database, is_member: impl Fn(&str) -> Option<Region>) -> Standing {
        if let Some(other) = &self.other {
            return Standing::Foreign(format!("a record of another kind stands there: {other}"));
        }
        let cname = self.cname.as_ref().and_then(|record| record.values.first()).map(|value| host(value));
        match (cname, self.ownership()) {
            (None, None) => Standing::Absent,
            (Some(value), None) => Standing::Unowned(value),
            (_, Some(Err(text))) => {
                Standing::Foreign(format!("the ownership record is not ours: {}", visible(&text)))
            }
            (_, Some(Ok(owned))) if !owned.is_ours(database) => {
                let why = format!("it belongs to owner {}, database {}", owned.owner, owned.database);
                Standing::Foreign(visible(&why))
            }
            (None, Some(Ok(owned))) => Standing::Drifted(owned),
            (Some(value), Some(Ok(owned))) => match is_member(&value) {
                Some(region) if region == owned.writer => Standing::Owned(owned.publication(value)),
                Some(_) => Standing::Drifted(owned),
                None => Standing::Unrecognized(owned.publication(value)),
            },
        }
    }

    /// The ownership, or the text that stands in its place.
    fn ownership(&self) -> Option<Result<Ownership, String>> {
        let txt = self.txt.as_ref()?;
        let value = txt.values.join(" ");
        Some(value.parse().map_err(|_| value))
    }
}
