//! What must hold at every call that starts a failover, with what only the simulation knows.

use std::collections::BTreeMap;

use responder_core::answer::failover::ActionKind;
use responder_core::answer::result::DatabaseResult;
use responder_core::words::names::Region;
use responder_core::words::notice::Notice;
use responder_core::words::timestamp::Timestamp;
use responder_fakes::Call;

use super::life::{ALARMS, Life};
use super::{COOLDOWN_SECONDS, Spoil};

/// How long after the last alarm of an outage its failover has to be taken, in milliseconds.
const START_MS_MAX: i64 = 120_000;
/// How much longer where the call itself is lost: it is watched for a minute, and made again when its Region has answered for
/// another without showing it.
const LOST_START_MS_MAX: i64 = 120_000;
/// How long a Region has to have been well before nobody can have taken it for silent, in milliseconds.
const WELL_MS: i64 = 120_000;

/// One call that reached RDS.
struct Asked {
    at: Timestamp,
    outage: u32,
    taken: bool,
}

/// Watches every call that starts a failover.
pub(super) struct Audit {
    /// The true writer.
    writer: Region,
    outages: u32,
    /// Since when the database has been well; `None` while it is down.
    well_since: Option<Timestamp>,
    /// When the last alarm of the outage came.
    last_alarm: Option<Timestamp>,
    /// When each invocation woke.
    woke: BTreeMap<u32, Timestamp>,
    /// Since when each alarm is not in ALARM; `None` while it is.
    quiet_since: BTreeMap<usize, Option<Timestamp>>,
    /// Since when each thing is spoilt; absent while it is not.
    spoilt_since: BTreeMap<Spoil, Timestamp>,
    asked: Vec<Asked>,
    pub(super) violation: Option<String>,
}

impl Audit {
    pub(super) fn new(writer: Region, now: Timestamp) -> Self {
        Self {
            writer,
            outages: 0,
            well_since: Some(now),
            last_alarm: None,
            woke: BTreeMap::new(),
            quiet_since: BTreeMap::new(),
            spoilt_since: BTreeMap::new(),
            asked: Vec::new(),
            violation: None,
        }
    }

    pub(super) fn outage(&mut self) {
        self.outages += 1;
    }

    /// The database is down, or well again.
    pub(super) fn is_down(&mut self, is_down: bool, now: Timestamp) {
        self.well_since = if is_down { None } else { self.well_since.or(Some(now)) };
    }

    pub(super) fn woke(&mut self, number: u32, at: Timestamp) {
        self.woke.insert(number, at);
    }

    pub(super) fn alarm(&mut self, at: usize, is_alarm: bool, now: Timestamp) {
        let since = self.quiet_since.entry(at).or_default();
        *since = if is_alarm { None } else { since.or(Some(now)) };
        self.last_alarm = if is_alarm { Some(now) } else { self.last_alarm };
    }

    pub(super) fn spoil(&mut self, spoil: Spoil, is_bad: bool, now: Timestamp) {
        if is_bad {
            self.spoilt_since.entry(spoil).or_insert(now);
        } else {
            self.spoilt_since.remove(&spoil);
        }
    }

    pub(super) fn is_spoilt(&self, spoil: Spoil) -> bool {
        self.spoilt_since.contains_key(&spoil)
    }

    pub(super) fn promoted(&mut self, writer: &Region, now: Timestamp) {
        self.writer = writer.clone();
        self.is_down(false, now);
    }

    /// Failovers that RDS took.
    pub(super) fn taken(&self) -> u64 {
        self.asked.iter().filter(|it| it.taken).count() as u64
    }

    /// A call that starts a failover reached RDS.
    pub(super) fn asked(&mut self, life: &Life, call: &Call, target: &Region, taken: bool, now: Timestamp) {
        self.asked.push(Asked { at: now, outage: self.outages, taken });
        let woke = self.woke.get(&call.actor).copied();
        let problem = match woke {
            None => Some("by a function that no alarm woke".to_owned()),
            Some(_) if *target != call.own => Some("from another Region than the target's".to_owned()),
            Some(_) if taken && call.own == self.writer => Some("from the writer's own Region".to_owned()),
            Some(woke) => self.wrong_since(life, woke, now).or_else(|| self.second(life, now)),
        };
        if let Some(problem) = problem {
            self.violation.get_or_insert(format!("{call} at {now}: a failover is asked for {problem}"));
        }
    }

