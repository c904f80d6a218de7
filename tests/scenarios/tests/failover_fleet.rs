//! Many databases that lose their Region, and one `failover` at a time.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod installed;

use responder_lambda::events::alarm;
use std::rc::Rc;

use responder_core::answer::failover::ActionKind;
use responder_core::answer::result::DecisionKind;
use responder_core::failover::work::Failover;
use responder_core::invocation::fleet::Fleet;
use responder_core::invocation::work::Work;
use responder_core::ports::Clock;
use responder_core::world::alarm::AlarmState;
use responder_core::world::trigger::Trigger;
use responder_fakes::{OSAKA, region};
use serde_json::json;

use installed::{Installed, configuration};

fn alarm_arn(name: &str) -> String {
    format!("arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:{name}-writer-unreachable")
}

/// A database that fails over by itself, and one that nobody wants to.
fn installed() -> Installed {
    let mut installed = Installed::new(&[]);
    for name in ["books", "films", "todo"] {
        let mut json: serde_json::Value = serde_json::from_str(&configuration(name, 60)).unwrap();
        if name != "films" {
            let alarms = [alarm_arn(name)];
            json["failover"] =
                json!({ "mode": "automatic", "health_alarms": alarms, "writer_alarms": alarms });
        }
        installed.add_configured(name, json.to_string());
        let place = installed.place(name);
        place.traffic.is_seoul_dead.set(true);
        place.world.set_alarms(&AlarmState::Ok);
    }
    installed
}

fn alarm(name: &str) -> Trigger {
    let event = json!({
        "source": "aws.cloudwatch", "alarmArn": alarm_arn(name),
        "alarmData": { "alarmName": name, "state": { "value": "ALARM" } },
    });
    alarm::trigger(&event).unwrap()
}

/// Its failover takes so long that nobody sees its end, and only one invocation runs at a time.
#[test]
fn an_alarm_that_waits_for_a_watched_failover_is_seen_all_the_same() {
    let installed = Rc::new(installed());
    installed.place("todo").world.set_alarms(&AlarmState::Alarm);
    let books = installed.place("books").world.clone();
    let later = installed.place("todo").world.clone();
    later.interrupt(responder_fakes::Operation::StartFailover, move |_| books.set_alarms(&AlarmState::Alarm));
    let began = installed.now();
    let mut fleet = Fleet::new(region(OSAKA));
    let outcome = installed.work(&Failover::default(), &mut fleet, &alarm("todo")).unwrap();
    for name in ["books", "todo"] {
        assert_eq!(installed.place(name).world.take_failovers(), [region(OSAKA)], "{name}");
        let result = outcome.answer.results.iter().find(|it| it.database == name).unwrap();
        assert_eq!(result.failover.as_ref().unwrap().action, ActionKind::Started);
    }
    let attempt = installed.place("books").world.journal(OSAKA).unwrap().attempt.unwrap();
    assert!(attempt.at.since_ms(began) < 15_000, "{attempt:?}");
    assert!(installed.place("films").world.take_failovers().is_empty());
}

/// Where nothing is started, nobody waits for anything.
#[test]
fn an_alarm_that_starts_nothing_ends_at_once() {
    let installed = installed();
    let began = installed.now();
    let mut fleet = Fleet::new(region(OSAKA));
    let outcome = installed.work(&Failover::default(), &mut fleet, &alarm("todo")).unwrap();
    assert!(outcome.answer.results.iter().all(|result| result.decision == DecisionKind::Hold));
    assert!(installed.now().since_ms(began) < 8_000, "{} ms", installed.now().since_ms(began));
}

/// One whose failover ended looks no more, though another's is still watched: its answer is that of the failover.
#[test]
fn a_failover_that_ended_keeps_its_answer_while_another_is_watched() {
    let installed = Rc::new(installed());
    for name in ["books", "todo"] {
        installed.place(name).world.set_alarms(&AlarmState::Alarm);
    }
    installed.place("todo").world.transitions_take_ms(2_000);
    let mut fleet = Fleet::new(region(OSAKA));
    let failover = Failover::default();
    let outcome = installed.work(&failover, &mut fleet, &alarm("todo")).unwrap();
    let answers = outcome.answer.results.iter().filter(|it| it.failover.is_some());
    let mut answers: Vec<_> =
        answers.map(|it| (it.database.as_str(), it.decision, it.failover.as_ref().unwrap().action)).collect();
    answers.sort_by_key(|answer| answer.0);
    let expected = [
        ("books", DecisionKind::Hold, ActionKind::Started),
        ("todo", DecisionKind::Publish, ActionKind::Started),
    ];
    assert_eq!(answers, expected);
    let read = Work::<Installed>::alarms_read(&failover);
    assert_eq!((read, Work::<Installed>::alarms_read(&failover)), (Some(2), Some(0)), "one of each, once");
}
