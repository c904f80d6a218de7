//! The figures. `report.json` is all of them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::stats::Stats;

/// `target/bench/report.json`. Times are in milliseconds, sizes in bytes.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// 2; it changes when a reader of this one would misread it.
    pub(crate) format: u32,
    /// True: nothing of it was measured at AWS.
    pub(crate) emulated: bool,
    /// How it was measured, in sentences.
    pub(crate) method: Vec<String>,
    /// What it does not show, in sentences.
    pub(crate) not_shown: Vec<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) outages: Vec<Outage>,
    pub(crate) wire: Vec<WireRow>,
    pub(crate) probe: Vec<ProbeRow>,
    pub(crate) starts: Vec<Start>,
    pub(crate) fleets: Vec<FleetRow>,
    pub(crate) idle: Vec<IdleRow>,
    pub(crate) decision: Decision,
    pub(crate) acceptance: Vec<Acceptance>,
    /// Parts that could not be measured, and why.
    pub(crate) failed: Vec<String>,
}

/// One thing that was measured of each subject.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// `ms`, `bytes` or `USD per million`.
    pub(crate) unit: &'static str,
    /// The round trip in front of each API call, in milliseconds.
    pub(crate) delay_ms: Option<u64>,
    /// By subject; the first is ours, the second what it is compared with.
    pub(crate) figures: Vec<(&'static str, Stats)>,
    /// Ours divided by the baseline that only moves the record.
    pub(crate) of_baseline: f64,
    /// The least that any correct solution needs, where that is known.
    pub(crate) limit: Option<f64>,
    /// Ours divided by the limit.
    pub(crate) of_limit: Option<f64>,
}

/// A warm event while something is down.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Outage {
    pub(crate) name: &'static str,
    /// Event handed over to record accepted.
    pub(crate) accepted: Stats,
    /// Event handed over to answer.
    pub(crate) answered: Stats,
    /// The median to the record, divided by the one with everything up.
    pub(crate) of_healthy: f64,
}

/// What was measured over the wire as it is.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct WireRow {
    pub(crate) name: &'static str,
    pub(crate) accepted: Stats,
    /// The least that any correct solution needs, in milliseconds.
    pub(crate) limit_ms: u64,
    /// The median divided by the limit.
    pub(crate) of_limit: f64,
}

impl WireRow {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred milliseconds")]
    pub(crate) fn new(name: &'static str, accepted: Stats, limit_ms: u64) -> Self {
        Self { name, of_limit: accepted.median / limit_ms as f64, accepted, limit_ms }
    }
}

/// Something of the probe itself.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ProbeRow {
    pub(crate) name: &'static str,
    /// `ms` or `bytes`.
    pub(crate) unit: &'static str,
    pub(crate) figure: Stats,
    pub(crate) at_most: f64,
}

/// How soon a failover is started once the last alarm has gone off.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Start {
    pub(crate) name: &'static str,
    /// Until the call came in, in milliseconds.
    pub(crate) called: Stats,
    pub(crate) at_most_ms: f64,
}

/// How a fleet was served when it lost its Region.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Case {
    /// By a function that had made a pass before.
    #[default]
    Warm,
    /// By one that was started by the first event.
    Cold,
    /// By a warm one, while somebody else published one of the databases.
    FenceLost,
    /// By the common solution.
    Baseline,
    /// Not measured: it follows from the quota.
    Computed,
}

/// All databases of a fleet lose their Region at once.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct FleetRow {
    pub(crate) subject: &'static str,
    pub(crate) case: Case,
    pub(crate) databases: usize,
    /// How many records moved, and until when 50, 99 and 100 percent of these had.
    pub(crate) moved: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) p100_ms: f64,
    /// Calls by kind until the last record had moved, and how many of them the quota refused.
    pub(crate) calls: BTreeMap<String, u64>,
    pub(crate) throttled: BTreeMap<String, u64>,
    pub(crate) peak_memory: u64,
    /// Writer parameters in the living Region after each invocation, and states with a memory of the new epoch.
    pub(crate) drained: Vec<(usize, usize)>,
    pub(crate) note: String,
}

/// One scheduled pass while nothing happens.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct IdleRow {
    pub(crate) subject: &'static str,
    pub(crate) databases: usize,
    /// Calls of one function by kind.
    pub(crate) calls: BTreeMap<String, u64>,
    pub(crate) total: u64,
    pub(crate) elapsed_ms: f64,
    /// Processor time of the pass.
    pub(crate) cpu_ms: f64,
    pub(crate) peak_memory: u64,
    pub(crate) log_bytes: u64,
    pub(crate) answer_bytes: usize,
}

/// Processor time of the pure decision for one database.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Decision {
    pub(crate) decide_ns: f64,
    pub(crate) plan_ns: f64,
}

/// A bound, and whether it was kept.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Acceptance {
    pub(crate) line: String,
    /// `None` when this run did not measure it, and where it has no end.
    pub(crate) measured: Option<f64>,
    pub(crate) at_most: f64,
    /// `met`, `NOT MET` or `not measured`.
    pub(crate) verdict: &'static str,
}

impl FleetRow {
    /// Until when all of them had moved: never, when one had not.
    pub(crate) fn all_moved_ms(&self) -> f64 {
        if self.moved < self.databases { f64::INFINITY } else { self.p100_ms }
    }
}

impl Acceptance {
    /// A bound on something that may not have been measured, which is not a number then.
    pub(crate) fn new(line: impl Into<String>, measured: f64, at_most: f64) -> Self {
        let verdict = match measured {
            it if it.is_nan() => "not measured",
            it if it <= at_most => "met",
            _ => "NOT MET",
        };
        Self { line: line.into(), measured: Some(measured).filter(|it| it.is_finite()), at_most, verdict }
    }

    /// What was measured, for people.
    pub(crate) fn figure(&self) -> String {
        self.measured.map_or("–".to_owned(), |it| format!("{it:.3}"))
    }
}

impl Row {
    pub(crate) fn new(
        name: &'static str,
        unit: &'static str,
        delay_ms: Option<u64>,
        figures: Vec<(&'static str, Stats)>,
        limit: Option<f64>,
    ) -> Self {
        let median = |at: usize| figures.get(at).map_or(f64::NAN, |(_, stats)| stats.median);
        let of_baseline = median(0) / median(1);
        let of_limit = limit.map(|limit| median(0) / limit);
        Self { name, unit, delay_ms, figures, of_baseline, limit, of_limit }
    }
}
