//! What must hold at every call that starts a failover, with what only the simulation knows.

use std::collections::BTreeMap;

use responder_core::answer::failover::ActionKind;
use responder_core::answer::result::DatabaseResult;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_fakes::Call;

use crate::outage::terms::{COOLDOWN_SECONDS, Spoil};

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
    pub(super) fn new(writer: Region) -> Self {
        Self {
            writer,
            outages: 0,
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

    pub(super) fn woke(&mut self, number: u32, at: Timestamp) {
        self.woke.insert(number, at);
    }

    pub(super) fn alarm(&mut self, at: usize, is_alarm: bool, now: Timestamp) {
        let since = self.quiet_since.entry(at).or_default();
        *since = if is_alarm { None } else { since.or(Some(now)) };
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

    pub(super) fn promoted(&mut self, writer: &Region) {
        self.writer = writer.clone();
    }

    /// Failovers that RDS took.
    pub(super) fn taken(&self) -> u64 {
        self.asked.iter().filter(|it| it.taken).count() as u64
    }

    /// A call that starts a failover reached RDS.
    pub(super) fn asked(&mut self, call: &Call, target: &Region, taken: bool, now: Timestamp) {
        self.asked.push(Asked { at: now, outage: self.outages, taken });
        let woke = self.woke.get(&call.actor).copied();
        let problem = match woke {
            None => Some("by a function that no alarm woke".to_owned()),
            Some(_) if *target != call.own => Some("from another Region than the target's".to_owned()),
            Some(_) if taken && call.own == self.writer => Some("from the writer's own Region".to_owned()),
            Some(woke) => self.wrong_since(woke).or_else(|| self.second(now)),
        };
        if let Some(problem) = problem {
            self.violation.get_or_insert(format!("{call} at {now}: a failover is asked for {problem}"));
        }
    }

    /// What has been wrong since before the function woke, and cannot have looked well in between.
    fn wrong_since(&self, woke: Timestamp) -> Option<String> {
        let spoilt = self.spoilt_since.iter().find(|(_, since)| **since < woke);
        if let Some((spoil, _)) = spoilt {
            return Some(format!("although {spoil:?} was wrong all the time"));
        }
        let quiet = (0..2).find(|at| match self.quiet_since.get(at) {
            None => true,
            Some(since) => since.is_some_and(|since| since < woke),
        });
        quiet.map(|at| format!("although alarm {at} was not in ALARM all the time"))
    }

    /// A second call for one outage, or within the cooldown of one that was taken.
    fn second(&self, now: Timestamp) -> Option<String> {
        let (last, before) = self.asked.split_last()?;
        let taken = before.iter().rev().find(|it| it.taken);
        if last.taken && taken.is_some_and(|it| it.outage == last.outage) {
            return Some("a second time for one outage, and taken".to_owned());
        }
        let cooldown_ms = i64::from(COOLDOWN_SECONDS) * 1000;
        let recent = taken.is_some_and(|it| now.since_ms(it.at) < cooldown_ms);
        recent.then(|| "within the cooldown of one that was taken".to_owned())
    }
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
