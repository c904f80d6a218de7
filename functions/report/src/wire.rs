//! The JSON documents: what was observed together with what follows from it.
//!
//! Writing works out the derived fields; reading works them out again and refuses a document that states others, so a
//! verdict cannot be edited without its measurements.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    ByHand, Check, Environment, Expectation, FORMAT, Interval, Leg, NamedValue, Phase, Report, Scenario,
    TimelineEvent, Verdict, WriteSeries, Writes, timestamp,
};

/// A derived field that says something else than what follows from the rest.
#[derive(Debug, thiserror::Error)]
#[error("`{field}` says {stated}, but {derived} follows from the rest of the document")]
pub(crate) struct Contradiction {
    field: &'static str,
    stated: String,
    derived: String,
}

/// A group of fields that come together or not at all, and came in part.
#[derive(Debug, thiserror::Error)]
#[error("`{missing}` is missing, although other figures of the writes are there")]
pub(crate) struct PartOfWrites {
    missing: &'static str,
}

/// What a leg's figures can get wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LegError {
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
    #[error(transparent)]
    PartOfWrites(#[from] PartOfWrites),
}

/// Fields that a document need not state must be right when it does.
fn agree_if_stated<T: PartialEq + Serialize>(
    field: &'static str,
    stated: Option<&T>,
    derived: &T,
) -> Result<(), Contradiction> {
    stated.map_or(Ok(()), |stated| agree(field, stated, derived))
}

