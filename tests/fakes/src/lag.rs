//! The replication lag of a Region's cluster, as CloudWatch has it: a sample a minute, dated by the start of its minute and
//! there to be seen only a while after its end.

use responder_core::words::timestamp::Timestamp;
use responder_core::world::lag::{Lag, SAMPLE_MS};

/// How late a sample is where nobody says otherwise, in milliseconds after the end of its minute.
const LATE_MS: i64 = 60_000;

/// How the lag goes on from some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LagCourse {
    /// It stays so many milliseconds.
    Steady(u64),
    /// It grows with the clock: in an outage it "may continue to increase", says AWS.
    Grows,
    /// It is not reported any more.
    Stops,
}

/// The lag of one Region's cluster, since ever.
#[derive(Debug, Clone)]
pub struct LagHistory {
    /// Each course and when it began, in order.
    courses: Vec<(i64, LagCourse)>,
    /// How late a sample is, in milliseconds after the end of its minute.
    pub late_ms: i64,
}

impl Default for LagHistory {
    fn default() -> Self {
        Self { courses: vec![(i64::MIN, LagCourse::Steady(80))], late_ms: LATE_MS }
    }
}

impl LagHistory {
    /// From `now` on it goes on so.
    pub fn goes_on(&mut self, now: Timestamp, course: LagCourse) {
        self.courses.push((now.as_ms(), course));
    }

    /// It has always been so.
    pub fn always(&mut self, course: LagCourse) {
        self.courses = vec![(i64::MIN, course)];
    }

    /// The samples from `since` on that can be seen now, oldest first.
    pub(crate) fn samples(&self, since: Timestamp, now: Timestamp) -> Vec<Lag> {
        let first = -(-since.as_ms()).div_euclid(SAMPLE_MS) * SAMPLE_MS;
        let minutes = (0..).map(|minute| first + minute * SAMPLE_MS);
        let seen = minutes.take_while(|at| at + SAMPLE_MS + self.late_ms <= now.as_ms());
        seen.filter_map(|at| Some(Lag::of_minute(self.worst(at)?, Timestamp::from_ms(at)))).collect()
    }

    /// The worst of the minute that begins at `at`; `None` where nothing of it was reported.
    pub fn worst(&self, at: i64) -> Option<u64> {
        let end = at + SAMPLE_MS;
        let ends = self.courses.iter().skip(1).map(|(from, _)| *from).chain([i64::MAX]);
        let of_minute = self.courses.iter().zip(ends).filter(|((from, _), until)| *from < end && *until > at);
        let worst = of_minute.filter_map(|((from, course), until)| match course {
            LagCourse::Steady(lag_ms) => Some(*lag_ms),
            LagCourse::Grows => u64::try_from(until.min(end).saturating_sub(*from)).ok(),
            LagCourse::Stops => None,
        });
        worst.max()
    }
}
