//! What a Region's state parameter holds: what is published, what the Region remembers, and what people were told.

use serde::{Deserialize, Serialize};

use crate::config::owned::Owned;
use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;
use crate::world::publication::Published;

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
    /// What the database owns by the configuration of this Region; left out by a function that does not know of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owns: Option<Owned>,
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
    /// Since when the own cluster's `SynchronizationStatus` is another than `connected`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disconnected_since: Option<Timestamp>,
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
    fn a_state_keeps_unknown_fields_out_of_its_way_and_survives_a_round_trip() {
        let json = r#"{"epoch":7,"writer":"ap-northeast-3","endpoint":"e","at":"2026-11-22T22:31:04Z","memory":{"writer":"ap-northeast-2","epoch":6},"later":1}"#;
        let state: State = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::from_str::<State>(&state.to_json()).unwrap(), state);
        assert_eq!(state.published().epoch, Epoch(7));
    }

    #[test]
    fn an_older_state_says_nothing_of_what_is_owned_and_a_newer_one_does() {
        let older = r#"{"epoch":7,"writer":"ap-northeast-3","endpoint":"e","at":"2026-11-22T22:31:04Z"}"#;
        let state: State = serde_json::from_str(older).unwrap();
        assert_eq!((state.owns.as_ref(), state.to_json()), (None, older.to_owned()));
        let newer = older.replace(
            "\"e\",",
            r#""e","owns":{"parameter":"/todo/writer","record":"Z01/writer.todo.internal"},"#,
        );
        let state: State = serde_json::from_str(&newer).unwrap();
        assert!(state.to_json().contains(r#""owns":{"parameter":"/todo/writer","#), "{}", state.to_json());
    }
}
