//! What the checks look at beside the pass, read at once.

use std::collections::BTreeMap;

use futures_util::future::join;

use crate::config::Database;
use crate::judge::case::Case;
use crate::judge::memory;
use crate::judge::onset;
use crate::pass::context::Pass;
use crate::pass::hurry::hurry;
use crate::ports::PortError;
use crate::ports::failover::FailoverPorts;
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::alarm::AlarmReading;
use crate::world::attempt::{Journal, Kept};
use crate::world::evidence::{Evidence, Seen};
use crate::world::lag::Lags;
use crate::world::limits::{LAG_AGE_MS_MAX, OUTAGE_MS_MAX};

/// What each alarm says, by its ARN.
pub(crate) type Readings = BTreeMap<String, AlarmReading>;

/// What the checks look at beside the pass.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) readings: Readings,
    cloudwatch: Seen<()>,
    pub(crate) lag: Seen<Lags>,
    /// What was remembered, and after [`Survey::remember`] what this look adds.
    pub(crate) journal: Seen<Journal>,
    /// The version of what was remembered.
    pub(crate) version: u64,
}

impl Survey {
    /// Reads it, for the Region that would take over from `writer`, which gets a second and no more where it is `hurried`. What
    /// is known already is not asked again.
    pub(crate) async fn of<P: FailoverPorts>(
        pass: Pass<'_, P>,
        candidate: &Region,
        writer: Option<&Region>,
        hurried: bool,
        readings: Option<Readings>,
        kept: Option<Kept>,
    ) -> Self {
        let Pass { ports, database, own, .. } = pass;
        let readings = async {
            match readings {
                Some(readings) => readings,
                None => ports.alarm_readings(database).await,
            }
        };
        let kept = async {
            match kept {
                Some(kept) => Ok(kept),
                None => ports.read_journal(database).await,
            }
        };
        let known = async {
            let (readings, kept) = join(readings, kept).await;
            let journal = kept.as_ref().ok().map(|kept| &kept.journal);
            let since = samples_since(&readings, journal, ports.now());
            let lag = ports.lag(database, candidate, since);
            let (readings, lag) = join(quieted(pass, readings), lag).await;
            (readings, kept, PortError::seen(lag))
        };
        let cloudwatch = async {
            let Some(writer) = writer.filter(|writer| *writer != own) else { return Seen::NotYet };
            let answers = ports.cloudwatch_answers(writer);
            PortError::seen(hurry(ports, hurried, "cloudwatch:DescribeAlarms", writer, answers).await)
        };
        let ((readings, kept, lag), cloudwatch) = join(known, cloudwatch).await;
        let version = kept.as_ref().map(|kept| kept.version).unwrap_or_default();
        let journal = PortError::seen(kept.map(|kept| kept.journal));
        Self { readings, cloudwatch, lag, journal, version }
    }

    /// Adds what this look shows to what is remembered.
    pub(crate) fn remember(
        &mut self,
        database: &Database,
        own: &Region,
        evidence: &Evidence,
        now: Timestamp,
    ) {
        if let Some(before) = self.journal.got().cloned() {
            self.journal = Seen::Got(memory::after(self.case(database, own, own, evidence, now), &before));
        }
    }

    /// The case of that Region.
    pub(crate) fn case<'a>(
        &'a self,
        database: &'a Database,
        own: &'a Region,
        candidate: &'a Region,
        evidence: &'a Evidence,
        now: Timestamp,
    ) -> Case<'a> {
        let Self { readings, cloudwatch, lag, journal, .. } = self;
        Case { database, own, candidate, evidence, readings, cloudwatch, lag, journal, now }
    }
}

/// From when on samples of the lag are asked for: what is needed is the last one from before the outage.
fn samples_since(readings: &Readings, journal: Option<&Journal>, now: Timestamp) -> Timestamp {
    let remembered = journal.and_then(|journal| journal.outage.as_ref()).map(|outage| outage.onset);
    let earliest = onset::earliest(readings.values()).into_iter().chain(remembered).min().unwrap_or(now);
    earliest.max(now.plus_ms(-OUTAGE_MS_MAX)).plus_ms(-LAG_AGE_MS_MAX)
}

/// Mute rules stand apart from the alarms. They are asked for only when every health alarm that is known is in ALARM.
async fn quieted<P: FailoverPorts>(pass: Pass<'_, P>, mut readings: Readings) -> Readings {
    let alarms = &pass.database.failover().health_alarms;
    let known = || alarms.iter().filter_map(|arn| readings.get(arn)).filter(|it| it.status().is_some());
    if known().next().is_none() || !known().all(AlarmReading::is_alarm) {
        return readings;
    }
    for (arn, muted) in pass.ports.mute_rules(pass.database).await {
        let why = match muted {
            Ok(None) => continue,
            Ok(Some(why)) => why,
            Err(error) => format!("whether it is muted is not known ({error})"),
        };
        if let Some(AlarmReading::Known(status)) = readings.get_mut(&arn) {
            status.quieted.get_or_insert(why);
        }
    }
    readings
}
