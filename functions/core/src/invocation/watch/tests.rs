//! When a watch goes on, how long it pauses, and what its looks come to together.

use serde_json::json;

use super::*;
use crate::answer::result::{Channels, HoldKind};
use crate::config::Database;
use crate::words::failure::{FailureKind, NoAnswer};
use crate::words::names::Epoch;
use crate::world::evidence::Seen;

const SEOUL: &str = "ap-northeast-2";
const OSAKA: &str = "ap-northeast-3";
const NOW: Timestamp = Timestamp::from_ms(1_795_386_600_999);

fn arn(region: &str) -> String {
    format!("arn:aws:rds:{region}:123456789012:cluster:todo-{region}")
}

fn database() -> Database {
    let json = json!({
        "global_cluster": "todo",
        "members": { SEOUL: arn(SEOUL), OSAKA: arn(OSAKA) },
        "record": { "zone_id": "Z1", "name": "writer.db.todo.internal", "ttl_seconds": 5 },
        "parameter": "/todo/database/writer",
    });
    let own = SEOUL.parse().unwrap();
    Database::parse("/p", &"todo".parse().unwrap(), &json.to_string(), &own).unwrap()
}

fn outcome() -> Outcome {
    Outcome::idle(&database(), "all is well")
}

#[test]
fn a_transition_that_began_is_awaited_for_ten_minutes_unless_it_was_published_since() {
    let database = database();
    let awaited = |subject: &str, began_ms: i64, published_ms: Option<i64>, decision, watch| {
        let trigger = Trigger {
            began_at: Some(NOW.plus_ms(-began_ms)),
            subjects: vec![subject.to_owned()],
            ..Trigger::default()
        };
        let mut outcome = outcome();
        outcome.published_at = published_ms.map(|ms| NOW.plus_ms(-ms).whole_seconds());
        (outcome.result.decision, outcome.watch) = (decision, watch);
        is_awaited(&outcome, &database, &trigger, NOW)
    };
    let (own, unchanged) = (arn(SEOUL), DecisionKind::Unchanged);
    for (subject, began_ms, published_ms, decision, watch, expected) in [
        (own.as_str(), 0, None, unchanged, false, true),
        (&own, 599_999, None, unchanged, false, true),
        (&own, 600_000, None, unchanged, false, false),
        (&own, 10_000, Some(20_000), unchanged, false, true),
        (&own, 10_000, Some(10_000), unchanged, false, false),
        (&own, 10_000, Some(9_000), unchanged, false, false),
        (&own, 10_000, None, DecisionKind::Publish, false, false),
        (&own, 10_000, None, DecisionKind::Hold, false, false),
        (&own, 600_000, None, DecisionKind::Hold, true, true),
        ("another", 10_000, None, unchanged, false, false),
    ] {
        let found = awaited(subject, began_ms, published_ms, decision, watch);
        assert_eq!(found, expected, "{subject} {began_ms} {published_ms:?} {decision:?} {watch}");
    }
    assert!(!is_awaited(&outcome(), &database, &Trigger::default(), NOW), "nothing began");
}

#[test]
fn pauses_grow_a_minute_after_the_last_change_and_double_with_each_throttling() {
    let pauses = |throttled, ms: i64| {
        let pace = Pace { changed_at: NOW, throttled };
        pace.pause(NOW.plus_ms(ms)).as_secs()
    };
    let of = |throttled| [0, 59_999, 60_000, 600_000].map(|ms| pauses(throttled, ms));
    assert_eq!(
        [0, 1, 2, 3, 4, 40].map(of),
        [[1, 1, 3, 3], [2, 2, 6, 6], [4, 4, 12, 12], [8, 8, 12, 12], [12; 4], [12; 4]]
    );
}

