//! What a request asks for, and where its texts end.

use serde_json::json;

use super::*;

fn read(event: &Value) -> Result<Request, RequestError> {
    Request::of_event(event)
}

#[test]
fn every_action_is_read() {
    let (database, target) = ("todo".to_owned(), "ap-northeast-3".to_owned());
    let to =
        |action: &str| json!({ "action": action, "database": "todo", "target_region": "ap-northeast-3" });
    let with = |mut event: Value, more: &Value| {
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let transition = |kind, target: Option<&String>, dry_run| Request::Transition {
        kind,
        database: database.clone(),
        target: target.cloned(),
        dry_run,
    };
    let sure = json!({ "confirm": "todo", "allow_data_loss": true });
    let dry = json!({ "dry_run": true });
    for (event, expected) in [
        (json!({ "action": "status" }), Request::Status { database: None }),
        (
            json!({ "action": "status", "database": "todo" }),
            Request::Status { database: Some(database.clone()) },
        ),
        (to("plan"), Request::Plan { database: database.clone(), target: target.clone() }),
        (to("switchover"), transition(Kind::Switchover, Some(&target), false)),
        (with(to("switchover"), &dry), transition(Kind::Switchover, Some(&target), true)),
        (with(to("failover"), &sure), transition(Kind::Failover, Some(&target), false)),
        (with(with(to("failover"), &sure), &dry), transition(Kind::Failover, Some(&target), true)),
        (json!({ "action": "failback", "database": "todo" }), transition(Kind::Failback, None, false)),
        (
            json!({ "action": "hold", "database": "todo", "reason": " x\n", "who": "alice", "why": "the drill" }),
            Request::Hold { database: database.clone(), reason: "x".to_owned() },
        ),
        (json!({ "action": "release", "database": "todo" }), Request::Release { database: database.clone() }),
        (
            with(to("declare"), &json!({ "confirm": "todo" })),
            Request::Declare { database: database.clone(), target: target.clone() },
        ),
        (
            json!({ "action": "salvage", "database": "todo" }),
            Request::Salvage { database: database.clone(), since: None, dry_run: false },
        ),
        (
            json!({ "action": "salvage", "database": "todo", "since": "2026-11-22T22:31:04Z", "dry_run": true }),
            Request::Salvage {
                database: database.clone(),
                since: Some("2026-11-22T22:31:04Z".parse().unwrap()),
                dry_run: true,
            },
        ),
    ] {
        assert_eq!(read(&event).unwrap(), expected, "{event}");
    }
}

#[test]
fn a_reason_has_its_length_and_what_is_repeated_is_short() {
    let hold =
        |length: usize| read(&json!({ "action": "hold", "database": "todo", "reason": "é".repeat(length) }));
    assert!(hold(1).is_ok() && hold(500).is_ok());
    assert_eq!((hold(0), hold(501)), (Err(RequestError::Reason), Err(RequestError::Reason)));
    let unknown = read(&json!({ "action": format!("\n{}", "x".repeat(61)) })).unwrap_err();
    assert_eq!(unknown, RequestError::UnknownAction("x".repeat(60)));
}

#[test]
fn a_request_that_is_late_is_refused_and_one_in_time_is_not() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let now = at("2026-11-27T10:00:00Z");
    let until = |text: &str| json!({ "action": "switchover", "database": "todo", "target_region": "ap-northeast-3", "expires_at": text });
    for in_time in ["2026-11-27T10:00:00Z", "2026-11-27T10:00:01Z", "2026-11-27T19:00:00+09:00"] {
        assert!(Request::in_time(&until(in_time), now).is_ok(), "{in_time}");
    }
    assert!(Request::in_time(&json!({ "action": "status" }), now).is_ok(), "without one it never expires");
    for late in ["2026-11-27T09:59:59Z", "2026-11-27T10:00:00+09:00"] {
        let error = Request::in_time(&until(late), now).unwrap_err();
        assert_eq!(error, RequestError::Expired { expired: at(late), now });
    }
    let said = Request::in_time(&until("2026-11-27T09:00:00Z"), now).unwrap_err().to_string();
    assert!(
        said.starts_with("the request expired at 2026-11-27T09:00:00Z, and it is 2026-11-27T10:00:00Z:"),
        "{said}"
    );
    for none in [json!("soon"), json!(1_795_386_664), json!(null), json!("")] {
        let event = json!({ "action": "status", "expires_at": none });
        let error = read(&event).unwrap_err();
        assert!(matches!(error, RequestError::Type { field: "expires_at", .. }), "{error}");
    }
}
