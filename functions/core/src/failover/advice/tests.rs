//! How a failover ended, in words.

use serde_json::json;

use super::*;
use crate::answer::result::Writer;
use crate::words::timestamp::Timestamp;

fn database() -> Database {
    let json = json!({
        "global_cluster": "todo",
        "members": {
            "ap-northeast-2": "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo",
            "ap-northeast-3": "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo",
        },
        "record": { "zone_id": "Z1", "name": "writer.db.todo.internal", "ttl_seconds": 5 },
        "parameter": "/todo/database/writer",
    });
    let own = "ap-northeast-3".parse().unwrap();
    Database::parse("/p", &"todo".parse().unwrap(), &json.to_string(), &own).unwrap()
}

#[test]
fn every_end_in_words() {
    let at = Timestamp::from_ms(1_795_386_600_000);
    let mut text = String::new();
    for action in [ActionKind::Started, ActionKind::Unknown, ActionKind::Failed] {
        for (published, standby) in
            [(false, None), (false, Some(true)), (true, Some(false)), (true, Some(true))]
        {
            let mut phases = Phases::default();
            phases.note("decided", at);
            phases.note("accepted", at.plus_ms(1_234));
            let mut result = DatabaseResult::refused("todo", String::new());
            "the last word".clone_into(&mut result.reason);
            result.standby = standby;
            if published {
                phases.note("published", at.plus_ms(61_005));
                let writer =
                    Writer { region: "ap-northeast-3".parse().unwrap(), endpoint: "e.example".to_owned() };
                result.writer = Some(writer);
            } else {
                result.failures = vec!["Route 53 was slow".to_owned()];
            }
            let seoul = "ap-northeast-2".parse().unwrap();
            let from = published.then_some(&seoul);
            let failover = FailoverResult {
                mode: crate::config::FailoverMode::Automatic,
                action,
                reason: "why it was asked for".to_owned(),
                target: published.then(|| "ap-northeast-3".parse().unwrap()),
                blocked_by: Vec::new(),
                messages: 0,
                phases: Vec::new(),
            };
            let page = published.then_some("https://reports.example.com/todo.html");
            for notice in [
                started(&database(), from, &failover, &result.checks, page),
                ended(&database(), from, &result, &failover, &phases, page),
            ] {
                let on_a_lock_screen = notice.subject().get(..60).unwrap_or(notice.subject());
                assert!(
                    !published || on_a_lock_screen.contains("to ap-northeast-3 from ap-northeast-2"),
                    "{on_a_lock_screen}"
                );
                let _ = writeln!(
                    text,
                    "=== {action:?}, published {published}, standby {standby:?}\n{}\n{}",
                    notice.subject(),
                    notice.message()
                );
            }
        }
    }
    insta::assert_snapshot!("every_end", text);
}
