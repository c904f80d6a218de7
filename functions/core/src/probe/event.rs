//! What a probe is invoked with.

use serde_json::Value;

use crate::world::probe::Question;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Look at the pace until the time is over: the schedule.
    Watch,
    /// One look at everything, now.
    Look,
    /// Does this endpoint take writes?
    Word(Question),
}

/// An event that is none of those.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not understood: a schedule's event, {{\"look\": true}} or {{\"endpoint\": \"…\", \"port\": 5432}} is wanted ({0})"
)]
pub struct NotUnderstood(String);

/// Reads an event.
pub fn read(event: &Value) -> Result<Wanted, NotUnderstood> {
    let bad = |why: &str| NotUnderstood(why.to_owned());
    let fields = event.as_object().ok_or_else(|| bad("this is no object"))?;
    if fields.contains_key("endpoint") {
        let question = serde_json::from_value(event.clone());
        return question.map(Wanted::Word).map_err(|error| bad(&error.to_string()));
    }
    match fields.get("look") {
        Some(Value::Bool(true)) => return Ok(Wanted::Look),
        Some(_) => return Err(bad("look is not true")),
        None => {}
    }
    let is_schedule = fields.is_empty() || fields.get("detail-type") == Some(&"Scheduled Event".into());
    if is_schedule { Ok(Wanted::Watch) } else { Err(bad("it has none of their fields")) }
}
