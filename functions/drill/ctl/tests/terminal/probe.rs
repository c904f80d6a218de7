//! `probe`, and what `doctor` says of probes.

use serde_json::{Value, json};

use crate::answers::{OSAKA, SEOUL};
use crate::aws::{Asked, Reply};
use crate::doctor::{self, State};
use crate::{Terminal, held};

const WITNESS: &str = "ap-northeast-1";

/// A look of the probe in that Region.
fn look(region: &str, record: &Value, osaka: &Value) -> Value {
    let heartbeat = json!({ "region": SEOUL, "sequence": 41, "age_ms": 3_100 });
    json!({ "region": region, "databases": { "todo": { "record": record, "members": {
        SEOUL: { "endpoint": "s", "writable": true, "in_recovery": false, "heartbeat": heartbeat, "lag": null,
            "took_ms": 6, "said": "a heartbeat committed" },
        OSAKA: osaka
    }}, "shop": { "record": record, "members": {} } } })
}

fn good_record() -> Value {
    json!({ "name": "writer.todo.internal", "leads_to": "s", "region": SEOUL, "writable": true, "write_ms": 3,
        "took_ms": 6, "said": "a heartbeat committed" })
}

fn bad_record(writable: Option<bool>, said: &str) -> Value {
    json!({ "name": "writer.todo.internal", "leads_to": null, "region": null, "writable": writable, "write_ms": null,
        "took_ms": 2500, "said": said })
}

fn replica(age_ms: u64, lag: &Value) -> Value {
    json!({ "endpoint": "o", "writable": false, "in_recovery": true,
        "heartbeat": { "region": SEOUL, "sequence": 41, "age_ms": age_ms }, "lag": lag,
        "took_ms": 7, "said": "the server is in recovery: it takes no writes" })
}

fn gone() -> Value {
    json!({ "endpoint": "o", "writable": false, "in_recovery": null, "heartbeat": null, "lag": null, "took_ms": 2500,
        "said": "it accepted the connection and said nothing in time" })
}

/// Probes that answer so in Seoul and in Osaka; everything else as where all is fit, the configuration with probes.
fn answer(asked: &Asked, seoul: &Reply, osaka: &Reply, alarms: &Reply) -> Reply {
    match asked.operation.as_str() {
        "invocations of failover-responder-probe" if asked.region == OSAKA => osaka.clone(),
        "invocations of failover-responder-probe" => seoul.clone(),
        "DescribeAlarmsForMetric" => alarms.clone(),
        "GetParametersByPath" => {
            let mut value = doctor::configuration(State::Fit, &asked.region);
            value["probe"] = json!({ SEOUL: "failover-responder-probe", OSAKA: "failover-responder-probe" });
            value["failover"]["writer_alarms"] = json!([alarm(SEOUL)]);
            let name = "/failover-responder/databases/todo";
            Reply::json(&json!({ "Parameters": [{ "Name": name, "Value": value.to_string() }] }))
        }
        _ => doctor::answer(State::Fit, asked),
    }
}

fn alarm(region: &str) -> String {
    format!("arn:aws:cloudwatch:{region}:123456789012:alarm:todo-writer")
}

fn alarmed(region: &str) -> Reply {
    Reply::cbor(&json!({ "MetricAlarms": [{ "AlarmName": "todo-writer", "AlarmArn": alarm(region) }] }))
}

/// Where everything is as it should be.
fn well(region: &str) -> Reply {
    let lag = json!({ "ms": 80, "source": "aurora_global_db_status" });
    Reply::json(&look(region, &good_record(), &replica(3_180, &lag)))
}

/// Probes are asked all at once: requests in an order that does not depend on the machine.
fn ordered(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    for run in lines.chunk_by_mut(|one, other| one.starts_with("> ") && other.starts_with("> ")) {
        run.sort_unstable();
    }
    lines.join("\n")
}

