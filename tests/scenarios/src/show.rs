//! What a script shows, in lines.

use std::fmt::Write as _;

use responder_core::pass::outcome::Outcome;
use responder_fakes::World;

/// A pass's answer, field by field as it is in the JSON.
pub(crate) fn outcome(outcome: &Outcome, out: &mut String) {
    let json = serde_json::to_value(&outcome.result).unwrap_or_default();
    let text = |key: &str| json[key].as_str().unwrap_or("-").to_owned();
    let hold = json["hold"].as_str().map(|hold| format!(" {hold}")).unwrap_or_default();
    let _ = writeln!(out, "  {}{hold}: {}", text("decision"), text("reason"));
    let _ = writeln!(
        out,
        "  epoch {}, writer {}",
        json["epoch"],
        json["writer"]["endpoint"].as_str().unwrap_or("unknown")
    );
    let _ = write!(out, "  channels: record {}", json["channels"]["record"].as_str().unwrap_or("-"));
    for (region, channel) in json["channels"]["parameter"].as_object().into_iter().flatten() {
        let _ = write!(out, ", {region} {}", channel.as_str().unwrap_or("-"));
    }
    out.push('\n');
    for check in json["checks"].as_array().into_iter().flatten() {
        let mark = match check["verdict"].as_str() {
            Some("pass") => "pass",
            Some("unknown") => "UNKNOWN",
            _ => "FAIL",
        };
        let name = check["name"].as_str().unwrap_or_default();
        let value = check["value"].as_str().unwrap_or_default();
        let _ = writeln!(out, "  {mark} {name}: {value}");
    }
    for failure in json["failures"].as_array().into_iter().flatten() {
        let _ = writeln!(out, "  failure: {}", failure.as_str().unwrap_or_default());
    }
    for unpublished in &outcome.result.unpublished {
        let _ = writeln!(out, "  THE INVOCATION FAILS: {unpublished}");
    }
    if outcome.result.drift {
        out.push_str("  drift was repaired\n");
    }
    let elapsed_ms = &json["elapsed_ms"];
    let _ =
        writeln!(out, "  after {elapsed_ms} ms{}", if outcome.watch { ", still to be watched" } else { "" });
}

/// What clients resolve, and what is remembered.
pub(crate) fn world(world: &World, out: &mut String) {
    let records = world.records();
    let value = |record: &Option<responder_core::world::record::ResourceRecord>| {
        record.as_ref().map_or_else(|| "-".to_owned(), |record| record.values.join(" "))
    };
    let _ = writeln!(out, "  CNAME {}", value(&records.cname));
    let _ = writeln!(out, "  TXT   {}", value(&records.txt));
    for region in world.regions() {
        let writer = world.writer_parameter(region).unwrap_or_else(|| "-".to_owned());
        let state = world.state(region).map_or_else(|| "-".to_owned(), |state| state.to_json());
        let _ = writeln!(out, "  {region} writer {writer}\n  {region} state  {state}");
    }
    out.push('\n');
}
