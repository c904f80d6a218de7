//! The JSON: it is what the schema says, it survives reading, and a reader is told what is wrong with a bad one.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test itself may")]

use std::error::Error;

use drill_report::{DISCLAIMER, ReadError, Report};
use serde_json::{Value, json};

mod sample;

fn sample_json() -> Value {
    serde_json::from_str(&sample::report().to_json().unwrap()).unwrap()
}

/// The whole chain of an error, as a program prints it.
fn said(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn refusal(document: &Value) -> String {
    said(&Report::parse(&document.to_string()).unwrap_err())
}

/// Forbids, in every object of the schema, the fields that it does not describe.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("type") == Some(&json!("object")) {
                map.insert("additionalProperties".into(), json!(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

fn violations(document: &Value) -> Option<String> {
    let mut schema: Value =
        serde_json::from_str(include_str!("../schema/drill-report-1.schema.json")).unwrap();
    close(&mut schema);
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource("report.json", schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile("report.json", &mut schemas).unwrap();
    schemas.validate(document, index).err().map(|error| format!("{error:#}"))
}

#[test]
fn the_sample_conforms_to_the_schema_and_has_no_field_beside_it() {
    assert_eq!(violations(&sample_json()), None);
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    for (pointer, wrong) in [
        ("/format", json!(2)),
        ("/started_at", json!("yesterday")),
        ("/scenarios/1/verdict", json!("maybe")),
        ("/scenarios/1/write_outage_ms", json!(0.5)),
        ("/scenarios/1/legs/0/phases/0/at_ms", json!(-1)),
        ("/scenarios/1/write_availability/bucket_ms", json!(0)),
    ] {
        let mut document = sample_json();
        *document.pointer_mut(pointer).unwrap() = wrong;
        assert!(violations(&document).is_some(), "{pointer}");
    }
    let mut document = sample_json();
    document.as_object_mut().unwrap().remove("disclaimer");
    assert!(violations(&document).is_some(), "an emulated report without its disclaimer");
}

#[test]
fn a_report_survives_writing_and_reading() {
    let report = sample::report();
    assert_eq!(Report::parse(&report.to_json().unwrap()).unwrap(), report);
}

#[test]
fn the_flat_fields_are_those_of_the_contract() {
    let document = sample_json();
    assert_eq!((&document["format"], &document["emulated"]), (&json!(1), &json!(true)));
    assert_eq!(document["disclaimer"], DISCLAIMER);
    let switchover = &document["scenarios"][1];
    assert_eq!(switchover["name"], "switchover");
    assert_eq!(switchover["verdict"], "pass");
    assert_eq!(switchover["acknowledged_writes"], 5_123);
    assert_eq!(switchover["lost_writes"], 0);
    assert_eq!(switchover["phases"], switchover["legs"][0]["phases"]);
    assert_eq!(switchover["phases"][1]["name"], "promoted");
    assert_eq!(switchover["phases"][1]["at_ms"], 2_210);
    let outages = ["/legs/0", "/legs/1"]
        .map(|leg| switchover.pointer(leg).unwrap()["write_outage_ms"].as_u64().unwrap());
    assert_eq!(switchover["write_outage_ms"], *outages.iter().max().unwrap());
    assert_eq!(document["scenarios"][6]["pace"], "played at AWS's own pace");
    assert!(switchover.get("pace").is_none(), "it is said only where there is one");
    assert_eq!(document["scenarios"][3]["lost_write_numbers"].as_array().unwrap().len(), 20);
}

#[test]
fn a_series_is_one_line_of_the_file() {
    let text = sample::report().to_json().unwrap();
    let line = text.lines().find(|line| line.contains("\"acknowledged\": [")).unwrap();
    assert!(line.contains("], ") || line.trim_end().ends_with("],"), "{line}");
    assert!(text.ends_with("}\n"));
}

#[test]
fn another_format_is_refused_by_its_number() {
    let mut document = sample_json();
    document["format"] = json!(2);
    assert_eq!(refusal(&document), "reading the report: format 2 is unknown, this version reads format 1");
    document["format"] = json!("1");
    assert_eq!(
        refusal(&document),
        "reading the report: format \"1\" is unknown, this version reads format 1"
    );
    assert!(matches!(Report::parse("no JSON"), Err(ReadError::NotAReport(_))));
    assert!(matches!(Report::parse("{}"), Err(ReadError::NotAReport(_))));
}

#[test]
fn a_wrong_field_is_named_by_its_path() {
    for (pointer, wrong, path) in [
        ("/scenarios/1/legs/1/phases/2/at_ms", json!("soon"), "scenarios[1].legs[1].phases[2].at_ms"),
        ("/scenarios/0/duration_ms", json!(-3), "scenarios[0].duration_ms"),
        ("/started_at", json!("yesterday"), "started_at"),
        ("/environment", json!({}), "environment"),
    ] {
        let mut document = sample_json();
        *document.pointer_mut(pointer).unwrap() = wrong;
        let text = refusal(&document);
        assert!(text.starts_with(&format!("reading the report: at `{path}`: ")), "{text}");
    }
}

#[test]
fn a_verdict_cannot_be_edited_without_its_measurements() {
    let mut document = sample_json();
    document["scenarios"][2]["expectations"][0]["pass"] = json!(false);
    let text = refusal(&document);
    assert!(text.contains("at `scenarios[2]`: `verdict` says \"pass\", but \"fail\" follows"), "{text}");

    let mut document = sample_json();
    document["scenarios"][3]["lost_writes"] = json!(0);
    let text = refusal(&document);
    assert!(text.contains("at `scenarios[3]`: `lost_writes` says 0, but 213 follows"), "{text}");

    let mut document = sample_json();
    document["verdict"] = json!("fail");
    assert!(refusal(&document).contains("`verdict` says \"fail\", but \"pass\" follows"));

    let mut document = sample_json();
    document["scenarios"][1]["legs"][0].as_object_mut().unwrap().remove("lost_writes");
    let text = refusal(&document);
    assert!(text.contains("at `scenarios[1].legs[0]`: missing field `lost_writes`"), "{text}");
}

#[test]
fn what_a_newer_version_adds_does_not_disturb() {
    let mut document = sample_json();
    document["weather"] = json!("fine");
    document["scenarios"][1]["objectives"] = json!({ "rto_seconds": 60 });
    for list in ["/scenarios/1/phases", "/scenarios/1/legs/0/phases"] {
        let phases = document.pointer_mut(list).unwrap().as_array_mut().unwrap();
        phases.push(json!({ "name": "cache_flushed", "at_ms": 3_000 }));
    }
    let report = Report::parse(&document.to_string()).unwrap();
    assert_eq!(report.scenarios[1].legs[0].phases.last().unwrap().name.as_str(), "cache_flushed");
}

#[test]
fn files_are_replaced_whole_and_readable_by_others() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    std::fs::write(&path, "old").unwrap();
    let report = sample::report();
    report.write_json(&path).unwrap();
    report.write_html(&folder.path().join("report.html")).unwrap();
    assert_eq!(Report::parse(&std::fs::read_to_string(&path).unwrap()).unwrap(), report);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o600, 0o600);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no temporary file is left");

    let missing = folder.path().join("nowhere").join("report.json");
    let text = said(&report.write_json(&missing).unwrap_err());
    assert!(text.contains("nowhere/report.json: creating a temporary file beside it: "), "{text}");
}
