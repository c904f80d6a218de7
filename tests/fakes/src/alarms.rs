//! CloudWatch's alarms. An alarm lives in the Region of its ARN, and whoever reads it needs that Region to answer.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use responder_core::config::{Database, alarm_region};
use responder_core::ports::{HealthAlarms, PortError};
use responder_core::words::failure::{FailureKind, NoAnswer};
use responder_core::words::names::Region;
use responder_core::world::alarm::{AlarmReading, AlarmState, AlarmStatus};

use crate::actor::Actor;
use crate::call::Operation;
use crate::world::World;

impl World {
    /// What every health alarm of the database says, since now.
    pub fn set_alarms(&self, state: &AlarmState) {
        for arn in &self.database.failover().health_alarms {
            self.set_alarm(arn, state);
        }
    }

    /// What one alarm says, since now.
    pub fn set_alarm(&self, arn: &str, state: &AlarmState) {
        self.set_alarm_status(arn, AlarmStatus::plain(state.clone(), Some(self.now())));
    }

    /// All that one alarm says.
    pub fn set_alarm_status(&self, arn: &str, status: AlarmStatus) {
        self.cloud.borrow_mut().alarms.insert(arn.to_owned(), status);
    }

    /// Why an alarm's actions do not fire: they are disabled, or suppressed.
    pub fn quiet_alarm(&self, arn: &str, why: Option<&str>) {
        if let Some(status) = self.cloud.borrow_mut().alarms.get_mut(arn) {
            status.quieted = why.map(str::to_owned);
        }
    }

    /// A mute rule names this alarm, whose state goes on changing.
    pub fn mute_alarm(&self, arn: &str, why: &str) {
        self.cloud.borrow_mut().muted.insert(arn.to_owned(), why.to_owned());
    }
}

/// The database's alarms by their Regions.
fn by_region<'a>(arns: impl Iterator<Item = &'a String>) -> BTreeMap<Region, BTreeSet<&'a String>> {
    let mut regions: BTreeMap<Region, BTreeSet<&String>> = BTreeMap::new();
    for arn in arns {
        let region = alarm_region(arn).expect("a configured alarm has a Region");
        regions.entry(region).or_default().insert(arn);
    }
    regions
}

fn alarms_of(database: &Database) -> BTreeMap<Region, BTreeSet<&String>> {
    let failover = database.failover();
    by_region(failover.health_alarms.iter().chain(&failover.writer_alarms))
}

impl HealthAlarms for Actor {
    async fn alarm_readings(&self, database: &Database) -> BTreeMap<String, AlarmReading> {
        let regions = alarms_of(database);
        let asked = regions.iter().map(|(region, arns)| async move {
            let call = self.call_of(Operation::Alarms, Some(region));
            let read = self.call(call, |_, cloud| cloud.alarms.clone(), |_, _| ()).await;
            let reading = |arn: &String| match &read {
                Ok(alarms) => {
                    alarms.get(arn).map_or_else(no_such_alarm, |it| AlarmReading::Known(it.clone()))
                }
                Err(error) => AlarmReading::Unknown(error.no_answer()),
            };
            arns.iter().map(|arn| ((*arn).clone(), reading(arn))).collect::<Vec<_>>()
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    async fn mute_rules(&self, database: &Database) -> BTreeMap<String, Result<Option<String>, PortError>> {
        let regions = alarms_of(database);
        let asked = regions.iter().map(|(region, arns)| async move {
            let call = self.call_of(Operation::MuteRules, Some(region));
            let read = self.call(call, |_, cloud| cloud.muted.clone(), |_, _| ()).await;
            let muted = |arn: &String| match &read {
                Ok(rules) => Ok(rules.get(arn).cloned()),
                Err(error) => Err(PortError::new(error.operation.clone(), error.kind)),
            };
            arns.iter().map(|arn| ((*arn).clone(), muted(arn))).collect::<Vec<_>>()
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    async fn cloudwatch_answers(&self, region: &Region) -> Result<(), PortError> {
        self.call(self.call_of(Operation::CloudWatch, Some(region)), |_, _| (), |_, ()| ()).await
    }
}

fn no_such_alarm() -> AlarmReading {
    AlarmReading::Unknown(NoAnswer { why: "no such alarm".to_owned(), kind: FailureKind::Refused })
}
