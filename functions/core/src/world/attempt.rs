//! What a Region's `failover` function tried and saw: the parameter `<prefix>/attempt/<database>` of its own Region.
//! Nobody else writes this one. Several `follow` functions write the state; each reads it, changes it and writes it
//! back, and so could erase an attempt that was written there in between.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;
use crate::world::limits::CALL_MS_MAX;

/// How the call that starts a failover ended, as far as anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Started {
    /// It is about to be made. What is left of a function that died here.
    Calling,
    /// RDS took it.
    Accepted,
    /// RDS refused it: nothing was started.
    Refused,
    /// No answer came: it may have been taken.
    Unknown,
}

/// One attempt to start a failover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When, before the call.
    pub at: Timestamp,
    /// The Region that was to become the writer's.
    pub target: Region,
    /// The epoch that was published then.
    pub epoch: Epoch,
    /// How the call ended.
    pub started: Started,
}

impl Attempt {
    /// Whether it may still lead to a failover, or has just led to one that is not published yet.
    pub fn is_open(&self, published: Epoch, now: Timestamp, cooldown_ms: i64) -> bool {
        let age_ms = now.since_ms(self.at);
        let settled_ms = match self.started {
            Started::Refused => return false,
            Started::Accepted => cooldown_ms.max(CALL_MS_MAX),
            Started::Calling | Started::Unknown => CALL_MS_MAX,
        };
        self.epoch >= published && age_ms < settled_ms
    }
}

/// All that is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// The last attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
    /// For each alarm by its ARN, the transition that people were told of last.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub told: BTreeMap<String, Timestamp>,
}

impl Journal {
    /// The parameter's value.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From the parameter's value; an error when it is none of ours, which is not the same as nothing.
    pub fn of_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(started: Started) -> Attempt {
        Attempt {
            at: Timestamp::from_ms(0),
            target: "ap-northeast-3".parse().unwrap(),
            epoch: Epoch(7),
            started,
        }
    }

    #[test]
    fn an_attempt_is_open_until_its_end_is_known_or_cannot_matter() {
        let open = |started, published, age_ms| {
            attempt(started).is_open(Epoch(published), Timestamp::from_ms(age_ms), 3_600_000)
        };
        for started in [Started::Calling, Started::Unknown, Started::Accepted] {
            assert!(open(started, 7, 0) && open(started, 7, CALL_MS_MAX - 1), "{started:?}");
            assert!(!open(started, 8, 0), "{started:?}: a later publication ends it");
        }
        assert!(!open(Started::Calling, 7, CALL_MS_MAX) && open(Started::Accepted, 7, CALL_MS_MAX));
        assert!(!open(Started::Accepted, 7, 3_600_000) && !open(Started::Refused, 7, 0));
    }

    #[test]
    fn a_journal_survives_a_round_trip_and_rubbish_is_no_journal() {
        let told = BTreeMap::from([("arn".to_owned(), Timestamp::from_ms(1_000))]);
        let journal = Journal { attempt: Some(attempt(Started::Calling)), told };
        assert_eq!(Journal::of_json(&journal.to_json()).unwrap(), journal);
        assert_eq!(Journal::of_json("{}").unwrap(), Journal::default());
        assert!(Journal::of_json("soon").is_err());
    }
}
