//! All that the checks look at, for one Region that would take over.

use std::collections::BTreeMap;

use crate::answer::result::Check;
use crate::config::{Database, alarm_region};
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::alarm::AlarmReading;
use crate::world::attempt::{Attempt, Journal};
use crate::world::evidence::{Evidence, Seen};
use crate::world::lag::Lags;
use crate::world::topology::Standby;

/// All that the checks look at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The database.
    pub database: &'a Database,
    /// The Region that the function runs in.
    pub own: &'a Region,
    /// The Region whose cluster would take over: the policy asks about its own, a person about any.
    pub candidate: &'a Region,
    /// What the pass beside it saw.
    pub evidence: &'a Evidence,
    /// Each health and writer alarm, read again now in its own Region.
    pub readings: &'a BTreeMap<String, AlarmReading>,
    /// Whether CloudWatch in the published writer's Region answers.
    pub cloudwatch: &'a Seen<()>,
    /// What is known of the candidate's replication lag.
    pub lag: &'a Seen<Lags>,
    /// What this Region's function remembers of its own doing, and of the outage.
    pub journal: &'a Seen<Journal>,
    /// Now.
    pub now: Timestamp,
}

/// One check.
pub(crate) type CheckOf = fn(Case<'_>) -> Check;

impl<'a> Case<'a> {
    /// The published writer's Region.
    pub fn writer(self) -> Option<&'a Region> {
        self.evidence.published().map(|published| &published.writer)
    }

    /// The Regions that could take over, in the order in which they would.
    pub fn order(self) -> Vec<&'a Region> {
        let writer = self.writer();
        let targets = self.database.targets().into_iter();
        targets.filter(|region| writer.is_some_and(|writer| *region != writer)).collect()
    }

    /// The Region that takes over: the first in order, so that of several only one can start it.
    pub fn target(self) -> Option<&'a Region> {
        self.order().first().copied()
    }

    /// Whether this Region speaks to people: every Region before it in the order is silent or not ready. Two Regions must
    /// never start two failovers, but one that can take over has to say so when the first cannot.
    pub fn speaks(self) -> bool {
        let order = self.order();
        let before = order.iter().take_while(|region| **region != self.own);
        order.is_empty()
            || (order.contains(&self.own) && before.into_iter().all(|region| !self.could_take_over(region)))
    }

    /// Whether an attempt may still lead to a failover, or has just led to one that is not published yet.
    pub fn is_open(self, attempt: &Attempt) -> bool {
        let cooldown_ms = i64::from(self.database.failover().cooldown_seconds) * 1000;
        let epoch = self.evidence.published().map(|published| published.epoch);
        epoch.is_none_or(|epoch| attempt.is_open(epoch, self.now, cooldown_ms))
    }

    fn could_take_over(self, region: &Region) -> bool {
        self.evidence.view(region).is_some_and(|view| matches!(view.standby(), Standby::Ready { .. }))
    }

    /// Whether the published writer's Region is silent in this look: nothing but 5xx or no answer from its RDS, Parameter
    /// Store and CloudWatch, while the own Region answers.
    pub fn writer_is_silent(self) -> bool {
        let Some(writer) = self.writer().filter(|writer| *writer != self.own) else { return false };
        let rds = self.evidence.views.get(writer).is_some_and(Seen::is_silence);
        let parameters = self.evidence.parameters.get(writer).is_some_and(Seen::is_silence);
        rds && parameters && self.cloudwatch.is_silence() && self.own_answers()
    }

    fn own_answers(self) -> bool {
        let parameters = self.evidence.parameters.get(self.own).is_some_and(|seen| seen.got().is_some());
        self.evidence.view(self.own).is_some() && parameters
    }

    /// These alarms with what they say; those that live in the silent Region of the writer are left out, if one outside it
    /// remains.
    pub fn counted(self, arns: &'a [String]) -> Vec<(&'a str, Option<&'a AlarmReading>)> {
        let of = |arn: &'a String| (arn.as_str(), self.readings.get(arn));
        let is_outside = |arn: &&String| alarm_region(arn).as_ref() != self.writer();
        if self.writer_is_silent() && arns.iter().any(|arn| is_outside(&arn)) {
            return arns.iter().filter(is_outside).map(of).collect();
        }
        arns.iter().map(of).collect()
    }

    /// Whether every health alarm that counts is in ALARM, whatever became of its actions.
    pub fn all_in_alarm(self) -> bool {
        let counted = self.counted(&self.database.failover().health_alarms);
        !counted.is_empty() && counted.iter().all(|(_, reading)| reading.is_some_and(AlarmReading::is_alarm))
    }

    /// Whether every health alarm that counts is in ALARM or may be: it could not be read in this look, and trying again can
    /// help.
    pub fn may_be_all_in_alarm(self) -> bool {
        let counted = self.counted(&self.database.failover().health_alarms);
        let may_be = |reading: &AlarmReading| match reading {
            AlarmReading::Known(_) => reading.is_alarm(),
            AlarmReading::Unknown(why) => why.kind.is_retryable(),
        };
        !counted.is_empty() && counted.iter().all(|(_, reading)| reading.is_some_and(may_be))
    }

    /// Whether a health alarm is in ALARM.
    pub fn any_in_alarm(self) -> bool {
        let mut alarms =
            self.database.failover().health_alarms.iter().filter_map(|arn| self.readings.get(arn));
        alarms.any(AlarmReading::is_alarm)
    }
}
