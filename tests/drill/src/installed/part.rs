//! One part of the run that Terraform plays in: what it had to do and what was seen, as a scenario of the report.

use std::time::Instant;

use drill_report::{Expectation, Scenario};
use serde_json::Value;

/// A part under way.
#[derive(Debug)]
pub(crate) struct Part {
    began: Instant,
    scenario: Scenario,
}

impl Part {
    /// Begins it.
    pub(crate) fn begin(name: &str, title: &str) -> Self {
        let scenario = Scenario { name: name.to_owned(), title: title.to_owned(), ..Scenario::default() };
        Self { began: Instant::now(), scenario }
    }

    /// Expects something that was judged.
    pub(crate) fn expect(&mut self, expectation: Expectation) {
        self.scenario.expectations.push(expectation);
    }

    /// Expects a plan to change nothing but what the emulator answers wrongly, which is noted.
    pub(crate) fn expect_empty(&mut self, what: &str, plan: &Value) {
        self.expect_none(what, plan.get("unexpected"));
        for (kind, known) in plan.get("known").and_then(Value::as_object).into_iter().flatten() {
            let text = |field: &str| known.get(field).and_then(Value::as_str).unwrap_or_default();
            let count = known.get("count").and_then(Value::as_u64).unwrap_or_default();
            self.note(format!(
                "{what} for {count} {kind} the attributes {}, which is the emulator's fault: {}",
                text("attributes"),
                text("why")
            ));
        }
    }

    /// Expects a list of the command's to be empty. One that was not told fails.
    pub(crate) fn expect_none(&mut self, what: &str, list: Option<&Value>) {
        let list = list.and_then(Value::as_array);
        let words = list.into_iter().flatten().map(|it| it.as_str().map_or(it.to_string(), str::to_owned));
        let words = words.collect::<Vec<_>>().join("; ");
        let measured = match (list, words.is_empty()) {
            (None, _) => "not told".to_owned(),
            (_, true) => "nothing".to_owned(),
            (_, false) => words,
        };
        let pass = list.is_some_and(Vec::is_empty);
        self.expect(Expectation::judged(what, "nothing", measured, pass));
    }

    /// Notes something for the reader.
    pub(crate) fn note(&mut self, text: String) {
        self.scenario.notes.push(text);
    }

    /// Ends it.
    pub(crate) fn done(mut self) -> Scenario {
        self.scenario.duration_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.scenario
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn verdict(list: Option<&Value>) -> (bool, String) {
        let mut part = Part::begin("destroy", "");
        part.expect_none("left", list);
        let expectation = part.done().expectations.remove(0);
        (expectation.pass, expectation.measured)
    }

    #[test]
    fn only_an_empty_list_is_nothing() {
        assert_eq!(verdict(Some(&json!([]))), (true, "nothing".to_owned()));
        assert_eq!(verdict(Some(&json!(["a", "b"]))), (false, "a; b".to_owned()));
        assert_eq!(verdict(None), (false, "not told".to_owned()));
    }
}
