//! The log lines, word for word, with their metrics.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::*;
use crate::answer::result::Writer;
use crate::words::names::Epoch;
use crate::world::trigger::TriggerKind;

type Change = fn(&mut DatabaseResult);

fn channels(record: Channel, others: &[Channel]) -> Channels {
    let regions = ["ap-northeast-2", "ap-northeast-3"].map(|it| it.parse().unwrap());
    let parameter: BTreeMap<_, _> = regions.into_iter().zip(others.iter().copied()).collect();
    Channels { record, parameter }
}

#[test]
fn every_line_word_for_word() {
    let changes: [(&str, Change); 13] = [
        ("refused", |_| ()),
        ("unchanged", |it| it.decision = DecisionKind::Unchanged),
        ("published", |it| {
            it.decision = DecisionKind::Publish;
            it.epoch = Some(Epoch(8));
            it.writer =
                Some(Writer { region: "ap-northeast-3".parse().unwrap(), endpoint: "e.example".to_owned() });
            it.elapsed_ms = 1_234;
        }),
        ("held", |it| (it.decision, it.hold) = (DecisionKind::Hold, Some(HoldKind::Held))),
        ("held by nobody knows what", |it| it.decision = DecisionKind::Hold),
        ("a conflict", |it| (it.decision, it.hold) = (DecisionKind::Hold, Some(HoldKind::WriterConflict))),
        ("not fenced", |it| (it.decision, it.is_unfenced) = (DecisionKind::Unchanged, true)),
        ("drift", |it| (it.decision, it.drift) = (DecisionKind::Unchanged, true)),
        ("not published", |it| {
            it.decision = DecisionKind::Publish;
            it.unpublished = vec!["the record".to_owned()];
        }),
        ("not told", |it| {
            (it.decision, it.undone) = (DecisionKind::Unchanged, vec!["tell people".to_owned()]);
        }),
        ("a standby", |it| (it.decision, it.standby) = (DecisionKind::Unchanged, Some(true))),
        ("no standby", |it| (it.decision, it.standby) = (DecisionKind::Unchanged, Some(false))),
        ("channels that failed", |it| {
            it.decision = DecisionKind::Unchanged;
            it.channels = Some(channels(Channel::Failed, &[Channel::Unreachable, Channel::Updated]));
        }),
    ];
    let trigger = Trigger {
        kind: TriggerKind::RdsEvent,
        event_id: Some("RDS-EVENT-0181".to_owned()),
        ..Trigger::default()
    };
    let now = Timestamp::from_ms(1_795_386_600_123);
    let mut text = String::new();
    for (name, change) in changes {
        let mut result = DatabaseResult::refused("todo", "no JSON".to_owned());
        change(&mut result);
        if result.decision != DecisionKind::Error {
            result.error = None;
        }
        let line = line(&result, &trigger, "request-1", now);
        let _ = writeln!(text, "=== {name}\n{line}");
    }
    for verdict in [
        ReadinessKind::Ready,
        ReadinessKind::NotReady,
        ReadinessKind::Unknown,
        ReadinessKind::Writer,
        ReadinessKind::NotFirst,
        ReadinessKind::NotNow,
    ] {
        let since = Some(Timestamp::from_ms(1_795_386_000_000));
        let found =
            ReadinessResult { verdict, since, reason: "why".to_owned(), checks: Vec::new(), messages: 0 };
        let _ = writeln!(
            text,
            "=== readiness {verdict:?}\n{}",
            readiness("todo", &found, &trigger, "request-1", now)
        );
    }
    let _ = writeln!(text, "=== alarms\n{}", alarms_read(3, &trigger, "request-1", now));
    insta::assert_snapshot!("every_line", text);
}
