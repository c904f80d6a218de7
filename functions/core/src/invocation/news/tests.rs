//! Every combination of what was noted before and what is seen now: what is noted then, and who is told what.

use std::fmt::Write;

use serde_json::json;

use super::*;
use crate::answer::result::Writer;
use crate::words::names::Epoch;
use crate::world::evidence::Seen;
use crate::world::facts::{ClusterFacts, Facts, GlobalFacts, InstanceFacts};

const SEOUL: &str = "ap-northeast-2";
const OSAKA: &str = "ap-northeast-3";
const NOW: Timestamp = Timestamp::from_ms(1_795_386_600_999);

fn arn(region: &str) -> String {
    format!("arn:aws:rds:{region}:123456789012:cluster:todo")
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

fn outcome(writer: &str) -> Outcome {
    let mut outcome = Outcome::idle(&database(), "all is well");
    outcome.result.writer =
        Some(Writer { region: writer.parse().unwrap(), endpoint: "e.example".to_owned() });
    outcome
}

fn told(text: &mut String, name: &str, before: &Notes, outcome: &Outcome, block: Option<WriteBlock>) {
    let own = SEOUL.parse().unwrap();
    let news = news(&database(), &own, before, outcome, block, NOW);
    let _ = writeln!(text, "{name}\n  notes {}", serde_json::to_string(&news.notes).unwrap());
    for (kind, notice) in news.notices {
        let _ = writeln!(text, "  {kind:?} {}: {}", notice.subject(), notice.message());
    }
}

#[test]
fn every_combination_is_noted_and_told_word_for_word() {
    let mut text = String::new();
    let since = Some(NOW.plus_ms(-3_599_999).whole_seconds());
    let holds = [None, Some(HoldKind::WriterConflict), Some(HoldKind::NoWriter)];
    for conflict_since in [None, since] {
        for hold in holds {
            for watch in [false, true] {
                let before = Notes { conflict_since, ..Notes::default() };
                let mut outcome = outcome(SEOUL);
                (outcome.result.hold, outcome.watch) = (hold, watch);
                "two claim".clone_into(&mut outcome.result.reason);
                let name = format!("conflict since {conflict_since:?}, {hold:?}, watched {watch}");
                told(&mut text, &name, &before, &outcome, None);
            }
        }
    }
    for no_standby_since in [None, since] {
        for standby in [None, Some(false), Some(true)] {
            for (writer, watch, hold) in [
                (SEOUL, false, None),
                (OSAKA, false, None),
                (SEOUL, true, None),
                (SEOUL, false, Some(HoldKind::Held)),
            ] {
                let before = Notes { no_standby_since, ..Notes::default() };
                let mut outcome = outcome(writer);
                (outcome.result.hold, outcome.watch, outcome.result.standby) = (hold, watch, standby);
                let name = format!(
                    "no standby since {no_standby_since:?}, {standby:?} in {writer}, watched {watch}, {hold:?}"
                );
                told(&mut text, &name, &before, &outcome, None);
            }
        }
    }
    let block = |outcome, at: i64, told| WriteBlock { outcome, at: NOW.plus_ms(at).whole_seconds(), told };
    let blocks = |told| {
        let kinds = [WriteBlockOutcome::Succeeded, WriteBlockOutcome::TimedOut];
        kinds.into_iter().flat_map(move |kind| [-1_000, 0, 1_000].map(|at| block(kind, at, told)))
    };
    for known in [
        None,
        Some(block(WriteBlockOutcome::TimedOut, 0, true)),
        Some(block(WriteBlockOutcome::TimedOut, 0, false)),
    ] {
        for new in std::iter::once(None).chain(blocks(false).map(Some)) {
            let before = Notes { write_block: known.clone(), ..Notes::default() };
            let name = format!("known {known:?}, new {new:?}");
            told(&mut text, &name, &before, &outcome(OSAKA), new);
        }
    }
    insta::assert_snapshot!("every_combination", text);
}

fn view(writer: &str, synchronization: Option<&str>) -> RegionView {
    let instance = InstanceFacts { identifier: "todo-1".to_owned(), ..InstanceFacts::default() };
    let members = [SEOUL, OSAKA].map(|it| (arn(it), it == writer)).to_vec();
    let synchronization = synchronization.map(|it| (arn(SEOUL), it.to_owned())).into_iter().collect();
    let facts = Facts {
        global: Some(GlobalFacts { members, synchronization, ..GlobalFacts::default() }),
        cluster: Some(ClusterFacts {
            is_replica: true,
            instances: vec![instance],
            ..ClusterFacts::default()
        }),
    };
    RegionView::new(&database(), &SEOUL.parse().unwrap(), &facts)
}

#[test]
fn since_when_it_is_not_connected_is_noted_while_it_follows() {
    let earlier = Some(NOW.plus_ms(-60_000).whole_seconds());
    let now = Some(NOW.whole_seconds());
    for (writer, status, before, after) in [
        (OSAKA, None, earlier, None),
        (OSAKA, Some("connected"), earlier, None),
        (OSAKA, Some("pending-resync"), None, now),
        (OSAKA, Some("pending-resync"), earlier, earlier),
        (SEOUL, Some("pending-resync"), None, None),
        (SEOUL, None, earlier, earlier),
    ] {
        let mut outcome = outcome(writer);
        let own: Region = SEOUL.parse().unwrap();
        outcome.evidence.views.insert(own.clone(), Seen::Got(view(writer, status)));
        let mut notes = Notes { disconnected_since: before, ..Notes::default() };
        note_synchronization(&own, &outcome, NOW, &mut notes);
        assert_eq!(notes.disconnected_since, after, "{writer} {status:?}");
    }
}

#[test]
fn what_was_not_told_is_as_it_was_before() {
    let (old, new) = (Some(NOW.plus_ms(-60_000)), Some(NOW));
    let block = |told| Some(WriteBlock { outcome: WriteBlockOutcome::TimedOut, at: NOW, told });
    let notes = |conflict_since, no_standby_since, told| Notes {
        conflict_since,
        no_standby_since,
        write_block: block(told),
        ..Notes::default()
    };
    let before = notes(old, old, false);
    for (untold, expected) in [
        (vec![], notes(new, new, true)),
        (vec![Kind::Conflict], notes(old, new, true)),
        (vec![Kind::Standby], notes(new, old, true)),
        (vec![Kind::WriteBlock], notes(new, new, false)),
    ] {
        assert_eq!(without(notes(new, new, true), &before, &untold.iter().copied().collect()), expected);
    }
}

#[test]
fn the_newer_of_what_was_written_and_what_was_read_is_kept() {
    let state = State {
        epoch: Epoch(7),
        writer: SEOUL.parse().unwrap(),
        endpoint: "seoul.example".to_owned(),
        at: NOW.plus_ms(-60_000),
        memory: None,
        owns: None,
        record_pending: false,
        notes: Notes::default(),
    };
    let at_epoch = |epoch: Option<u64>, writer: Option<Writer>, published_at| {
        let mut outcome = outcome(OSAKA);
        outcome.result.epoch = epoch.map(Epoch);
        outcome.result.writer = writer;
        outcome.published_at = published_at;
        let state = newest(&outcome, state.clone());
        (state.epoch.0, state.writer.to_string(), state.endpoint, state.at)
    };
    let osaka = || Some(Writer { region: OSAKA.parse().unwrap(), endpoint: "osaka.example".to_owned() });
    let old = (7, SEOUL.to_owned(), "seoul.example".to_owned(), state.at);
    assert_eq!(at_epoch(Some(7), osaka(), Some(NOW)), old);
    assert_eq!(at_epoch(Some(6), osaka(), Some(NOW)), old);
    assert_eq!(at_epoch(None, osaka(), Some(NOW)), old);
    assert_eq!(at_epoch(Some(8), None, Some(NOW)), old);
    let new = |at| (8, OSAKA.to_owned(), "osaka.example".to_owned(), at);
    assert_eq!(at_epoch(Some(8), osaka(), Some(NOW)), new(NOW));
    assert_eq!(at_epoch(Some(8), osaka(), None), new(state.at));
}

#[test]
fn a_write_block_concerns_the_region_whose_instance_it_names() {
    let own: Region = SEOUL.parse().unwrap();
    let block = WriteBlock { outcome: WriteBlockOutcome::TimedOut, at: NOW, told: false };
    let mut outcome = outcome(OSAKA);
    outcome.evidence.views.insert(own.clone(), Seen::Got(view(OSAKA, None)));
    let of = |subject: &str, block: Option<&WriteBlock>| {
        let subjects = vec![subject.to_owned()];
        let trigger = Trigger { subjects, write_block: block.cloned(), ..Trigger::default() };
        write_block(&own, &trigger, &outcome.evidence)
    };
    assert_eq!(of("todo-1", Some(&block)), Some(block.clone()));
    assert_eq!(of("arn:aws:rds:ap-northeast-2:123456789012:db:todo-1", Some(&block)), Some(block.clone()));
    assert_eq!(of("todo-2", Some(&block)), None);
    assert_eq!(of("todo-1", None), None);
}
