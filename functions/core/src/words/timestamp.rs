//! A moment, as an argument: this crate never asks what time it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The first second of the year 0 and the last one of 9999: RFC 3339 has no others.
const FIRST_SECOND: i64 = -62_167_219_200;
const LAST_SECOND: i64 = 253_402_300_799;

/// A moment in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// A text that is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time such as 2026-11-22T22:31:04Z")]
pub struct TimestampError(String);

impl Timestamp {
    /// The moment `ms` milliseconds after 1970-01-01T00:00:00Z.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// This moment without its fraction of a second: what the published `at` can hold.
    #[must_use]
    pub const fn whole_seconds(self) -> Self {
        Self(self.0.div_euclid(1000) * 1000)
    }

    /// Milliseconds from `earlier` to this moment; negative when it is the other way round.
    pub const fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// How long ago `earlier` was, as people say it: `45 s`, `12 min`, `5 h`, `330 days`.
    pub fn age_of(self, earlier: Self) -> String {
        duration(self.since_ms(earlier).div_euclid(1000))
    }

    /// The moment `ms` milliseconds later.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// A number of seconds as people say it. A smaller unit stays until there are two of the next, so that little is rounded away.
pub fn duration(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with whole seconds, `2026-11-22T22:31:04Z`. What is before the year 0 or after 9999 is their edge:
    /// whatever is written here is read again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(1000).clamp(FIRST_SECOND, LAST_SECOND);
        let text =
            OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|moment| moment.format(&Rfc3339).ok());
        match text {
            Some(text) => f.write_str(&text),
            None => write!(f, "{} ms", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let bad = || TimestampError(text.to_owned());
        let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| bad())?;
        i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).map(Self).map_err(|_| bad())
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampError;

    fn try_from(text: String) -> Result<Self, TimestampError> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(moment: Timestamp) -> Self {
        moment.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_survive_a_round_trip() {
        let at: Timestamp = "2026-11-22T22:31:04Z".parse().unwrap();
        assert_eq!(at.to_string(), "2026-11-22T22:31:04Z");
        assert_eq!(at.plus_ms(999).whole_seconds(), at);
        assert_eq!(at.plus_ms(999).to_string(), at.to_string());
    }

    #[test]
    fn an_age_is_in_the_unit_that_people_would_choose() {
        let shown = [-3, 0, 119, 120, 7_199, 7_200, 172_799, 172_800, 28_507_024].map(duration);
        let expected = ["-3 s", "0 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 days", "329 days"];
        assert_eq!(shown, expected);
        assert_eq!(Timestamp::from_ms(61_999).age_of(Timestamp::from_ms(1_000)), "60 s");
    }

    #[test]
    fn any_number_is_read_again_as_it_prints_and_rubbish_does_not_parse() {
        for ms in [i64::MIN, -1, 0, i64::MAX] {
            let text = Timestamp::from_ms(ms).to_string();
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
        }
        for (edge, shown) in [
            ("0000-01-01T00:00:00+23:59", "0000-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(edge.parse::<Timestamp>().unwrap().to_string(), shown);
        }
        assert!("yesterday".parse::<Timestamp>().is_err());
    }
}
