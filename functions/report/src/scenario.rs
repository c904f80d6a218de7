//! One scenario: what was done, what was promised, and what was seen.

use serde::{Deserialize, Serialize};

use crate::{
    ByHand, Check, Expectation, Interval, NamedValue, Phase, PhaseName, TimelineEvent, WriteSeries, Writes,
    wire::{LegWire, ScenarioWire},
};

/// One scenario of a drill.
///
/// It holds only what was observed. Verdict, totals and the flat fields of the JSON follow from it:
/// [`Scenario::summary`](crate::Scenario::summary).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ScenarioWire", into = "ScenarioWire")]
pub struct Scenario {
    /// The name to start it by, such as `switchover`.
    pub name: String,
    /// The name to read, such as "Planned switchover, there and back".
    pub title: String,
    /// What was done and why, in a sentence or two.
    pub story: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What held before anything was done.
    pub steady_state: Vec<NamedValue>,
    /// What was promised and what was measured. The verdict follows from these alone.
    pub expectations: Vec<Expectation>,
    /// The transitions one after the other; a scenario without one has a single leg without phases.
    pub legs: Vec<Leg>,
    /// What happened when.
    pub timeline: Vec<TimelineEvent>,
    /// The clients' writes over time, when a workload ran.
    pub write_availability: Option<WriteSeries>,
    /// What the functions answered, as it came.
    pub decisions: Vec<serde_json::Value>,
    /// Checks that were made on the way.
    pub checks: Vec<Check>,
    /// What a reader should know besides.
    pub notes: Vec<String>,
    /// Who asked for it and how it was, for a transition that a person asked for.
    pub by_hand: Option<ByHand>,
}

/// One transition of a scenario.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "LegWire", into = "LegWire")]
pub struct Leg {
    /// What it was, such as "Seoul to Osaka".
    pub name: String,
    /// When it began, in milliseconds from the scenario's start.
    pub from_ms: u64,
    /// When it ended, in milliseconds from the scenario's start.
    pub to_ms: u64,
    /// The phases that were reached; their times are from the scenario's start too.
    pub phases: Vec<Phase>,
    /// What became of the clients' writes, when a workload measured them.
    pub writes: Option<Writes>,
}

impl Leg {
    /// A leg of the given name over a stretch of the scenario, without phases or writes yet.
    pub fn new(name: impl Into<String>, over: Interval) -> Self {
        Self { name: name.into(), from_ms: over.from_ms, to_ms: over.to_ms, phases: Vec::new(), writes: None }
    }

    /// When the first phase of this name was reached, in milliseconds from the scenario's start.
    pub fn at_ms(&self, name: &PhaseName) -> Option<u64> {
        self.phases.iter().filter(|phase| phase.name == *name).map(|phase| phase.at_ms).min()
    }

    /// The time from one phase to another in milliseconds; negative when the second came first.
    pub fn between_ms(&self, first: &PhaseName, second: &PhaseName) -> Option<i64> {
        let (first, second) = (self.at_ms(first)?, self.at_ms(second)?);
        i64::try_from(second).ok()?.checked_sub(i64::try_from(first).ok()?)
    }
}
