//! What a Region's `failover` function tried and saw: the parameter `<prefix>/attempt/<database>` of its own Region.
//! Nobody else writes this one. Several `follow` functions write the state; each reads it, changes it and writes it
//! back, and so could erase an attempt that was written there in between.

use serde::{Deserialize, Serialize};

use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;
use crate::world::limits::{CALL_MS_MAX, LOOK_GAP_MS_MAX, REFUSED_PAUSES_MIN};

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
    /// No answer came: it may have been taken. A word of a later version is taken for this.
    #[serde(other)]
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
    /// The target's Region has answered since then without showing the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Looks>,
    /// The name of the invocation that made it: several may within a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl Attempt {
    /// Whether it may still lead to a failover, or has just led to one that is not published yet.
    ///
    /// Silence is not a no: a call without an answer is over only when the target's Region has answered for a minute
    /// without showing the operation.
    pub fn is_open(&self, published: Epoch, now: Timestamp, cooldown_ms: i64) -> bool {
        let settled = match self.started {
            Started::Refused => return false,
            Started::Accepted => now.since_ms(self.at) >= cooldown_ms.max(CALL_MS_MAX),
            Started::Calling | Started::Unknown => {
                self.quiet.as_ref().is_some_and(|quiet| quiet.lasted_ms() >= CALL_MS_MAX)
            }
        };
        self.epoch >= published && !settled
    }
}

/// Looks that saw the same, one soon after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looks {
    /// The first.
    pub first: Timestamp,
    /// The last.
    pub last: Timestamp,
    /// How many.
    pub count: u32,
}

impl Looks {
    /// One more look, or the first one where the last is too long ago.
    #[must_use]
    pub fn and(before: Option<&Self>, now: Timestamp) -> Self {
        match before {
            Some(before) if (0..=LOOK_GAP_MS_MAX).contains(&now.since_ms(before.last)) => {
                Self { first: before.first, last: now, count: before.count.saturating_add(1) }
            }
            _ => Self { first: now, last: now, count: 1 },
        }
    }

    /// How long they lasted, in milliseconds.
    pub const fn lasted_ms(&self) -> i64 {
        self.last.since_ms(self.first)
    }
}

/// Calls that RDS refused, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals {
    /// How many.
    pub count: u32,
    /// The last.
    pub last: Timestamp,
}

impl Refusals {
    /// When the next call may be made.
    pub fn again_at(&self) -> Timestamp {
        let at = usize::try_from(self.count).unwrap_or(usize::MAX).saturating_sub(1);
        let longest = REFUSED_PAUSES_MIN.last();
        let minutes = REFUSED_PAUSES_MIN.get(at).or(longest).copied().unwrap_or_default();
        self.last.plus_ms(minutes * 60_000)
    }
}

/// An operation within the writer's Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighted {
    /// The status that showed it.
    pub status: String,
    /// When it was seen first.
    pub first: Timestamp,
}

/// What is remembered of an outage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// When it began.
    pub onset: Timestamp,
    /// The epoch that was published then.
    pub epoch: Epoch,
    /// When that was computed first.
    pub noted: Timestamp,
}

/// All that is remembered. Each part has an age beyond which it says nothing: a function that was frozen is older than it
/// believes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// The last attempt that RDS took, or whose end is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
    /// The calls since then that RDS refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusals: Option<Refusals>,
    /// What people were told of last, in short: they hear once of each change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// Which invocation told them, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said_by: Option<String>,
    /// The outage that the alarms tell of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage: Option<Outage>,
    /// The published writer's Region is silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<Looks>,
    /// The published writer's cluster is listed without a writer instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_writer: Option<Looks>,
    /// An operation within the published writer's Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Sighted>,
    /// When an invocation noticed that it had written over what another one wrote meanwhile, which may have been an attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overwritten: Option<Timestamp>,
}

