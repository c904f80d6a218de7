//! The phases of a transition: what is timed.

use serde::{Deserialize, Serialize};

/// The moments of a transition that every report times, in the order in which they usually come.
///
/// A name that this version does not know is kept as [`PhaseName::Other`], so newer reports stay readable.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseName {
    /// The fault was injected, or the operation was asked for.
    Injected,
    /// All health alarms are in ALARM.
    Alarmed,
    /// A function was first woken for it.
    Detected,
    /// A function decided to publish another writer.
    Decided,
    /// RDS accepted the failover that a function asked for.
    Started,
    /// The new writer takes writes, by the database's own word.
    Promoted,
    /// Route 53 accepted the change of the writer record.
    RecordAccepted,
    /// SSM accepted the new writer parameter.
    ParameterAccepted,
    /// A resolver answers with the new writer.
    RecordVisible,
    /// A client's write was acknowledged by the new writer.
    FirstWrite,
    /// A phase of another name.
    #[serde(untagged)]
    Other(String),
}

impl PhaseName {
    /// The name as the JSON has it, such as `record_accepted`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Injected => "injected",
            Self::Alarmed => "alarmed",
            Self::Detected => "detected",
            Self::Decided => "decided",
            Self::Started => "started",
            Self::Promoted => "promoted",
            Self::RecordAccepted => "record_accepted",
            Self::ParameterAccepted => "parameter_accepted",
            Self::RecordVisible => "record_visible",
            Self::FirstWrite => "first_write",
            Self::Other(name) => name,
        }
    }

    /// The name as people read it, such as `record accepted`.
    pub fn label(&self) -> String {
        self.as_str().replace('_', " ")
    }
}

/// One phase that was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// Which one.
    pub name: PhaseName,
    /// When, in milliseconds from the scenario's start.
    pub at_ms: u64,
    /// Where, when the phase belongs to one Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What a reader should know about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Phase {
    /// A phase reached at `at_ms` milliseconds from the scenario's start.
    pub fn new(name: PhaseName, at_ms: u64) -> Self {
        Self { name, at_ms, region: None, note: None }
    }

    /// The same phase, in `region`.
    #[must_use]
    pub fn in_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The same phase, with a note.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_is_written_as_it_is_called() {
        let known = [
            PhaseName::Injected,
            PhaseName::Alarmed,
            PhaseName::Detected,
            PhaseName::Decided,
            PhaseName::Started,
            PhaseName::Promoted,
            PhaseName::RecordAccepted,
            PhaseName::ParameterAccepted,
            PhaseName::RecordVisible,
            PhaseName::FirstWrite,
        ];
        for name in known {
            let json = serde_json::to_value(&name).unwrap();
            assert_eq!(json, name.as_str());
            assert_eq!(serde_json::from_value::<PhaseName>(json).unwrap(), name);
        }
    }

    #[test]
    fn an_unknown_name_is_kept() {
        let phase: Phase = serde_json::from_str(r#"{"name":"cache_flushed","at_ms":7}"#).unwrap();
        assert_eq!(phase.name, PhaseName::Other("cache_flushed".into()));
        assert_eq!(phase.name.label(), "cache flushed");
        assert_eq!(serde_json::to_string(&phase).unwrap(), r#"{"name":"cache_flushed","at_ms":7}"#);
    }
}
