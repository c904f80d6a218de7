//! What the database's configuration says about alarms, and the alarms themselves.

use drill_cloud::app_failover::{PRIMARY_ALARM, SECONDARY_ALARM};
use drill_cloud::{Alarm, Cloud, Inbox, Region};
use serde_json::{Value, json};

use super::error::DrillError;

/// Osaka's own view of the writer.
pub(crate) const LOCAL: Alarm = Alarm { name: "todo-writer-unreachable", region: "ap-northeast-3" };
/// The witness's, in Tokyo, where no member is: it tells a dead writer from a cut between the two.
pub(crate) const WITNESS: Alarm = Alarm { name: "todo-writer-witness", region: WITNESS_PLACE };
/// The Region of the witness.
pub(crate) const WITNESS_PLACE: &str = "ap-northeast-1";
/// What the probe in Seoul says of the writer.
pub(crate) const WRITER_FROM_SEOUL: Alarm =
    Alarm { name: "todo-database-from-seoul", region: "ap-northeast-2" };
/// The same from Osaka.
pub(crate) const WRITER_FROM_OSAKA: Alarm =
    Alarm { name: "todo-database-from-osaka", region: "ap-northeast-3" };
/// The same from the witness in Tokyo.
pub(crate) const WRITER_FROM_TOKYO: Alarm = Alarm { name: "todo-database-from-tokyo", region: WITNESS_PLACE };
/// Which alarms say together that the writer's database is down, where a scenario has any: one in each member's Region and the
/// witness's.
pub(crate) const WRITER_ALARMS: [Alarm; 3] = [WRITER_FROM_SEOUL, WRITER_FROM_OSAKA, WRITER_FROM_TOKYO];
/// Those outside Seoul.
pub(crate) const OUTSIDE_SEOUL: [Alarm; 2] = [WRITER_FROM_OSAKA, WRITER_FROM_TOKYO];
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
    /// Which probes there are.
    pub(crate) probing: Option<Probing>,
}

/// How there are probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Probing {
    /// Whether they are asked before a publication.
    pub(crate) asked: bool,
    /// Whether Osaka reaches Seoul's database over a network that can be cut.
    pub(crate) over_network: bool,
    /// Whether they, their alarms and their metrics are at AWS's own pace, whatever the rest is at.
    pub(crate) at_real_pace: bool,
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
            probing: None,
        }
    }

    /// The same with alarms about the database itself, which the script sets.
    pub(crate) const fn with_writer_alarms(self) -> Self {
        Self { writer_alarms: &WRITER_ALARMS, ..self }
    }

    /// The same with probes, whose alarms these are.
    pub(crate) const fn with_probes(self) -> Self {
        self.with_writer_alarms().probed(Probing { asked: true, over_network: false, at_real_pace: false })
    }

    /// The same with probes like these.
    pub(crate) const fn probed(self, probing: Probing) -> Self {
        Self { probing: Some(probing), ..self }
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

/// Creates the alarms, in state OK, and the topic with its subscriber. Where there are probes, their alarms are made anew.
pub(crate) async fn create_alarms(cloud: &Cloud) -> Result<Inbox, DrillError> {
    let alarms = cloud.alarms();
    for alarm in [LOCAL, WITNESS].into_iter().chain(WRITER_ALARMS) {
        alarms.create(alarm).await?;
    }
    Ok(cloud.inbox(Region::Osaka, TOPIC).await?)
}
