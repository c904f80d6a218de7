//! One scenario: what was done, what was promised, and what was seen.

use serde::Deserialize;

use crate::{
    ByHand, Check, Client, Expectation, Interval, NamedValue, Phase, PhaseName, TimelineEvent, WriteSeries,
    Writes,
};

/// One scenario of a drill.
///
/// It holds only what was observed. Verdict, totals and the flat fields of the JSON follow from it:
/// [`Scenario::summary`](crate::Scenario::summary).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Scenario {
    /// The name to start it by, such as `switchover`.
    pub name: String,
    /// The name to read, such as "Planned switchover, there and back".
    #[serde(default)]
    pub title: String,
    /// What was done and why, in a sentence or two.
    #[serde(default)]
    pub story: String,
    /// How quick an emulated AWS was played in it, such as "played at AWS's own pace".
    #[serde(default)]
    pub pace: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
    /// What held before anything was done.
    #[serde(default)]
    pub steady_state: Vec<NamedValue>,
    /// What was promised and what was measured. The verdict follows from these alone.
    pub expectations: Vec<Expectation>,
    /// The transitions one after the other; a scenario without one has a single leg without phases.
    pub legs: Vec<Leg>,
    /// What happened when.
    #[serde(default)]
    pub timeline: Vec<TimelineEvent>,
    /// The clients' writes over time, when a workload ran.
    #[serde(default)]
    pub write_availability: Option<WriteSeries>,
    /// What the functions answered, as it came.
    #[serde(default)]
    pub decisions: Vec<serde_json::Value>,
    /// Checks that were made on the way.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// What a reader should know besides.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Whether it was played by hand and nobody expected anything of it.
    #[serde(default)]
    pub unjudged: bool,
    /// Who asked for it and how it was, for a transition that a person asked for.
    #[serde(default)]
    pub by_hand: Option<ByHand>,
    /// Other people's clients that wrote meanwhile.
    #[serde(default)]
    pub clients: Vec<Client>,
}

/// One transition of a scenario.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
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
    #[serde(skip)] // It is read from the fields of the leg itself.
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
