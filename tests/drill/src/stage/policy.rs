//! What the database's configuration says about alarms, and the alarms themselves.

use drill_cloud::app_failover::{PRIMARY_ALARM, SECONDARY_ALARM};
use drill_cloud::{Alarm, Cloud, Inbox, Region};
use serde_json::{Value, json};

use super::error::DrillError;
use super::pace::{EVERY_SECONDS, Pace};

/// Osaka's own view of the writer.
pub(crate) const LOCAL: Alarm = Alarm { name: "todo-writer-unreachable", region: "ap-northeast-3" };
/// The witness's, in Tokyo, where no member is: it tells a dead writer from a cut between the two.
pub(crate) const WITNESS: Alarm = Alarm { name: "todo-writer-witness", region: "ap-northeast-1" };
/// The check of the database itself, from Osaka.
pub(crate) const WRITER_FROM_OSAKA: Alarm =
    Alarm { name: "todo-database-from-osaka", region: "ap-northeast-3" };
/// The same from the witness in Tokyo.
pub(crate) const WRITER_FROM_TOKYO: Alarm =
    Alarm { name: "todo-database-from-tokyo", region: "ap-northeast-1" };
/// Which alarms say together that the writer's database is down, where a scenario has any.
pub(crate) const WRITER_ALARMS: [Alarm; 2] = [WRITER_FROM_OSAKA, WRITER_FROM_TOKYO];
/// The topic's name.
const TOPIC: &str = "todo-failover";

/// What the database's configuration says about alarms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    /// `advise` or `automatic`.
    pub(crate) mode: &'static str,
    /// Which alarms say together that the writer is dead.
    pub(crate) health_alarms: [Alarm; 2],
    /// Which say that the database itself is down; without any, its Region's silence or its statuses do.
    pub(crate) writer_alarms: &'static [Alarm],
    pub(crate) max_lag_seconds: u32,
    pub(crate) cooldown_seconds: u32,
}

impl Policy {
    /// With limits that suit a drill, and without writer alarms.
    pub(crate) const fn of(mode: &'static str) -> Self {
        Self {
            mode,
            health_alarms: [LOCAL, WITNESS],
            writer_alarms: &[],
            max_lag_seconds: 5,
            cooldown_seconds: 600,
        }
    }

    /// The same with checks of the database itself.
    pub(crate) const fn with_writer_alarms(self) -> Self {
        Self { writer_alarms: &WRITER_ALARMS, ..self }
    }

    /// The same with the alarms of the module `app_failover`: no application reaches the writer.
    pub(crate) const fn of_app_failover(mode: &'static str) -> Self {
        Self { health_alarms: [PRIMARY_ALARM, SECONDARY_ALARM], ..Self::of(mode) }
    }

    /// The configuration's part `failover`.
    pub(crate) fn configuration(self, topic_arn: &str) -> Value {
        json!({
            "mode": self.mode,
            "health_alarms": self.health_alarms.map(|alarm| alarm.arn()),
            "writer_alarms": self.writer_alarms.iter().map(Alarm::arn).collect::<Vec<_>>(),
            "max_lag_seconds": self.max_lag_seconds,
            "cooldown_seconds": self.cooldown_seconds,
            "topic_arn": topic_arn,
        })
    }
}

/// Creates the alarms, in state OK, and the topic with its subscriber. At AWS's own pace those of the database have the period
/// of its checks.
pub(crate) async fn create_alarms(cloud: &Cloud, pace: Pace) -> Result<Inbox, DrillError> {
    let alarms = cloud.alarms();
    for alarm in [LOCAL, WITNESS].into_iter().chain(WRITER_ALARMS) {
        match i32::try_from(EVERY_SECONDS) {
            Ok(period_s) if pace == Pace::Real && WRITER_ALARMS.contains(&alarm) => {
                alarms.create_with_period(alarm, period_s).await?;
            }
            _ => alarms.create(alarm).await?,
        }
    }
    Ok(cloud.inbox(Region::Osaka, TOPIC).await?)
}
