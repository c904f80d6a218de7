//! What the probes and the alarms on their word do in the scenarios that have them.

use std::time::{Duration, Instant};

use drill_cloud::{Alarm, AlarmState, Region};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::alarms::is;
use super::play::Play;
use crate::stage::delivery::Invoked;
use crate::stage::error::DrillError;
use crate::stage::policy::WRITER_ALARMS;
use crate::stage::probes::Probes;

/// What a check of the replication lag said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SaidLag {
    pub(crate) lag: Duration,
    /// Who measured it.
    pub(crate) source: String,
    pub(crate) onset: OffsetDateTime,
}

impl SaidLag {
    /// Reads `120 ms by heartbeat at …, 10 s before the outage began at 2026-11-22T22:31:04Z; …`.
    pub(crate) fn read(value: &str) -> Option<Self> {
        let (ms, rest) = value.split_once(" ms by ")?;
        let (source, _) = rest.split_once(" at ")?;
        let (_, onset) = value.split_once("the outage began at ")?;
        let onset = onset.split(';').next()?.trim();
        Some(Self {
            lag: Duration::from_millis(ms.trim().parse().ok()?),
            source: source.to_owned(),
            onset: OffsetDateTime::parse(onset, &Rfc3339).ok()?,
        })
    }
}

impl Play {
    /// The probes of this scenario.
    pub(crate) fn probes(&self) -> Result<&Probes, DrillError> {
        let none = || DrillError::Unproven("the scenario's policy has no probes".to_owned());
        self.stage.probes.as_ref().ok_or_else(none)
    }

    /// Waits until the emulated CloudWatch puts that alarm into that state, or has done so since then; answers when.
    pub(crate) async fn wait_for_writer_alarm(
        &self,
        alarm: Alarm,
        state: AlarmState,
        since: Instant,
    ) -> Result<Instant, DrillError> {
        let what = format!("the alarm {} to be {}", alarm.name, state.as_str());
        let changed = |play: &Self| {
            let changes = play.stage.probes.as_ref().map(Probes::changes)?;
            let mut changes = changes.into_iter().filter(|(at, _)| *at >= since);
            changes.find(|(_, it)| it.alarm == alarm && it.state == state).map(|(at, _)| at)
        };
        self.wait(&what, changed).await
    }

    /// By what the probes see these alarms go off in time, and Osaka's function is told; nothing is started by that alone.
    pub(crate) async fn writer_alarms_go_off(
        &mut self,
        alarms: &[Alarm],
        since: Instant,
        within: Duration,
    ) -> Result<(), DrillError> {
        let mut last = since;
        for alarm in alarms {
            last = last.max(self.wait_for_writer_alarm(*alarm, AlarmState::Alarm, since).await?);
        }
        let limit = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        let what = "From the writer's end to the last of the writer alarms in ALARM, as emulated";
        self.expect_within(what, limit, since, Some(last));
        let told = |play: &Self| {
            let told: Vec<Invoked> = play.delivery.since(since);
            let mut told = told.into_iter().filter(|it| it.region == Region::Osaka && it.ended.is_some());
            let is_told = |alarm: &Alarm| told.any(|it| it.why.contains(alarm.name));
            alarms.last().is_none_or(is_told).then_some(())
        };
        self.wait("Osaka's function to be told of the writer alarms", told).await?;
        let by_these = |it: &Invoked| alarms.iter().any(|alarm| it.why.contains(alarm.name));
        let answers = self.delivery.since(since).into_iter().filter(by_these);
        let started = answers.filter(|it| is("started", it)).count();
        self.expect_exactly("Failovers that the database's alarms alone started", 0, started);
        Ok(())
    }

    /// The probes see the database take writes again, from everywhere.
    pub(crate) async fn writer_alarms_are_over(&self) -> Result<(), DrillError> {
        for alarm in WRITER_ALARMS {
            let what = format!("the alarm {} to be OK", alarm.name);
            let is_over = |play: &Self| {
                let state = play.stage.probes.as_ref().and_then(|probes| probes.watch.state(alarm));
                (state == Some(AlarmState::Ok)).then_some(())
            };
            self.wait(&what, is_over).await?;
        }
        Ok(())
    }

    /// When Osaka's probes looked at Osaka's lag for the last time before that moment.
    pub(crate) fn last_look_at_the_lag(
        &self,
        before: OffsetDateTime,
    ) -> Result<Option<OffsetDateTime>, DrillError> {
        let osaka = Region::Osaka.id();
        let looks = self.probes()?.watch.seen("ReplicationLag").into_iter();
        let looks = looks.filter(|it| {
            it.place == osaka && it.dimensions.get("Member").is_some_and(|member| member == osaka)
        });
        let at = |ms: i64| OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds(ms);
        Ok(looks.map(|it| at(it.at_ms)).filter(|at| *at <= before).max())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_said_lag_is_read_with_its_source_and_the_onset() {
        let value = "5120 ms by heartbeat at 2026-11-22T22:30:50Z, 10 s before the outage began at 2026-11-22T22:31:00Z; 9 ms at x";
        let said = SaidLag::read(value).unwrap();
        assert_eq!((said.lag, said.source.as_str()), (Duration::from_millis(5_120), "heartbeat"));
        assert_eq!(said.onset.unix_timestamp(), 1_795_386_660);
        assert_eq!(SaidLag::read("unknown: not read"), None);
    }
}