/// What is remembered, and the version of the parameter that holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// What is remembered.
    pub journal: Journal,
    /// The version; 0 for a parameter that does not exist.
    pub version: u64,
}

impl Journal {
    /// The parameter's value.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether `other` tells of the same attempt and the same refusals, whatever was seen of them since.
    pub fn has_same_attempt(&self, other: &Self) -> bool {
        // What was read back is in whole seconds.
        let attempt = |journal: &Self| {
            let attempt = journal.attempt.as_ref();
            attempt.map(|it| (it.at.whole_seconds(), it.target.clone(), it.epoch, it.started, it.by.clone()))
        };
        let refusals =
            |journal: &Self| journal.refusals.as_ref().map(|it| (it.count, it.last.whole_seconds()));
        attempt(self) == attempt(other) && refusals(self) == refusals(other)
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
            quiet: None,
            by: None,
        }
    }

    fn open(attempt: &Attempt, published: u64, age_ms: i64) -> bool {
        attempt.is_open(Epoch(published), Timestamp::from_ms(age_ms), 3_600_000)
    }

    #[test]
    fn an_attempt_is_open_until_its_end_is_known_or_cannot_matter() {
        for started in [Started::Calling, Started::Unknown, Started::Accepted] {
            assert!(open(&attempt(started), 7, 0), "{started:?}");
            assert!(!open(&attempt(started), 8, 0), "{started:?}: a later publication ends it");
        }
        let accepted = attempt(Started::Accepted);
        assert!(open(&accepted, 7, 3_599_999) && !open(&accepted, 7, 3_600_000));
        assert!(!open(&attempt(Started::Refused), 7, 0));
    }

    #[test]
    fn a_call_without_an_answer_ends_by_answers_and_never_by_silence() {
        let silent = attempt(Started::Unknown);
        assert!(open(&silent, 7, 86_400_000), "a day of silence is no answer");
        let quiet = |first, last| {
            let (first, last) = (Timestamp::from_ms(first), Timestamp::from_ms(last));
            Attempt { quiet: Some(Looks { first, last, count: 2 }), ..attempt(Started::Unknown) }
        };
        assert!(open(&quiet(1_000, 60_999), 7, 61_000) && !open(&quiet(1_000, 61_000), 7, 61_000));
    }

    #[test]
    fn looks_with_a_long_gap_between_them_begin_anew() {
        let at = Timestamp::from_ms;
        let first = Looks::and(None, at(0));
        let second = Looks::and(Some(&first), at(LOOK_GAP_MS_MAX));
        assert_eq!((second.first, second.count), (at(0), 2));
        let third = Looks::and(Some(&second), at(2 * LOOK_GAP_MS_MAX + 1));
        assert_eq!((third.first, third.count), (at(2 * LOOK_GAP_MS_MAX + 1), 1));
        assert_eq!(Looks::and(Some(&second), at(0)).count, 1, "a clock that ran backwards");
    }

    #[test]
    fn pauses_after_refusals_grow_to_a_quarter_of_an_hour() {
        let minutes = |count| Refusals { count, last: Timestamp::from_ms(0) }.again_at().as_ms() / 60_000;
        assert_eq!([1, 2, 3, 4, 5, 6, 60].map(minutes), [1, 2, 4, 8, 15, 15, 15]);
    }

    #[test]
    fn a_journal_of_an_older_or_a_newer_version_is_read() {
        let older = r#"{"attempt":{"at":"2026-11-22T22:31:04Z","target":"ap-northeast-3","epoch":7,"started":"accepted"},"told":{"arn":"2026-11-22T22:31:04Z"}}"#;
        assert_eq!(Journal::of_json(older).unwrap().attempt.unwrap().started, Started::Accepted);
        let newer = older.replace("accepted", "queued").replace("\"told\"", "\"later\"");
        assert_eq!(Journal::of_json(&newer).unwrap().attempt.unwrap().started, Started::Unknown);
        assert!(Journal::of_json("rubbish").is_err());
    }
}
