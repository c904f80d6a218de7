//! What wakes a function, and what a person asks for.

use std::fs;
use std::path::Path;

use responder_core::operator::request::Request;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::trigger::Trigger;
use responder_fuzz::{Target, failure, sentence};
use responder_lambda::events::{alarm, rds, wake};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_ms(1_795_386_664_000);

/// An event names no more than this of a foreign document.
const REFUSAL_MAX: usize = 2_500;

pub(crate) fn targets() -> Vec<Target> {
    vec![
        Target { name: "event", weight: 100, seeds: events(), check: Box::new(event) },
        Target { name: "request", weight: 100, seeds: requests(), check: Box::new(request) },
    ]
}

/// The requests of `events/`.
pub(crate) fn requests() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let requests: Vec<Vec<u8>> =
        files.filter(|path| path.is_file()).map(|path| fs::read(path).unwrap()).collect();
    assert!(requests.len() >= 10, "events/ was read");
    requests
}

/// Alarms in each shape, RDS's events, the schedule.
pub(crate) fn events() -> Vec<Vec<u8>> {
    let arn = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo: down";
    let state = json!({
        "value": "ALARM", "timestamp": "2026-11-22T22:31:04.490+0000", "reason": "Threshold Crossed",
        "reasonData": "{\"version\":\"1.0\",\"period\":60,\"recentDatapoints\":[0.0]}",
    });
    let direct = json!({
        "source": "aws.cloudwatch", "alarmArn": arn, "accountId": "123456789012", "time": "2026-11-22T22:31:04.490+0000",
        "region": "ap-northeast-3",
        "alarmData": { "alarmName": "todo: down", "state": state, "previousState": state, "configuration": { "metrics": [] } },
    });
    let bridge = json!({
        "version": "0", "id": "4a1e", "detail-type": "CloudWatch Alarm State Change", "source": "aws.cloudwatch",
        "account": "123456789012", "time": "2026-11-22T22:31:04Z", "region": "ap-northeast-3", "resources": [arn],
        "detail": { "alarmName": "todo: down", "state": state, "alarmContributor": { "attributes": { "x": "y" }, "id": "1" } },
    });
    let message = json!({
        "AlarmName": "todo: down", "AlarmArn": arn, "NewStateValue": "ALARM", "OldStateValue": "OK", "Region": "Osaka",
        "StateChangeTime": "2026-11-22T22:31:04.490+0000", "AlarmContributorId": null,
    });
    let sns = |inner: &[&Value]| {
        let record =
            |inner: &&Value| json!({ "EventSource": "aws:sns", "Sns": { "Message": inner.to_string() } });
        json!({ "Records": inner.iter().map(record).collect::<Vec<_>>() })
    };
    let database = |id: &str| {
        json!({
            "version": "0", "id": "4a1e", "detail-type": "RDS DB Cluster Event", "source": "aws.rds", "account": "123456789012",
            "time": "2026-11-22T22:31:04Z", "region": "ap-northeast-3",
            "resources": ["arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"],
            "detail": {
                "EventCategories": ["global-failover"], "SourceType": "CLUSTER", "Date": "2026-11-22T22:31:04.123Z", "EventID": id,
                "SourceArn": "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka", "SourceIdentifier": "rds:todo-osaka",
                "Message": "Global switchover to DB cluster todo-osaka started",
            },
        })
    };
    let schedule = json!({
        "source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}", "time": "2026-11-22T22:31:04Z",
        "resources": ["arn:aws:scheduler:ap-northeast-3:123456789012:schedule/default/follow"],
    });
    let twice = sns(&[&sns(&[&direct]), &message]);
    let all = [
        sns(&[&message]),
        sns(&[&bridge, &database("RDS-EVENT-0391")]),
        direct,
        bridge,
        message,
        twice,
        schedule,
        database("RDS-EVENT-0181"),
        database("RDS-EVENT-0390"),
        json!({}),
    ];
    all.iter().map(|event| event.to_string().into_bytes()).collect()
}

fn event(text: &[u8]) -> Result<(), String> {
    let event = match serde_json::from_slice::<Value>(text) {
        Ok(event) => event,
        Err(error) => return failure(&error, "", text),
    };
    is_sound(&rds::trigger(&event, NOW), text)?;
    for read in [alarm::trigger(&event), wake::alarm_or_schedule(&event, NOW)] {
        match read {
            Ok(trigger) => is_sound(&trigger, text)?,
            Err(no_alarm) => {
                failure(&no_alarm, "this is no CloudWatch alarm: ", text)?;
                bounded(&no_alarm.to_string())?;
            }
        }
    }
    Ok(())
}

/// What is handed on of an event can be written, and read again, by whoever remembers it.
fn is_sound(trigger: &Trigger, text: &[u8]) -> Result<(), String> {
    for unread in &trigger.unread {
        sentence(unread, text)?;
        bounded(unread)?;
    }
    let block = trigger.write_block.as_ref().map(|it| it.at);
    for at in trigger.began_at.into_iter().chain(block).chain(trigger.alarms.iter().filter_map(|it| it.at)) {
        let read: Timestamp = at.to_string().parse().map_err(|error| format!("{at}: {error}"))?;
        if read.to_string() != at.to_string() {
            return Err(format!("{at} is read as {read}"));
        }
    }
    Ok(())
}

fn bounded(refusal: &str) -> Result<(), String> {
    if refusal.len() <= REFUSAL_MAX { Ok(()) } else { Err(format!("a refusal of {} bytes", refusal.len())) }
}

fn request(text: &[u8]) -> Result<(), String> {
    let Ok(event) = serde_json::from_slice::<Value>(text) else { return Ok(()) };
    match Request::of_event(&event) {
        Ok(_) => Ok(()),
        Err(error) => {
            failure(&error, "", text)?;
            bounded(&error.to_string())
        }
    }
}
