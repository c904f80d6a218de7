//! What clients resolve: the writer record in Route 53 and the parameters in each Region, as they
//! were read, and as they ought to be.

use serde::{Deserialize, Serialize};

use crate::config::Database;
use crate::names::{Epoch, Region};
use crate::ownership::Ownership;
use crate::timestamp::Timestamp;

/// One publication of a writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Its fencing token.
    pub epoch: Epoch,
    /// The writer's Region.
    pub writer: Region,
    /// The writer endpoint.
    pub endpoint: String,
    /// When it was published, in whole seconds.
    pub at: Timestamp,
}

/// What a Region remembers: the writer that its endpoint named, and the epoch it was seen at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// The writer that this Region's own endpoint named.
    pub writer: Region,
    /// The epoch that had been published when it was looked at.
    pub epoch: Epoch,
}

impl Memory {
    /// The memory of `region` after its endpoint named `named` while `epoch` was known to be published.
    ///
    /// At one epoch, a memory of somebody else is never overwritten by the Region's own claim: that
    /// claim stays fresh until it is published, however long a hold keeps it waiting. This is as safe
    /// as the model's early-memory, in which memories may be of any age.
    pub fn updated(old: Option<&Self>, region: &Region, named: &Region, epoch: Epoch) -> Option<Self> {
        let keep = old.is_some_and(|old| {
            old.epoch > epoch || (old.epoch == epoch && (old.writer != *region || named == region))
        });
        (!keep).then(|| Self { writer: named.clone(), epoch })
    }

    /// Whether a claim by `region` is fresh at `epoch`: the Region changed its own mind since that publication.
    pub fn makes_fresh(&self, region: &Region, epoch: Epoch) -> bool {
        self.epoch == epoch && self.writer != *region
    }
}

/// The state parameter of one Region, `<prefix>/state/<database>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The epoch of the publication.
    pub epoch: Epoch,
    /// The published writer's Region.
    pub writer: Region,
    /// The published writer endpoint.
    pub endpoint: String,
    /// When it was published.
    pub at: Timestamp,
    /// What this Region remembers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
    /// Set while Route 53 has not accepted this publication yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub record_pending: bool,
    /// What else this Region's functions have to remember for people.
    #[serde(flatten)]
    pub notes: Notes,
}

/// What a Region's functions remember for people, and have told them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// Whether RDS could keep the old writer from writing in the last failover that it said so of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_block: Option<WriteBlock>,
    /// Since when no other Region's cluster could take over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_standby_since: Option<Timestamp>,
    /// Since when several Regions claim the writer, and people know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict_since: Option<Timestamp>,
}

/// What RDS said of the write block on an old writer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteBlock {
    /// How it ended.
    pub outcome: WriteBlockOutcome,
    /// When, in whole seconds.
    pub at: Timestamp,
    /// Whether people were told, where they have to be.
    #[serde(default)]
    pub told: bool,
}

/// How the write block on an old writer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WriteBlockOutcome {
    /// The old writer takes no writes (RDS-EVENT-0390).
    Succeeded,
    /// It may go on taking writes (RDS-EVENT-0391).
    TimedOut,
}

impl State {
    /// The publication that this state holds.
    pub fn published(&self) -> Published {
        Published {
            epoch: self.epoch,
            writer: self.writer.clone(),
            endpoint: self.endpoint.clone(),
            at: self.at,
        }
    }

    /// The parameter's value.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

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
            (_, Some(Err(text))) => Standing::Foreign(format!("the ownership record is not ours: {text}")),
            (_, Some(Ok(owned))) if !owned.is_ours(database) => {
                Standing::Foreign(format!("it belongs to owner {}, database {}", owned.owner, owned.database))
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

/// A host name as names are compared: lower case, without the trailing dot.
pub fn host(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Whether `host` has the form of the cluster's own endpoint, `<cluster>.cluster-<id>.<region>.rds.amazonaws.com`.
/// A Region that is down cannot confirm its endpoint, so the form has to do.
pub fn has_endpoint_form(host: &str, region: &Region, identifier: &str) -> bool {
    let Some(rest) = host.strip_prefix(&identifier.to_ascii_lowercase()) else {
        return false;
    };
    rest.starts_with(".cluster-") && rest.contains(&format!(".{region}.rds.amazonaws.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(name: &str) -> Region {
        name.parse().unwrap()
    }

    #[test]
    fn a_waiting_claim_stays_fresh_at_its_epoch() {
        let (seoul, osaka) = (region("ap-northeast-2"), region("ap-northeast-3"));
        let named_seoul = Memory { writer: seoul.clone(), epoch: Epoch(7) };
        assert!(named_seoul.makes_fresh(&osaka, Epoch(7)));
        assert_eq!(Memory::updated(Some(&named_seoul), &osaka, &osaka, Epoch(7)), None);
        let next = Memory::updated(Some(&named_seoul), &osaka, &osaka, Epoch(8)).unwrap();
        assert!(!next.makes_fresh(&osaka, Epoch(8)));
        assert_eq!(Memory::updated(Some(&next), &osaka, &seoul, Epoch(8)).unwrap().writer, seoul);
        assert_eq!(Memory::updated(Some(&next), &osaka, &seoul, Epoch(7)), None, "never backwards");
    }

    #[test]
    fn the_form_of_an_endpoint_names_its_cluster_and_region() {
        let osaka = region("ap-northeast-3");
        let good = "todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com";
        assert!(has_endpoint_form(good, &osaka, "todo-osaka"));
        for bad in [
            "todo-osaka2.cluster-abc.ap-northeast-3.rds.amazonaws.com",
            "todo-osaka.cluster-abc.ap-northeast-2.rds.amazonaws.com",
            "example.com",
        ] {
            assert!(!has_endpoint_form(bad, &osaka, "todo-osaka"), "{bad}");
        }
    }

    #[test]
    fn a_state_keeps_unknown_fields_out_of_its_way_and_survives_a_round_trip() {
        let json = r#"{"epoch":7,"writer":"ap-northeast-3","endpoint":"e","at":"2026-11-22T22:31:04Z","memory":{"writer":"ap-northeast-2","epoch":6},"later":1}"#;
        let state: State = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::from_str::<State>(&state.to_json()).unwrap(), state);
        assert_eq!(state.published().epoch, Epoch(7));
    }
}
