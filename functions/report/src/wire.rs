//! The JSON documents: what was observed together with what follows from it.
//!
//! Writing works out the derived fields; reading works them out again and refuses a document that states others, so a
//! verdict cannot be edited without its measurements.

use serde::{Deserialize, Serialize, Serializer, de::Error, ser::SerializeMap};
use serde_json::{Value, json};

use crate::{FORMAT, Leg, ReadError, Report, Scenario, WriteTotals, Writes, timestamp::Rfc3339Text};

/// The figures of writes that a scenario or a leg may state. Without one of the first three there are none.
const FIGURES: [&str; 7] = [
    "acknowledged_writes",
    "lost_writes",
    "write_outage_ms",
    "rejected_writes",
    "indeterminate_writes",
    "stale_sessions",
    "lost_write_numbers",
];

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { emulated, started_at, duration_ms, environment, scenarios } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("format", &FORMAT)?;
        map.serialize_entry("emulated", emulated)?;
        map.serialize_entry("verdict", &self.verdict())?;
        map.serialize_entry("started_at", &Rfc3339Text(*started_at))?;
        map.serialize_entry("duration_ms", duration_ms)?;
        // For the reader; what is read back is the constant of this version.
        entry_if_any(&mut map, "disclaimer", self.disclaimer())?;
        map.serialize_entry("environment", environment)?;
        map.serialize_entry("scenarios", scenarios)?;
        map.end()
    }
}

impl Serialize for Scenario {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { name, title, story, pace, duration_ms, steady_state, expectations, legs, .. } = self;
        let Self {
            timeline, write_availability, decisions, checks, notes, unjudged, by_hand, clients, ..
        } = self;
        let summary = self.summary();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", name)?;
        map.serialize_entry("title", title)?;
        map.serialize_entry("story", story)?;
        entry_if_any(&mut map, "pace", pace.as_ref())?;
        map.serialize_entry("verdict", &summary.verdict)?;
        map.serialize_entry("duration_ms", duration_ms)?;
        summary.writes.iter().try_for_each(|writes| figures(&mut map, writes))?;
        map.serialize_entry("phases", &summary.phases)?;
        map.serialize_entry("legs", legs)?;
        map.serialize_entry("steady_state", steady_state)?;
        map.serialize_entry("expectations", expectations)?;
        map.serialize_entry("timeline", timeline)?;
        entry_if_any(&mut map, "write_availability", write_availability.as_ref())?;
        map.serialize_entry("decisions", decisions)?;
        map.serialize_entry("checks", checks)?;
        map.serialize_entry("notes", notes)?;
        entry_if_any(&mut map, "unjudged", unjudged.then_some(true))?;
        entry_if_any(&mut map, "by_hand", by_hand.as_ref())?;
        entry_if_any(&mut map, "clients", (!clients.is_empty()).then_some(clients))?;
        map.end()
    }
}

impl Serialize for Leg {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { name, from_ms, to_ms, phases, writes } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", name)?;
        map.serialize_entry("from_ms", from_ms)?;
        map.serialize_entry("to_ms", to_ms)?;
        map.serialize_entry("phases", phases)?;
        if let Some(writes) = writes {
            entry_if_any(&mut map, "write_outage", writes.outage.as_ref())?;
            figures(&mut map, &WriteTotals::default().and(writes))?;
        }
        map.end()
    }
}

fn entry_if_any<M: SerializeMap>(
    map: &mut M,
    name: &str,
    value: Option<impl Serialize>,
) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, &value))
}

fn figures<M: SerializeMap>(map: &mut M, writes: &WriteTotals) -> Result<(), M::Error> {
    map.serialize_entry("write_outage_ms", &writes.outage_ms)?;
    map.serialize_entry("acknowledged_writes", &writes.acknowledged)?;
    map.serialize_entry("lost_writes", &writes.lost)?;
    map.serialize_entry("rejected_writes", &writes.rejected)?;
    map.serialize_entry("indeterminate_writes", &writes.indeterminate)?;
    map.serialize_entry("stale_sessions", &writes.stale_sessions)?;
    map.serialize_entry("lost_write_numbers", &writes.lost_numbers)
}

/// Gives each leg the writes that its fields state, and refuses what is stated otherwise than it follows from the rest.
pub(crate) fn settle(report: &mut Report, document: &Value) -> Result<(), ReadError> {
    let scenarios = report.scenarios.iter_mut().zip(parts(document, "scenarios"));
    for (index, (scenario, stated)) in scenarios.enumerate() {
        let path = format!("scenarios[{index}]");
        for (index, (leg, stated)) in scenario.legs.iter_mut().zip(parts(stated, "legs")).enumerate() {
            settle_leg(leg, stated).map_err(at(&format!("{path}.legs[{index}]")))?;
        }
        let derived = serde_json::to_value(&*scenario).map_err(at(&path))?;
        agree(stated, &derived, &["verdict"], &FIGURES).map_err(at(&path))?;
        // A phase may have fields that this version does not know, so phases are compared as they are stated.
        let first = stated.pointer("/legs/0/phases").cloned().unwrap_or_else(|| json!([]));
        agree(stated, &json!({ "phases": first }), &["phases"], &[]).map_err(at(&path))?;
    }
    let derived = json!({ "verdict": report.verdict() });
    agree(document, &derived, &["verdict"], &[]).map_err(at("."))
}

fn settle_leg(leg: &mut Leg, stated: &Value) -> Result<(), serde_json::Error> {
    if FIGURES.iter().take(3).any(|field| value(stated, field).is_some()) {
        let writes = Writes::deserialize(stated)?;
        let derived = json!({ "write_outage_ms": writes.outage_ms() });
        leg.writes = Some(writes);
        agree(stated, &derived, &["write_outage_ms"], &[])?;
    }
    Ok(())
}

fn parts<'a>(document: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    document.get(list).and_then(Value::as_array).into_iter().flatten()
}

fn at(path: &str) -> impl Fn(serde_json::Error) -> ReadError {
    move |source| ReadError::Field { path: path.to_owned(), source }
}

/// A field's value; none when it is not there or null.
fn value<'a>(document: &'a Value, field: &str) -> Option<&'a Value> {
    document.get(field).filter(|value| !value.is_null())
}

/// A value from outside, fit for a terminal: JSON leaves some control characters as they are.
fn visible(value: &Value) -> String {
    let shown = |it: char| if it.is_control() { it.escape_default().to_string() } else { it.to_string() };
    value.to_string().chars().map(shown).collect()
}

/// The fields that have to be stated, and those that need not be, are what follows.
fn agree(stated: &Value, derived: &Value, must: &[&str], may: &[&str]) -> Result<(), serde_json::Error> {
    for field in must.iter().chain(may) {
        let derived = derived.get(field).unwrap_or(&Value::Null);
        match value(stated, field) {
            None if must.contains(field) => {
                return Err(Error::custom(format_args!("missing field `{field}`")));
            }
            Some(stated) if stated != derived => {
                let stated = visible(stated);
                return Err(Error::custom(format_args!(
                    "`{field}` says {stated}, but {derived} follows from the rest of the document"
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