#[test]
fn what_changes_and_what_throttles_is_noted() {
    let later = NOW.plus_ms(5_000);
    let noted = |next: &Outcome| {
        let mut pace = Pace { changed_at: NOW, throttled: 1 };
        pace.note(&outcome(), next, later);
        (pace.changed_at == later, pace.throttled)
    };
    assert_eq!(noted(&outcome()), (false, 1));
    let mut next = outcome();
    next.result.decision = DecisionKind::Hold;
    assert_eq!(noted(&next), (true, 1));
    let mut next = outcome();
    next.result.hold = Some(HoldKind::NoWriter);
    assert_eq!(noted(&next), (true, 1));
    let mut next = outcome();
    next.result.epoch = Some(Epoch(8));
    assert_eq!(noted(&next), (true, 1));
    for kind in [FailureKind::Throttled, FailureKind::Busy] {
        let no = NoAnswer { why: "no".to_owned(), kind };
        let throttled = 1 + u32::from(kind == FailureKind::Throttled);
        let mut next = outcome();
        next.evidence.views.insert(OSAKA.parse().unwrap(), Seen::Unreachable(no.clone()));
        assert_eq!(noted(&next), (false, throttled));
        let mut next = outcome();
        next.evidence.parameters.insert(OSAKA.parse().unwrap(), Seen::Unreachable(no));
        assert_eq!(noted(&next), (false, throttled));
    }
}

fn channels(record: Channel, osaka: Channel) -> Channels {
    Channels { record, parameter: [(OSAKA.parse().unwrap(), osaka)].into() }
}

#[test]
fn of_two_looks_the_move_is_told_and_what_either_wrote_or_missed() {
    let (publish, unchanged, hold) = (DecisionKind::Publish, DecisionKind::Unchanged, DecisionKind::Hold);
    for (earlier, later, told) in [
        (publish, unchanged, publish),
        (publish, hold, hold),
        (publish, publish, publish),
        (unchanged, unchanged, unchanged),
        (hold, publish, publish),
    ] {
        let (mut before, mut next) = (outcome(), outcome());
        (before.result.decision, next.result.decision) = (earlier, later);
        before.result.reason = "before".to_owned();
        next.result.reason = "next".to_owned();
        before.result.unpublished = vec!["the record".to_owned()];
        let keeps = earlier == publish && later == unchanged;
        let merged = merge(before, next);
        assert_eq!(merged.result.decision, told);
        assert_eq!(merged.result.reason, if keeps { "before" } else { "next" });
        assert_eq!(merged.result.unpublished, ["the record"]);
    }
    for (one, other) in [(false, false), (true, false), (false, true), (true, true)] {
        let (mut before, mut next) = (outcome(), outcome());
        (before.result.drift, next.result.drift) = (one, other);
        assert_eq!(merge(before, next).result.drift, one || other);
    }
}

#[test]
fn of_two_looks_the_channels_are_as_the_invocation_left_them_and_no_failure_is_lost() {
    let all = [Channel::Updated, Channel::Unchanged, Channel::Unreachable, Channel::Failed];
    for earlier in all {
        for now in all {
            let (mut before, mut next) = (outcome(), outcome());
            before.result.channels = Some(channels(earlier, Channel::Updated));
            next.result.channels = Some(channels(Channel::Unchanged, now));
            let expected = channels(earlier, if now == Channel::Unchanged { Channel::Updated } else { now });
            assert_eq!(merge(before, next).result.channels, Some(expected));
        }
    }
    let (mut before, mut next) = (outcome(), outcome());
    before.result.failures = vec!["a".to_owned(), "b".to_owned()];
    next.result.failures = vec!["b".to_owned(), "c".to_owned()];
    before.result.unpublished = vec!["old".to_owned()];
    next.result.unpublished = vec!["new".to_owned()];
    let merged = merge(before, next);
    assert_eq!(merged.result.failures, ["b", "c", "a"]);
    assert_eq!(merged.result.unpublished, ["new"]);
}

/// Where nothing burns an invocation ends with its first look: nothing is watched, read anew, or looked at once more.
#[test]
fn an_idle_outcome_asks_for_nothing_more() {
    let Outcome { result, watch, silent, reconfigured, unverified, .. } =
        Outcome::idle(&database(), "all is well");
    assert!(result.idle && !watch && !reconfigured && !unverified && silent.is_empty());
}
