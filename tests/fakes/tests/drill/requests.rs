//! Every mistake is one sentence, and changes nothing.

use responder_fakes::{OSAKA, SEOUL};
use serde_json::{Value, json};

use crate::{failover, refusal, switchover, world};

/// Expects this request to be refused with exactly this sentence, and nothing to be written.
fn refused(event: &Value, sentence: &str) {
    let world = world();
    assert_eq!(refusal(&world, event), format!("{sentence}. Nothing was changed"), "{event}");
    assert_eq!(world.take_writes().calls(), 0, "{event}");
}

fn with(event: &Value, field: &str, value: Value) -> Value {
    let mut event = event.clone();
    event[field] = value;
    event
}

fn without(event: &Value, field: &str) -> Value {
    let mut event = event.clone();
    event.as_object_mut().unwrap().remove(field);
    event
}

const ALL: &str =
    "it is one of status, plan, switchover, failover, failback, hold, release, declare, salvage";

#[test]
fn what_is_no_request() {
    for event in [json!(null), json!([]), json!("status"), json!(1)] {
        refused(&event, "the request has to be a JSON object such as {\"action\": \"status\"}");
    }
    refused(&json!({}), &format!("the request has no action: {ALL}"));
    refused(&json!({"action": 1}), "the field action has to be a text");
    refused(&json!({"action": "swichover"}), &format!("\"swichover\" is no action: {ALL}"));
}

#[test]
fn a_field_that_is_missing_or_too_many_is_named() {
    refused(&without(&switchover(), "database"), "switchover needs the field database");
    refused(&without(&switchover(), "target_region"), "switchover needs the field target_region");
    refused(&without(&failover(), "confirm"), "failover needs the field confirm");
    refused(&without(&failover(), "allow_data_loss"), "failover needs the field allow_data_loss");
    refused(&json!({"action": "hold", "database": "todo"}), "hold needs the field reason");
    refused(&json!({"action": "plan", "database": "todo"}), "plan needs the field target_region");
    refused(
        &with(&switchover(), "force", true.into()),
        "switchover takes no field \"force\"; it takes database, target_region, dry_run, action, who, why, expires_at",
    );
    refused(
        &with(&switchover(), "allow_data_loss", true.into()),
        "switchover takes no field \"allow_data_loss\"; it takes database, target_region, dry_run, action, who, why, expires_at",
    );
    refused(
        &json!({"action": "failback", "database": "todo", "target_region": OSAKA}),
        "failback takes no field \"target_region\"; it takes database, dry_run, action, who, why, expires_at",
    );
    refused(
        &json!({"action": "salvage", "database": "todo", "delete": true}),
        "salvage takes no field \"delete\"; it takes database, since, dry_run, action, who, why, expires_at",
    );
    refused(
        &json!({"action": "status", "dry_run": true}),
        "status takes no field \"dry_run\"; it takes database, action, who, why, expires_at",
    );
}

#[test]
fn a_field_of_another_type_is_named() {
    refused(&with(&switchover(), "database", 1.into()), "the field database has to be a text");
    refused(&with(&switchover(), "target_region", json!([])), "the field target_region has to be a text");
    refused(&with(&switchover(), "dry_run", "yes".into()), "the field dry_run has to be true or false");
    refused(
        &with(&failover(), "allow_data_loss", 1.into()),
        "the field allow_data_loss has to be true or false",
    );
    refused(&json!({"action": "status", "database": null}), "the field database has to be a text");
    refused(&with(&switchover(), "why", 1.into()), "the field why has to be a text");
}

#[test]
fn what_can_lose_data_has_to_be_confirmed_by_name() {
    refused(
        &with(&failover(), "confirm", "yes".into()),
        "failover has to be confirmed by the database's name: \"confirm\": \"todo\", not \"yes\"",
    );
    refused(
        &with(&failover(), "allow_data_loss", false.into()),
        "failover loses writes that were not replicated: it needs \"allow_data_loss\": true",
    );
    refused(
        &json!({"action": "declare", "database": "todo", "target_region": OSAKA, "confirm": "Todo"}),
        "declare has to be confirmed by the database's name: \"confirm\": \"todo\", not \"Todo\"",
    );
}

#[test]
fn what_comes_too_late_moves_nothing() {
    let late = with(&switchover(), "expires_at", json!("2020-01-01T00:00:00Z"));
    let world = world();
    let said = refusal(&world, &late);
    assert!(said.starts_with("the request expired at 2020-01-01T00:00:00Z, and it is "), "{said}");
    assert!(said.ends_with(". Nothing was changed"), "{said}");
    assert_eq!(world.take_writes().calls(), 0);
    refused(
        &with(&switchover(), "expires_at", json!("at noon")),
        "the field expires_at has to be a time such as 2026-11-22T22:31:04Z",
    );
    refused(
        &json!({"action": "salvage", "database": "todo", "since": "yesterday"}),
        "the field since has to be a time such as 2026-11-22T22:31:04Z",
    );
}

#[test]
fn a_hold_has_a_reason() {
    for reason in ["", "  ", &"x".repeat(501)] {
        let event = json!({"action": "hold", "database": "todo", "reason": reason});
        refused(&event, "the reason of a hold has to be 1 to 500 characters");
    }
}

#[test]
fn what_there_is_not_is_said_with_what_there_is() {
    let sentence = "there is no database \"tudu\" in this installation; it has todo";
    refused(&with(&switchover(), "database", "tudu".into()), sentence);
    refused(&json!({"action": "status", "database": "tudu"}), sentence);
    let sentence = format!("\"osaka\" is no Region of todo; it has {SEOUL}, {OSAKA}");
    refused(&with(&switchover(), "target_region", "osaka".into()), &sentence);
    refused(&json!({"action": "plan", "database": "todo", "target_region": "osaka"}), &sentence);
}

#[test]
fn the_target_is_not_the_writer_already() {
    let sentence = format!("{SEOUL} is already the writer of todo");
    refused(&with(&switchover(), "target_region", SEOUL.into()), &sentence);
    refused(&with(&failover(), "target_region", SEOUL.into()), &sentence);
    refused(&json!({"action": "failback", "database": "todo"}), &sentence);
    refused(&json!({"action": "plan", "database": "todo", "target_region": SEOUL}), &sentence);
}

#[test]
fn only_what_was_promoted_can_be_declared() {
    let declare =
        |region| json!({"action": "declare", "database": "todo", "target_region": region, "confirm": "todo"});
    refused(&declare(SEOUL), &format!("{SEOUL} is already the published writer of todo"));
    refused(
        &declare(OSAKA),
        &format!(
            "the cluster of {OSAKA} names {SEOUL}: only one that was detached and promoted, or claims the writer, can be declared"
        ),
    );
}
