//! The users' writes as they go: how many, since when somebody is out, and which acknowledged ones are gone.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use drill_cloud::Pair;

use crate::cast::workload::{Stream, Workload, Write};

/// A pause of a user's acknowledged writes that is called an outage: on a busy machine shorter ones are its own.
const OUT: Duration = Duration::from_secs(1);
/// Pauses of several users that are no further apart are of one outage, which is as long as the longest of them.
const APART: Duration = Duration::from_secs(1);
/// Of how many outages is known when they were.
const OUTAGES_KEPT: usize = 32;
/// Over how long the rate is counted.
const RATE: Duration = Duration::from_secs(2);

/// A stretch in which some user had no write acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outage {
    pub(crate) from: Instant,
    pub(crate) to: Instant,
}

impl Outage {
    /// How long it was.
    pub(crate) fn length(self) -> Duration {
        self.to.saturating_duration_since(self.from)
    }
}

/// What became of the writes so far.
#[derive(Debug)]
pub(crate) struct Tally {
    /// How many of the workload's writes were counted.
    place: usize,
    /// When each user's last write was acknowledged.
    last: BTreeMap<Stream, Instant>,
    recent: Vec<Instant>,
    pub(crate) acknowledged: u64,
    pub(crate) failed: u64,
    /// The outages that are over, each as the user worst off had it, the last one last.
    pub(crate) outages: VecDeque<Outage>,
    pub(crate) longest: Duration,
    pub(crate) lost: BTreeSet<u64>,
}

impl Tally {
    /// Begins to count with the next write.
    pub(crate) fn begin(workload: &Workload) -> Self {
        let writes = workload.writes();
        let last = writes.iter().filter(|it| it.is_acknowledged()).map(|it| (it.stream, it.ended));
        Self {
            place: writes.len(),
            last: last.collect(),
            recent: Vec::new(),
            acknowledged: 0,
            failed: 0,
            outages: VecDeque::new(),
            longest: Duration::ZERO,
            lost: BTreeSet::new(),
        }
    }

    /// Counts what came since it was counted last.
    pub(crate) fn count(&mut self, workload: &Workload, now: Instant) {
        let writes = workload.writes_from(self.place);
        self.place += writes.len();
        for write in &writes {
            self.add(write);
        }
        self.recent.retain(|at| now.saturating_duration_since(*at) < RATE);
    }

    /// So many of the earliest writes are gone from the workload.
    pub(crate) fn moved(&mut self, forgotten: usize) {
        self.place = self.place.saturating_sub(forgotten);
    }

    fn add(&mut self, write: &Write) {
        if !write.is_acknowledged() {
            self.failed += 1;
            return;
        }
        self.acknowledged += 1;
        self.recent.push(write.ended);
        let Some(before) = self.last.insert(write.stream, write.ended) else { return };
        let pause = write.ended.saturating_duration_since(before);
        if pause >= OUT {
            self.is_over(Outage { from: before, to: write.ended });
        }
    }

    fn is_over(&mut self, outage: Outage) {
        self.longest = self.longest.max(outage.length());
        match self.outages.back_mut().filter(|last| outage.from <= last.to + APART) {
            Some(last) if last.length() < outage.length() => *last = outage,
            Some(_) => {}
            None => self.outages.push_back(outage),
        }
        let old = self.outages.len().saturating_sub(OUTAGES_KEPT);
        self.outages.drain(..old);
    }

    /// Since when the user worst off is out, when one is.
    pub(crate) fn out_since(&self, now: Instant) -> Option<Instant> {
        let first = self.last.values().min().copied()?;
        (now.saturating_duration_since(first) >= OUT).then_some(first)
    }

    /// Acknowledged writes a second, of late.
    pub(crate) fn per_second(&self) -> u64 {
        (self.recent.len() as u64) / RATE.as_secs()
    }

    /// Which of these acknowledged writes the writer has.
    pub(crate) fn looked_up(&mut self, writes: &[Write], present: &Pair<BTreeSet<u64>>) {
        for write in writes.iter().filter(|it| it.is_acknowledged()) {
            if present.get(write.region).contains(&write.number) {
                self.lost.remove(&write.number);
            } else {
                self.lost.insert(write.number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use drill_cloud::Region;

    use super::*;
    use crate::cast::workload::Fate;

    fn write(user: usize, at: Instant, number: u64, is_acknowledged: bool) -> Write {
        let fate = if is_acknowledged { Fate::Acknowledged("x".to_owned()) } else { Fate::Rejected };
        Write { stream: Stream::User(user), region: Region::Seoul, number, sent: at, ended: at, fate }
    }

    #[test]
    fn outages_are_the_pauses_of_each_user_and_near_ones_are_one() {
        let zero = Instant::now();
        let at = |ms: u64| zero + Duration::from_millis(ms);
        let writes = Arc::new(Mutex::new(vec![write(0, at(0), 1, true), write(1, at(0), 2, true)]));
        let workload = Workload::of(Arc::clone(&writes), Vec::new());
        let mut tally = Tally::begin(&workload);
        assert_eq!(tally.out_since(at(900)), None);
        assert_eq!(tally.out_since(at(1_100)), Some(at(0)));
        let later = [
            write(0, at(100), 3, true),
            write(1, at(300), 4, false),
            write(1, at(2_000), 5, true),
            write(0, at(2_100), 6, true),
        ];
        writes.lock().unwrap().extend(later);
        tally.count(&workload, at(2_100));
        let worst = Outage { from: at(0), to: at(2_000) };
        assert_eq!(tally.outages, [worst], "two users' pauses at once are one outage");
        assert_eq!(tally.longest, Duration::from_secs(2));
        assert_eq!((tally.acknowledged, tally.failed, tally.out_since(at(2_200))), (3, 1, None));
        tally.moved(workload.forget(at(2_000)));
        writes.lock().unwrap().push(write(0, at(2_200), 7, true));
        tally.count(&workload, at(2_200));
        assert_eq!(tally.acknowledged, 4);
    }

    #[test]
    fn lost_writes_are_those_that_the_writer_does_not_have() {
        let now = Instant::now();
        let mut tally = Tally::begin(&Workload::of(Arc::default(), Vec::new()));
        let writes = [write(0, now, 1, true), write(0, now, 2, true), write(0, now, 3, false)];
        let has = |numbers: &[u64]| Pair { seoul: numbers.iter().copied().collect(), osaka: BTreeSet::new() };
        tally.looked_up(&writes, &has(&[1]));
        assert_eq!(tally.lost, BTreeSet::from([2]));
        tally.looked_up(&writes, &has(&[1, 2]));
        assert!(tally.lost.is_empty());
    }
}
