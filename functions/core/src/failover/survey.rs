//! What the checks look at beside the pass, read at once.

use std::collections::BTreeMap;

use futures_util::future::join3;

use crate::config::Database;
use crate::judge::case::Case;
use crate::ports::PortError;
use crate::ports::failover::FailoverPorts;
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::alarm::AlarmReading;
use crate::world::attempt::Journal;
use crate::world::evidence::Seen;
use crate::world::lag::Lag;

/// What the policy looks at beside the pass, read at once.
pub(crate) struct Survey {
    pub(crate) readings: BTreeMap<String, AlarmReading>,
    pub(crate) lag: Seen<Option<Lag>>,
    pub(crate) journal: Seen<Journal>,
}

impl Survey {
    /// Reads it, for the Region that would take over.
    pub(crate) async fn of<P: FailoverPorts>(ports: &P, database: &Database, own: &Region) -> Self {
        let (readings, lag, journal) =
            join3(ports.alarm_readings(database), ports.lag(database, own), ports.read_journal(database))
                .await;
        Self { readings, lag: seen(lag), journal: seen(journal) }
    }

    /// The case of that Region.
    pub(crate) fn case<'a>(
        &'a self,
        database: &'a Database,
        candidate: &'a Region,
        evidence: &'a crate::world::evidence::Evidence,
        now: Timestamp,
    ) -> Case<'a> {
        let Self { readings, lag, journal } = self;
        Case { database, candidate, evidence, readings, lag, journal, now }
    }
}

fn seen<T>(answer: Result<T, PortError>) -> Seen<T> {
    match answer {
        Ok(answer) => Seen::Got(answer),
        Err(error) => Seen::Unreachable(error.to_string()),
    }
}