#[test]
fn every_probe_is_asked_and_one_that_does_not_answer_is_a_row() {
    let terminal = Terminal::new(|asked| answer(asked, &well(&asked.region), &well(OSAKA), &alarmed(SEOUL)));
    let good = terminal.all(&[
        ("probe", None),
        ("probe todo", None),
        ("probe todo --json", None),
        (&format!("probe todo --peer-region {OSAKA},{WITNESS}"), None),
    ]);
    let timed_out = Reply::failed("Sandbox.Timedout", "Task timed out after 90.00 seconds");
    let half = Terminal::new(move |asked| answer(asked, &well(SEOUL), &timed_out, &alarmed(SEOUL)));
    let half = half.all(&[("probe todo", None), ("probe todo --json", None)]);
    let down = bad_record(Some(false), "the connection was refused: nobody listens there");
    let down = look(SEOUL, &down, &replica(9_000, &json!({ "ms": 4_000, "source": "heartbeat" })));
    let blind = bad_record(None, "the role lacks a right: run the SQL of `failoverctl probe install`");
    let blind = look(OSAKA, &blind, &gone());
    let bad =
        Terminal::new(move |asked| answer(asked, &Reply::json(&down), &Reply::json(&blind), &alarmed(SEOUL)));
    let bad = bad.all(&[("probe todo", None)]);
    let nobody = Terminal::new(|_| Reply::refused("ResourceNotFoundException"));
    let nobody = nobody.all(&[("probe", None)]);
    held("probes", &ordered(&[good, half, bad, nobody].concat()));
}

#[test]
fn the_sql_is_printed_for_a_role_and_for_nothing_else() {
    let terminal = Terminal::new(|_| Reply::refused("ResourceNotFoundException"));
    let told = terminal.all(&[
        ("probe install", None),
        ("probe install --user Robert", None),
        ("probe install --help", None),
        ("probe --help", None),
    ]);
    held("probe_install", &told);
    assert!(terminal.all(&[("probe install --user watcher", None)]).contains("CREATE ROLE watcher;"));
    assert!(terminal.aws.asked().is_empty(), "nothing is asked of anybody");
}

/// Only what doctor says of probes, and of who may ask them.
fn found(terminal: &Terminal) -> String {
    let output = terminal.command().args(["doctor", "--json"]).output().unwrap();
    let found: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
    let is_of_probes =
        |it: &&Value| text(it, "place").contains(" probe ") || text(it, "what").contains("InvokeFunction");
    let of_probes = found.iter().filter(is_of_probes);
    let line = |it: &Value| {
        format!(
            "{} | {} | {} | {}\n",
            text(it, "level"),
            text(it, "place"),
            text(it, "what"),
            text(it, "mend")
        )
    };
    of_probes.map(line).collect::<Vec<_>>().concat() + "\n"
}

#[test]
fn doctor_knows_the_probe() {
    let fit = Terminal::new(|asked| answer(asked, &well(SEOUL), &well(OSAKA), &alarmed(SEOUL)));
    let down = bad_record(Some(false), "the server is starting up");
    let down = look(SEOUL, &down, &replica(180_000, &json!({ "ms": 175_000, "source": "heartbeat" })));
    let blind = bad_record(None, "its certificate is of an authority that is not trusted");
    let blind = look(OSAKA, &blind, &gone());
    let none = Reply::cbor(&json!({ "MetricAlarms": [] }));
    let unfit = Terminal::new(move |asked| answer(asked, &Reply::json(&down), &Reply::json(&blind), &none));
    let missing = Reply::refused("ResourceNotFoundException");
    let other = Reply::json(&json!({ "region": OSAKA, "databases": {} }));
    let gone = Terminal::new(move |asked| {
        // No role may ask them.
        if asked.body.contains("InvokeFunction") {
            return doctor::simulated(false, asked);
        }
        answer(asked, &missing, &other, &alarmed(OSAKA))
    });
    let denied = Reply::cbor(&json!({ "__type": "AccessDeniedException", "message": "No." }));
    let denied = Reply { status: 400, ..denied };
    let denied = Terminal::new(move |asked| answer(asked, &well(SEOUL), &well(OSAKA), &denied));
    held("doctor_probes", &[found(&fit), found(&unfit), found(&gone), found(&denied)].concat());
}
