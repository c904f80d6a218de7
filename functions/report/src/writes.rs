//! What the clients' writes met with.

use serde::{Deserialize, Serialize, de};

/// How many numbers of lost writes a leg keeps: enough to look some up, few enough to read.
pub const LOST_NUMBERS_KEPT: usize = 20;

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// Where it begins, in milliseconds from the scenario's start.
    pub from_ms: u64,
    /// Where it ends, in milliseconds from the scenario's start.
    pub to_ms: u64,
}

impl Interval {
    /// Its length in milliseconds; none when the end is before the beginning.
    pub fn length_ms(self) -> u64 {
        self.to_ms.saturating_sub(self.from_ms)
    }
}

/// What became of the numbered writes of one leg.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Writes {
    /// The longest time without an acknowledged write; none when the stream never paused.
    #[serde(rename = "write_outage")]
    pub outage: Option<Interval>,
    /// Writes that were acknowledged to a client.
    #[serde(rename = "acknowledged_writes")]
    pub acknowledged: u64,
    /// Acknowledged writes that were not found afterwards.
    #[serde(rename = "lost_writes")]
    pub lost: u64,
    /// The numbers of the first lost writes, [`LOST_NUMBERS_KEPT`] at most.
    #[serde(rename = "lost_write_numbers", default)]
    pub lost_numbers: Vec<u64>,
    /// Writes that were refused with a clear answer: nothing was stored.
    #[serde(rename = "rejected_writes", default)]
    pub rejected: u64,
    /// Writes whose answer never came: stored or not, the client cannot know.
    #[serde(rename = "indeterminate_writes", default)]
    pub indeterminate: u64,
    /// Database sessions that still reached the demoted writer after the transition.
    #[serde(default)]
    pub stale_sessions: u64,
}

impl Writes {
    /// The outage in milliseconds; 0 when there was none.
    pub fn outage_ms(&self) -> u64 {
        self.outage.map_or(0, Interval::length_ms)
    }

    /// Notes which acknowledged writes were lost: counts all of them and keeps the first numbers.
    pub fn set_lost(&mut self, numbers: impl IntoIterator<Item = u64>) {
        self.lost = 0;
        self.lost_numbers.clear();
        for number in numbers {
            self.lost += 1;
            if self.lost_numbers.len() < LOST_NUMBERS_KEPT {
                self.lost_numbers.push(number);
            }
        }
    }
}

/// How many writes were acknowledged and how many failed, in buckets of equal length from the scenario's start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WriteSeries {
    /// The length of a bucket in milliseconds.
    bucket_ms: u64,
    /// Acknowledged writes by bucket.
    acknowledged: Vec<u32>,
    /// Failed writes by bucket (rejected or indeterminate); as long as `acknowledged`.
    failed: Vec<u32>,
}

impl WriteSeries {
    /// The usual length of a bucket in milliseconds.
    pub const BUCKET_MS: u64 = 100;
    /// More buckets than a day of drilling fills; a later write is left out of the series, not out of the counts.
    const MOST_BUCKETS: usize = 1_000_000;

    /// An empty series with buckets of [`WriteSeries::BUCKET_MS`].
    pub fn new() -> Self {
        Self { bucket_ms: Self::BUCKET_MS, acknowledged: Vec::new(), failed: Vec::new() }
    }

    /// An empty series with buckets of that length, for a series that goes on for hours.
    pub fn of_buckets(bucket_ms: u64) -> Self {
        Self { bucket_ms: bucket_ms.max(1), ..Self::new() }
    }

    /// Counts one write that was acknowledged at `at_ms` milliseconds from the scenario's start.
    pub fn add_acknowledged(&mut self, at_ms: u64) {
        if let Some((acknowledged, _)) = self.bucket(at_ms) {
            *acknowledged = acknowledged.saturating_add(1);
        }
    }

    /// Counts one write that failed at `at_ms` milliseconds from the scenario's start.
    pub fn add_failed(&mut self, at_ms: u64) {
        if let Some((_, failed)) = self.bucket(at_ms) {
            *failed = failed.saturating_add(1);
        }
    }

    /// The length of a bucket in milliseconds.
    pub fn bucket_ms(&self) -> u64 {
        self.bucket_ms
    }

    /// The buckets in order: where each begins in milliseconds from the scenario's start, acknowledged, failed.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u32, u32)> + '_ {
        let starts = (0_u64..).map(|index| index.saturating_mul(self.bucket_ms));
        let counts = self.acknowledged.iter().zip(&self.failed);
        starts.zip(counts).map(|(start, (acknowledged, failed))| (start, *acknowledged, *failed))
    }

    fn bucket(&mut self, at_ms: u64) -> Option<(&mut u32, &mut u32)> {
        let index =
            usize::try_from(at_ms / self.bucket_ms).ok().filter(|index| *index < Self::MOST_BUCKETS)?;
        if self.acknowledged.len() <= index {
            self.acknowledged.resize(index + 1, 0);
            self.failed.resize(index + 1, 0);
        }
        self.acknowledged.get_mut(index).zip(self.failed.get_mut(index))
    }
}

impl Default for WriteSeries {
    fn default() -> Self {
        Self::new()
    }
}

impl<'de> Deserialize<'de> for WriteSeries {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Stated {
            bucket_ms: u64,
            acknowledged: Vec<u32>,
            failed: Vec<u32>,
        }
        let Stated { bucket_ms, acknowledged, failed } = Stated::deserialize(deserializer)?;
        if bucket_ms == 0 {
            return Err(de::Error::custom("`bucket_ms` must not be 0"));
        }
        if acknowledged.len() != failed.len() {
            return Err(de::Error::custom("`acknowledged` and `failed` must be of the same length"));
        }
        Ok(Self { bucket_ms, acknowledged, failed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_fall_into_their_buckets() {
        let mut series = WriteSeries::new();
        for at_ms in [0, 99, 100, 350] {
            series.add_acknowledged(at_ms);
        }
        series.add_failed(250);
        let buckets: Vec<_> = series.buckets().collect();
        assert_eq!(buckets, [(0, 2, 0), (100, 1, 0), (200, 0, 1), (300, 1, 0)]);
    }

    #[test]
    fn a_write_of_another_age_is_left_out() {
        let mut series = WriteSeries::new();
        series.add_failed(u64::MAX);
        assert_eq!(series, WriteSeries::new());
    }

    #[test]
    fn a_lopsided_series_is_refused() {
        for json in [
            r#"{"bucket_ms":100,"acknowledged":[1,2],"failed":[0]}"#,
            r#"{"bucket_ms":0,"acknowledged":[],"failed":[]}"#,
        ] {
            assert!(serde_json::from_str::<WriteSeries>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn all_lost_writes_are_counted_and_the_first_kept() {
        let mut writes = Writes::default();
        writes.set_lost(100..150);
        assert_eq!(writes.lost, 50);
        assert_eq!(writes.lost_numbers, (100..120).collect::<Vec<_>>());
    }
}
