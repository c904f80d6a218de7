//! What a look answers, for people and for `failoverctl`: data only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::sight::{Heartbeat, RecordSight, Sight};
use crate::words::names::{DatabaseName, Region};
use crate::world::lag::Source;

/// What `{"look": true}` asks for: one look at everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Where the probe stands.
    pub region: Region,
    /// Every database that it looks at.
    pub databases: BTreeMap<DatabaseName, DatabaseLook>,
}

/// One look at one database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseLook {
    /// Where the writer record leads, and whether writes are taken there.
    pub record: RecordLook,
    /// Each member, by its Region.
    pub members: BTreeMap<Region, MemberLook>,
}

/// The writer record, and the endpoint that it leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordLook {
    /// The record's name.
    pub name: String,
    /// The endpoint that it is an alias of.
    pub leads_to: Option<String>,
    /// That endpoint's Region.
    pub region: Option<Region>,
    /// Whether writes are taken there; nothing where the probe's own means failed.
    pub writable: Option<bool>,
    /// How long a heartbeat took to commit there, in milliseconds.
    pub write_ms: Option<u64>,
    /// How long the look took, in milliseconds.
    pub took_ms: u64,
    /// What was seen, as a sentence.
    pub said: String,
}

impl RecordLook {
    /// Of what was seen.
    pub fn of(name: &str, seen: &RecordSight) -> Self {
        let sight = &seen.sight;
        Self {
            name: name.to_owned(),
            leads_to: seen.leads_to.clone(),
            region: seen.region.clone(),
            writable: sight.writable(),
            write_ms: sight.beat().ok().map(|beat| beat.took_ms),
            took_ms: sight.took_ms,
            said: sight.said(),
        }
    }
}

/// One member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberLook {
    /// The host that was asked.
    pub endpoint: String,
    /// Whether it takes writes; nothing where the probe's own means failed.
    pub writable: Option<bool>,
    /// Whether it is a replica; nothing where it did not answer.
    pub in_recovery: Option<bool>,
    /// The newest heartbeat that it showed before this look's own.
    pub heartbeat: Option<Heartbeat>,
    /// How far behind the writer it is.
    pub lag: Option<LagSight>,
    /// The highest LSN that its Region has written, where Aurora says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lsn: Option<i64>,
    /// How long the look took, in milliseconds.
    pub took_ms: u64,
    /// What was seen, as a sentence.
    pub said: String,
}

/// How far a replica is behind, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LagSight {
    /// In milliseconds.
    pub ms: u64,
    /// Who says so.
    pub source: LagSource,
}

/// Who says how far a replica is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LagSource {
    /// Aurora's function of that name.
    AuroraGlobalDbStatus,
    /// The newest heartbeat's age, less the pace of the heartbeats.
    Heartbeat,
}

impl LagSource {
    /// The value of the metric's dimension: the name that whoever reads the metric asks for.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuroraGlobalDbStatus => Source::AuroraStatus.name(),
            Self::Heartbeat => Source::Heartbeat.name(),
        }
    }
}

impl MemberLook {
    /// Of what was seen at `endpoint`, where heartbeats come every `every_ms`.
    pub fn of(endpoint: &str, sight: &Sight, every_ms: u64) -> Self {
        let seen = sight.seen.as_ref().ok();
        let heartbeat = seen.and_then(|seen| seen.newest.as_ref().ok()?.clone());
        let replica = seen.filter(|seen| seen.in_recovery);
        let by_aurora = replica.and_then(|seen| seen.aurora_lag_ms);
        let by_heartbeat = replica.and(heartbeat.as_ref()).map(|it| it.age_ms.saturating_sub(every_ms));
        let lag = by_aurora.map(|ms| LagSight { ms, source: LagSource::AuroraGlobalDbStatus });
        let lag = lag.or(by_heartbeat.map(|ms| LagSight { ms, source: LagSource::Heartbeat }));
        // A replica that shows no heartbeats is told by that, and not by being a replica.
        let blind = replica.and_then(|seen| seen.newest.as_ref().err());
        Self {
            endpoint: endpoint.to_owned(),
            writable: sight.writable(),
            in_recovery: seen.map(|seen| seen.in_recovery),
            heartbeat,
            lag,
            lsn: seen.and_then(|seen| seen.lsn),
            took_ms: sight.took_ms,
            said: blind.map_or_else(|| sight.said(), ToString::to_string),
        }
    }
}
