//! Whatever a document states that follows from the rest of it has to agree, wherever it stands.

use serde_json::Value;
use time::OffsetDateTime;

use super::*;
use crate::{Environment, Interval, Phase, PhaseName, Writes};

fn document() -> Value {
    let mut leg = Leg::new("there", Interval { from_ms: 0, to_ms: 1_000 });
    leg.phases = vec![Phase::new(PhaseName::Promoted, 10)];
    leg.writes = Some(Writes {
        outage: Some(Interval { from_ms: 100, to_ms: 300 }),
        acknowledged: 5,
        lost: 1,
        lost_numbers: vec![4],
        rejected: 2,
        indeterminate: 3,
        stale_sessions: 6,
    });
    let scenario = Scenario { name: "x".to_owned(), legs: vec![leg], ..Scenario::default() };
    let report = Report {
        emulated: true,
        started_at: OffsetDateTime::UNIX_EPOCH,
        duration_ms: 1_000,
        environment: Environment::default(),
        scenarios: vec![scenario],
    };
    serde_json::from_str(&report.to_json().unwrap()).unwrap()
}

fn refused(document: &Value) -> Option<String> {
    let error = Report::parse(&document.to_string()).err()?;
    let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    Some(format!("{error}: {source}"))
}

#[test]
fn what_is_stated_agrees_with_what_follows() {
    assert_eq!(refused(&document()), None);
    for (place, value, at) in [
        ("/scenarios/0/legs/0/write_outage_ms", json!(201), "scenarios[0].legs[0]"),
        ("/scenarios/0/write_outage_ms", json!(201), "scenarios[0]"),
        ("/scenarios/0/acknowledged_writes", json!(6), "scenarios[0]"),
        ("/scenarios/0/lost_writes", json!(2), "scenarios[0]"),
        ("/scenarios/0/rejected_writes", json!(0), "scenarios[0]"),
        ("/scenarios/0/indeterminate_writes", json!(0), "scenarios[0]"),
        ("/scenarios/0/stale_sessions", json!(0), "scenarios[0]"),
        ("/scenarios/0/lost_write_numbers", json!([5]), "scenarios[0]"),
        ("/scenarios/0/phases", json!([]), "scenarios[0]"),
        ("/scenarios/0/verdict", json!("pass"), "scenarios[0]"),
        ("/verdict", json!("pass"), "."),
    ] {
        let mut document = document();
        *document.pointer_mut(place).unwrap() = value;
        let said = refused(&document).unwrap_or_default();
        let field = place.rsplit('/').next().unwrap();
        assert!(said.contains(&format!("at `{at}`: `{field}` says")), "{place}: {said}");
    }
}

#[test]
fn what_has_to_be_stated_is_missed() {
    for (place, field, at) in [
        ("/scenarios/0/legs/0", "write_outage_ms", "scenarios[0].legs[0]"),
        ("/scenarios/0", "verdict", "scenarios[0]"),
        ("/scenarios/0", "phases", "scenarios[0]"),
        ("", "verdict", "."),
    ] {
        let mut document = document();
        document.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(field);
        let said = refused(&document).unwrap_or_default();
        assert!(said.contains(&format!("at `{at}`: missing field `{field}`")), "{place}: {said}");
    }
    let mut without = document();
    for field in FIGURES {
        without.pointer_mut("/scenarios/0").unwrap().as_object_mut().unwrap().remove(field);
    }
    assert_eq!(refused(&without), None, "what a scenario sums up may be left out");
}