fn agree<T: PartialEq + Serialize>(
    field: &'static str,
    stated: &T,
    derived: &T,
) -> Result<(), Contradiction> {
    if stated == derived {
        return Ok(());
    }
    let text = |value: &T| serde_json::to_string(value).unwrap_or_default();
    Err(Contradiction { field, stated: text(stated), derived: text(derived) })
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ReportWire {
    format: u64,
    emulated: bool,
    verdict: Verdict,
    #[serde(with = "timestamp")]
    started_at: OffsetDateTime,
    duration_ms: u64,
    /// Written for the reader; what is read back is the constant of this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disclaimer: Option<String>,
    environment: Environment,
    scenarios: Vec<Scenario>,
}

impl From<Report> for ReportWire {
    fn from(report: Report) -> Self {
        Self {
            format: FORMAT,
            emulated: report.emulated,
            verdict: report.verdict(),
            started_at: report.started_at,
            duration_ms: report.duration_ms,
            disclaimer: report.disclaimer().map(str::to_owned),
            environment: report.environment,
            scenarios: report.scenarios,
        }
    }
}

impl TryFrom<ReportWire> for Report {
    type Error = Contradiction;

    fn try_from(wire: ReportWire) -> Result<Self, Contradiction> {
        let report = Self {
            emulated: wire.emulated,
            started_at: wire.started_at,
            duration_ms: wire.duration_ms,
            environment: wire.environment,
            scenarios: wire.scenarios,
        };
        agree("format", &wire.format, &FORMAT)?;
        agree("verdict", &wire.verdict, &report.verdict())?;
        Ok(report)
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ScenarioWire {
    name: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    story: String,
    verdict: Verdict,
    #[serde(default)]
    duration_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    write_outage_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    acknowledged_writes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lost_writes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rejected_writes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    indeterminate_writes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stale_sessions: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lost_write_numbers: Option<Vec<u64>>,
    phases: Vec<Phase>,
    legs: Vec<Leg>,
    #[serde(default)]
    steady_state: Vec<NamedValue>,
    expectations: Vec<Expectation>,
    #[serde(default)]
    timeline: Vec<TimelineEvent>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    write_availability: Option<WriteSeries>,
    #[serde(default)]
    decisions: Vec<Value>,
    #[serde(default)]
    checks: Vec<Check>,
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by_hand: Option<ByHand>,
}

impl From<Scenario> for ScenarioWire {
    fn from(scenario: Scenario) -> Self {
        let summary = scenario.summary();
        let writes = summary.writes.as_ref();
        Self {
            name: scenario.name,
            title: scenario.title,
            story: scenario.story,
            verdict: summary.verdict,
            duration_ms: scenario.duration_ms,
            write_outage_ms: writes.map(|writes| writes.outage_ms),
            acknowledged_writes: writes.map(|writes| writes.acknowledged),
            lost_writes: writes.map(|writes| writes.lost),
            rejected_writes: writes.map(|writes| writes.rejected),
            indeterminate_writes: writes.map(|writes| writes.indeterminate),
            stale_sessions: writes.map(|writes| writes.stale_sessions),
            lost_write_numbers: writes.map(|writes| writes.lost_numbers.clone()),
            phases: summary.phases,
            legs: scenario.legs,
            steady_state: scenario.steady_state,
            expectations: scenario.expectations,
            timeline: scenario.timeline,
            write_availability: scenario.write_availability,
            decisions: scenario.decisions,
            checks: scenario.checks,
            notes: scenario.notes,
            by_hand: scenario.by_hand,
        }
    }
}

impl TryFrom<ScenarioWire> for Scenario {
    type Error = Contradiction;

    fn try_from(wire: ScenarioWire) -> Result<Self, Contradiction> {
        let scenario = Self {
            name: wire.name,
            title: wire.title,
            story: wire.story,
            duration_ms: wire.duration_ms,
            steady_state: wire.steady_state,
            expectations: wire.expectations,
            legs: wire.legs,
            timeline: wire.timeline,
            write_availability: wire.write_availability,
            decisions: wire.decisions,
            checks: wire.checks,
            notes: wire.notes,
            by_hand: wire.by_hand,
        };
        let summary = scenario.summary();
        let writes = summary.writes.unwrap_or_default();
        agree("verdict", &wire.verdict, &summary.verdict)?;
        agree("phases", &wire.phases, &summary.phases)?;
        agree_if_stated("write_outage_ms", wire.write_outage_ms.as_ref(), &writes.outage_ms)?;
        agree_if_stated("acknowledged_writes", wire.acknowledged_writes.as_ref(), &writes.acknowledged)?;
        agree_if_stated("lost_writes", wire.lost_writes.as_ref(), &writes.lost)?;
        agree_if_stated("rejected_writes", wire.rejected_writes.as_ref(), &writes.rejected)?;
        agree_if_stated("indeterminate_writes", wire.indeterminate_writes.as_ref(), &writes.indeterminate)?;
        agree_if_stated("stale_sessions", wire.stale_sessions.as_ref(), &writes.stale_sessions)?;
        agree_if_stated("lost_write_numbers", wire.lost_write_numbers.as_ref(), &writes.lost_numbers)?;
        Ok(scenario)
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct LegWire {
    name: String,
    from_ms: u64,
    to_ms: u64,
    phases: Vec<Phase>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    write_outage_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    write_outage: Option<Interval>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    acknowledged_writes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lost_writes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rejected_writes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    indeterminate_writes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stale_sessions: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lost_write_numbers: Option<Vec<u64>>,
}

impl From<Leg> for LegWire {
    fn from(leg: Leg) -> Self {
        let writes = leg.writes.as_ref();
        Self {
            name: leg.name,
            from_ms: leg.from_ms,
            to_ms: leg.to_ms,
            phases: leg.phases,
            write_outage_ms: writes.map(Writes::outage_ms),
            write_outage: writes.and_then(|writes| writes.outage),
            acknowledged_writes: writes.map(|writes| writes.acknowledged),
            lost_writes: writes.map(|writes| writes.lost),
            rejected_writes: writes.map(|writes| writes.rejected),
            indeterminate_writes: writes.map(|writes| writes.indeterminate),
            stale_sessions: writes.map(|writes| writes.stale_sessions),
            lost_write_numbers: writes.map(|writes| writes.lost_numbers.clone()),
        }
    }
}

impl TryFrom<LegWire> for Leg {
    type Error = LegError;

    fn try_from(wire: LegWire) -> Result<Self, LegError> {
        let writes = wire.writes()?;
        if let Some(writes) = &writes {
            agree_if_stated("write_outage_ms", wire.write_outage_ms.as_ref(), &writes.outage_ms())?;
        }
        Ok(Self { name: wire.name, from_ms: wire.from_ms, to_ms: wire.to_ms, phases: wire.phases, writes })
    }
}

impl LegWire {
    fn writes(&self) -> Result<Option<Writes>, PartOfWrites> {
        let stated = [self.acknowledged_writes, self.lost_writes, self.write_outage_ms];
        if stated.iter().all(Option::is_none) {
            return Ok(None);
        }
        let missing = |missing| PartOfWrites { missing };
        self.write_outage_ms.ok_or(missing("write_outage_ms"))?;
        Ok(Some(Writes {
            outage: self.write_outage,
            acknowledged: self.acknowledged_writes.ok_or(missing("acknowledged_writes"))?,
            lost: self.lost_writes.ok_or(missing("lost_writes"))?,
            lost_numbers: self.lost_write_numbers.clone().unwrap_or_default(),
            rejected: self.rejected_writes.unwrap_or_default(),
            indeterminate: self.indeterminate_writes.unwrap_or_default(),
            stale_sessions: self.stale_sessions.unwrap_or_default(),
        }))
    }
}