    /// What has been wrong since before the function woke, and cannot have looked well in between.
    fn wrong_since(&self, life: &Life, woke: Timestamp, now: Timestamp) -> Option<String> {
        let spoilt = self.spoilt_since.iter().find(|(_, since)| **since < woke);
        if let Some((spoil, _)) = spoilt {
            return Some(format!("although {spoil:?} was wrong all the time"));
        }
        let quiet = life.alarms().filter(|at| !self.is_left_out(life, *at)).find(|at| {
            let since = self.quiet_since.get(at).copied();
            since.is_none_or(|since| since.is_some_and(|since| since < woke))
        });
        if let Some(at) = quiet {
            return Some(format!("although alarm {at} was not in ALARM all the time"));
        }
        let well_ms = self.well_since.map_or(0, |since| now.since_ms(since));
        (life.writer.is_empty() && well_ms > WELL_MS)
            .then(|| format!("although the database has been well for {} s", well_ms / 1000))
    }

    /// An alarm in the writer's Region may be left out while that Region is silent; where calls fail, one that lives may
    /// seem so.
    fn is_left_out(&self, life: &Life, at: usize) -> bool {
        let place = usize::from(self.writer.as_str() != responder_fakes::SEOUL);
        ALARMS[at].1 == place && (life.is_wild() || self.well_since.is_none())
    }

    /// A second call for one outage, or within the cooldown of one that was taken.
    ///
    /// In a wild life without reserved concurrency a write that takes seconds may write over the attempt of another
    /// invocation; then RDS itself, which refuses a second operation, is all that is left.
    fn second(&self, life: &Life, now: Timestamp) -> Option<String> {
        let (last, before) = self.asked.split_last()?;
        if life.is_wild() && !life.is_reserved && !last.taken {
            return None;
        }
        let taken = before.iter().rev().find(|it| it.taken);
        if last.taken && taken.is_some_and(|it| it.outage == last.outage) {
            return Some("a second time for one outage, and taken".to_owned());
        }
        let cooldown_ms = i64::from(COOLDOWN_SECONDS) * 1000;
        let recent = taken.is_some_and(|it| now.since_ms(it.at) < cooldown_ms);
        recent.then(|| "within the cooldown of one that was taken".to_owned())
    }
}

impl Audit {
    /// At the end of a life in which at most one thing was lost: one failover where it had to be, else none.
    pub(super) fn check_liveness(&self, life: &Life) -> Result<(), String> {
        let taken: Vec<Timestamp> = self.asked.iter().filter(|it| it.taken).map(|it| it.at).collect();
        if life.is_wild() {
            return Ok(());
        }
        if !life.has_to_start() {
            return match self.asked.first() {
                Some(asked) => Err(format!("a failover is asked for at {}, and none was due", asked.at)),
                None => Ok(()),
            };
        }
        let last = self.last_alarm.ok_or("no alarm came")?;
        let lost_ms = if life.lost_the_start() { LOST_START_MS_MAX } else { 0 };
        match taken.as_slice() {
            [at] if at.since_ms(last) <= START_MS_MAX + lost_ms => Ok(()),
            [at] => Err(format!("a failover is taken only {} ms after the last alarm", at.since_ms(last))),
            [] => Err("an outage starts no failover".to_owned()),
            several => Err(format!("an outage starts {} failovers", several.len())),
        }
    }
}

impl Audit {
    /// In how many milliseconds after the last alarm the failover is taken, where all that it needs is there at once.
    pub(super) fn started_within_ms(&self, life: &Life) -> Option<i64> {
        let is_plain =
            life.has_to_start() && life.is_at_once && !life.writer.is_empty() && life.loses_nothing();
        let taken = self.asked.iter().find(|it| it.taken).filter(|_| is_plain)?;
        Some(taken.at.since_ms(self.last_alarm?))
    }
}

/// Whether people heard the same of the same alarms twice, one right after the other.
pub(super) fn is_told_twice(told: &[Notice]) -> bool {
    let alarms = |notice: &Notice| -> Vec<String> {
        notice.message().lines().filter(|line| line.starts_with("Alarm:")).map(str::to_owned).collect()
    };
    // What tells of no alarm each Region's `follow` tells for itself.
    told.windows(2).any(|pair| match pair {
        [one, next] => {
            !alarms(one).is_empty() && one.subject() == next.subject() && alarms(one) == alarms(next)
        }
        _ => false,
    })
}

/// An answer that says that a failover was started shows every check as passed.
pub(super) fn check_answer(result: &DatabaseResult) -> Result<(), String> {
    let Some(failover) = &result.failover else { return Ok(()) };
    let started = matches!(failover.action, ActionKind::Started | ActionKind::Unknown | ActionKind::Failed);
    let failed: Vec<&str> = result
        .checks
        .iter()
        .filter(|check| check.limit.is_some() && !check.pass)
        .map(|check| check.name.as_str())
        .collect();
    if started && !(failed.is_empty() && failover.blocked_by.is_empty()) {
        return Err(format!("{:?} with failed checks {failed:?}", failover.action));
    }
    if failed != failover.blocked_by.iter().map(String::as_str).collect::<Vec<_>>() {
        return Err(format!("blocked_by {:?} is not what failed: {failed:?}", failover.blocked_by));
    }
    Ok(())
}
