//! What a Region's `failover` function found when it last looked ahead: the parameter `<prefix>/readiness/<database>` of its
//! own Region. Nobody else writes this one, and nothing that starts a failover reads it.

use serde::{Deserialize, Serialize};

use crate::answer::readiness::ReadinessKind;
use crate::answer::result::CheckVerdict;
use crate::words::names::Epoch;
use crate::words::timestamp::{Timestamp, duration};
use crate::world::limits::{
    READY_AGAIN_MS, READY_AGE_MS_MAX, READY_EVERY_MS, READY_FIRST_MS, READY_PATIENCE_MS, READY_SPREAD_MIN,
};

/// One check that does not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obstacle {
    /// The check.
    pub check: String,
    /// What was seen.
    pub value: String,
    /// Whether it fails or is not known.
    pub verdict: CheckVerdict,
    /// Since when that is so.
    pub since: Timestamp,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// When it was judged.
    pub at: Timestamp,
    /// The epoch that was published then.
    #[serde(default)]
    pub epoch: Epoch,
    /// The verdict.
    pub verdict: ReadinessKind,
    /// Since when it is that.
    pub since: Timestamp,
    /// What stands in the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<Obstacle>,
    /// What people were told of last, in short: they hear once of each change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
}

/// What was found, and the version of the parameter that holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptReadiness {
    /// What was found; `None` where nothing is remembered that could be read.
    pub readiness: Option<Readiness>,
    /// The version; 0 for a parameter that does not exist.
    pub version: u64,
}

/// Stands for what people were told where that is not known: it is no word for anything that can be found.
pub const TOLD_UNKNOWN: &str = "?";

/// Whether it is time to look ahead. Each database has its own minute of each half hour, so that a fleet does not use
/// Parameter Store's quota up at once; what is unknown, and what people have not been told, is looked at again sooner.
pub fn is_due(last: Option<&Readiness>, database: &str, now: Timestamp) -> bool {
    let Some(last) = last else { return into_ms(database, now) < READY_FIRST_MS };
    let is_open = last.verdict == ReadinessKind::Unknown || last.is_news();
    let is_again = is_open && now.since_ms(last.at) >= READY_AGAIN_MS;
    is_again || half_hour(database, last.at) != half_hour(database, now)
}

/// Whether what is unknown now may be known before it would be late: then nothing is said of it yet.
pub fn may_wait(database: &str, now: Timestamp) -> bool {
    into_ms(database, now) < READY_PATIENCE_MS
}

fn into_ms(database: &str, now: Timestamp) -> i64 {
    now.plus_ms(-offset_ms(database)).as_ms().rem_euclid(READY_EVERY_MS)
}

/// The half hour that this moment is in, by the clock of this database.
fn half_hour(database: &str, at: Timestamp) -> i64 {
    at.plus_ms(-offset_ms(database)).as_ms().div_euclid(READY_EVERY_MS)
}

fn offset_ms(database: &str) -> i64 {
    let drawn = database.bytes().fold(0_u32, |sum, it| sum.wrapping_mul(31).wrapping_add(it.into()));
    i64::from(drawn % READY_SPREAD_MIN) * 60_000
}

impl Readiness {
    /// What people have to hear, in short; `None` where there is nothing to say.
    pub fn in_short(&self) -> Option<String> {
        let word = |it: &Obstacle| format!("{} {:?}", it.check, it.verdict);
        match self.verdict {
            ReadinessKind::Ready => Some("ready".to_owned()),
            ReadinessKind::NotReady | ReadinessKind::Unknown => {
                Some(self.obstacles.iter().map(word).collect::<Vec<_>>().join(", "))
            }
            ReadinessKind::Writer | ReadinessKind::NotFirst | ReadinessKind::NotNow => None,
        }
    }

    /// Whether people have not heard of it yet. That all is well is no news to whoever never heard otherwise.
    pub fn is_news(&self) -> bool {
        match (&self.told, self.in_short()) {
            (_, None) => false,
            (None, Some(_)) => self.verdict != ReadinessKind::Ready,
            (Some(told), Some(short)) => *told != short,
        }
    }

    /// Whether it is so old, or of so strange a clock, that it says nothing of now: silence is not "ready".
    pub fn is_stale(&self, now: Timestamp) -> bool {
        !(-READY_AGAIN_MS..=READY_AGE_MS_MAX).contains(&now.since_ms(self.at))
    }

    /// Whether it says that all is well now: for what is published, and not long ago.
    pub fn is_ready(&self, epoch: Epoch, now: Timestamp) -> bool {
        self.verdict == ReadinessKind::Ready && self.epoch == epoch && !self.is_stale(now)
    }

    /// The names of what stands in the way, each with its value and since when.
    pub fn in_the_way(&self) -> String {
        let word = |it: &Obstacle| {
            let lead = if it.verdict == CheckVerdict::Unknown { "not known: " } else { "" };
            format!("{lead}{} ({}) since {}", it.check, it.value, it.since)
        };
        self.obstacles.iter().map(word).collect::<Vec<_>>().join("; ")
    }

    /// One sentence for people, where `epoch` is published now.
    pub fn sentence(&self, epoch: Epoch, now: Timestamp) -> String {
        let what = match self.verdict {
            ReadinessKind::Ready => format!("ready since {}", self.since),
            ReadinessKind::NotReady => format!("NOT READY: {}", self.in_the_way()),
            ReadinessKind::Writer => "it held the writer itself".to_owned(),
            ReadinessKind::NotFirst => "another Region came first".to_owned(),
            ReadinessKind::Unknown | ReadinessKind::NotNow => format!("NOT KNOWN: {}", self.in_the_way()),
        };
        let ago = duration(now.since_ms(self.at).max(0).div_euclid(1000));
        if self.is_stale(now) {
            return format!(
                "NOT KNOWN: nobody has judged it for {ago}, or an alarm has been in ALARM since; then: {what}"
            );
        }
        if self.epoch != epoch {
            return format!("not judged since the last transition; {ago} ago, before it: {what}");
        }
        format!("{what}; judged {ago} ago")
    }

    /// The parameter's value.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From the parameter's value. What cannot be read counts as nothing: it only says when to look again.
    pub fn of_json(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }
}

#[cfg(test)]
mod tests;
