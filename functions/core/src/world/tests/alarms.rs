//! Whose an alarm is, and how it reads.

use super::*;
use crate::words::failure::NoAnswer;
use crate::world::alarm::{AlarmChange, AlarmReading, AlarmState, AlarmStatus, name_of, short_name};
use crate::world::trigger::{BY_HAND, Trigger, TriggerKind};

const HEALTH: &str = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo: health";
const WRITER: &str = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo-writer";

fn change(arn: Option<&str>, name: &str) -> AlarmChange {
    AlarmChange { arn: arn.map(str::to_owned), name: name.to_owned(), state: AlarmState::Alarm, at: None }
}

#[test]
fn a_change_concerns_the_database_that_names_its_alarm() {
    let database = database_with(|it| {
        it["failover"] = json!({ "health_alarms": [HEALTH], "writer_alarms": [WRITER] });
    });
    for (arn, name, expected) in [
        (Some(HEALTH), "another", true),
        (Some(WRITER), "another", true),
        (Some("arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo"), "todo: health", false),
        (None, "todo: health", true),
        (None, "todo-writer", true),
        (None, "todo", false),
    ] {
        let change = change(arn, name);
        assert_eq!(change.concerns(&database), expected, "{arn:?} {name}");
        let trigger = Trigger { alarms: vec![change], ..Trigger::default() };
        assert_eq!(trigger.names(&database), expected, "{arn:?} {name}");
    }
    assert!(change(Some(HEALTH), "x").is_of(HEALTH) && !change(Some(HEALTH), "x").is_of(WRITER));
}

#[test]
fn names_of_alarms() {
    assert_eq!((name_of(HEALTH), name_of("x")), (Some("todo: health"), None));
    assert_eq!(short_name(HEALTH), "todo: health in us-east-1");
    for odd in ["x", "arn:aws:cloudwatch:nowhere:123456789012:alarm:x"] {
        assert_eq!(short_name(odd), odd);
    }
}

#[test]
fn a_reading_in_words() {
    let quieted = |state, since, why: Option<&str>| {
        AlarmReading::Known(AlarmStatus {
            quieted: why.map(str::to_owned),
            ..AlarmStatus::plain(state, since)
        })
    };
    let other = AlarmState::Other("NEW".to_owned());
    for (reading, words, is_alarm, is_over) in [
        (quieted(AlarmState::Alarm, Some(NOW), None), "ALARM since 2026-11-22T22:30:00Z", true, false),
        (quieted(AlarmState::Alarm, None, Some("it is muted")), "ALARM, but it is muted", true, false),
        (quieted(AlarmState::Ok, None, None), "OK", false, true),
        (quieted(AlarmState::InsufficientData, None, None), "INSUFFICIENT_DATA", false, true),
        (quieted(other.clone(), None, None), "NEW", false, true),
        (AlarmReading::Unknown(NoAnswer::silent("no answer")), "unknown (no answer)", false, false),
    ] {
        let said = reading.to_string();
        assert!(
            said == words || said.starts_with("ALARM since ") && words.starts_with("ALARM since "),
            "{said}"
        );
        assert_eq!((reading.is_alarm(), reading.is_over()), (is_alarm, is_over), "{words}");
    }
    for word in ["ALARM", "OK", "INSUFFICIENT_DATA", "NEW"] {
        assert_eq!(AlarmState::of(word).to_string(), word);
    }
}

#[test]
fn a_trigger_names_what_it_is_about() {
    let names = |subject: &str| {
        let trigger = Trigger { subjects: vec!["x".to_owned(), subject.to_owned()], ..Trigger::default() };
        (trigger.names(&database()), trigger.names_instance(&["a".to_owned(), "todo-1".to_owned()]))
    };
    assert_eq!(names(&arn(OSAKA)), (true, false));
    assert_eq!(names("todo-ap-northeast-2"), (true, false));
    assert_eq!(names("todo-1"), (false, true));
    assert_eq!(names("arn:aws:rds:ap-northeast-2:123456789012:db:todo-1"), (false, true));
    assert_eq!(names("arn:aws:rds:ap-northeast-2:123456789012:db:todo-2"), (false, false));
    assert!(!BY_HAND.names(&database()));
    let kinds = [TriggerKind::RdsEvent, TriggerKind::Alarm, TriggerKind::Schedule, TriggerKind::Manual];
    assert_eq!(kinds.map(TriggerKind::as_str), ["rds-event", "alarm", "schedule", "manual"]);
}
