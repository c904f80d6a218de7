//! One alarm, one database: what `failover` does, says, and leaves alone.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod outage;

use responder_core::answer::failover::ActionKind;
use responder_core::answer::result::{DecisionKind, HoldKind};
use responder_core::config::{Database, FailoverMode};
use responder_core::words::names::Epoch;
use responder_core::world::alarm::AlarmState;
use responder_core::world::attempt::{Attempt, Journal, Started};
use responder_fakes::{ALARM, Fault, FaultRule, LagCourse, OSAKA, Operation, SEOUL, World, region};
use responder_lambda::events::alarm as events;
use serde_json::json;

use outage::{alarm, outage, respond, respond_in, result, schedule, subjects, ticks};

/// RDS promotes Osaka some looks after it took the failover, and is done some looks later.
fn promote_later(world: &World) {
    world.interrupt(Operation::StartFailover, |_| ());
    for _ in 0..2 {
        world.interrupt(Operation::View, |_| ());
    }
    world.interrupt(Operation::View, |world| {
        world.begin_term(OSAKA);
        world.catch_up(OSAKA);
    });
    for _ in 0..2 {
        world.interrupt(Operation::View, |_| ());
    }
    world.interrupt(Operation::View, |world| world.site(OSAKA).failover_status = None);
}

#[test]
fn automatic_starts_it_once_publishes_it_and_says_how_it_ended() {
    let world = outage(FailoverMode::Automatic);
    promote_later(&world);
    let trigger = alarm(&world, "ALARM");
    let outcome = respond(&world, &trigger);
    assert_eq!(world.take_failovers(), [region(OSAKA)]);
    assert_eq!(outcome.result.decision, DecisionKind::Publish);
    assert_eq!(
        (outcome.result.epoch, outcome.result.writer.as_ref().unwrap().region.as_str()),
        (Some(Epoch(8)), OSAKA)
    );
    let failover = result(&outcome);
    assert_eq!((failover.action, failover.messages, failover.blocked_by.len()), (ActionKind::Started, 2, 0));
    let phases: Vec<&str> = failover.phases.iter().map(|phase| phase.name.as_ref()).collect();
    assert_eq!(phases, ["alarm", "decided", "accepted", "promoted", "published", "settled"]);
    assert!(failover.phases.windows(2).all(|pair| pair[0].at_ms <= pair[1].at_ms), "{:?}", failover.phases);
    let notices = world.take_notices();
    assert!(
        subjects(&notices)[0].starts_with("todo: failover to ap-northeast-3 from ap-northeast-2 started"),
        "{notices:?}"
    );
    assert!(
        subjects(&notices)[1].starts_with("todo: failed over to ap-northeast-3 from ap-northeast-2 in "),
        "{notices:?}"
    );
    assert!(notices[1].message().contains("There is no standby until the old Region is resynchronized"));
    assert_eq!(outcome.result.standby, Some(false));
    assert!(outcome.result.undone.is_empty(), "{:?}", outcome.result.undone);
    assert_eq!(world.journal(OSAKA).unwrap().attempt.unwrap().started, Started::Accepted);

    for _ in 0..3 {
        let again = respond(&world, &trigger);
        assert!(result(&again).blocked_by.contains(&"cooldown".to_owned()), "{:?}", result(&again));
    }
    assert!(world.take_failovers().is_empty());
    assert_eq!(subjects(&world.take_notices()), [""; 0], "and nobody is told twice");

    // Lambda tries its event again for hours, and the journal of the Region that comes back is empty.
    world.make_reachable(SEOUL);
    world.catch_up(SEOUL);
    let back = respond_in(&world, SEOUL, &trigger);
    assert_eq!(result(&back).target, Some(region(SEOUL)), "it would take over and so it would speak");
    assert!(world.take_notices().is_empty(), "but the alarm is one about the writer before");
    world.advance_ms(60_000);
    world.set_alarms(&AlarmState::Alarm);
    respond_in(&world, SEOUL, &alarm(&world, "ALARM"));
    assert_eq!(world.take_notices().len(), 1, "one about the new writer is news");
}

#[test]
fn every_check_is_in_the_answer_with_its_limit() {
    let world = outage(FailoverMode::Advise);
    world.site(OSAKA).lag.always(LagCourse::Stops);
    let outcome = respond(&world, &alarm(&world, "ALARM"));
    assert_eq!(result(&outcome).blocked_by, ["replication_lag"]);
    let json = serde_json::to_value(&outcome.result).unwrap();
    let checks = json["checks"].as_array().unwrap();
    let lag = checks.iter().find(|check| check["name"] == "replication_lag").unwrap();
    assert_eq!(
        lag,
        &json!({
            "name": "replication_lag", "pass": false, "verdict": "unknown",
            "value": "unknown: CloudWatch has no sample from before 2026-11-22T22:25:00Z",
            "limit": "at most 5 s in the last sample from before the outage, at most 300 s old then",
        })
    );
    assert_eq!(checks.iter().filter(|check| !check["limit"].is_null()).count(), 10);
    assert_eq!(
        (&json["failover"]["mode"], &json["failover"]["action"]),
        (&json!("advise"), &json!("refused"))
    );
}

#[test]
fn advise_tells_people_once_a_change_and_starts_nothing() {
    let world = outage(FailoverMode::Advise);
    world.break_by(FaultRule::of_operation(Operation::StartFailover, Fault::Forbidden));
    let trigger = alarm(&world, "ALARM");
    let outcome = respond(&world, &trigger);
    assert_eq!(result(&outcome).action, ActionKind::Advised);
    let notices = world.take_notices();
    let [notice] = notices.as_slice() else { panic!("{notices:?}") };
    assert_eq!(notice.subject(), "todo: fail over to ap-northeast-3 from ap-northeast-2? Every check passes");
    let arn = "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka";
    for text in [
        "Alarm: todo-writer-unreachable in ap-northeast-3 is ALARM since 2026-11-22T22:30:00Z.",
        "pass     writer_down: todo-database in ap-northeast-3: ALARM since 2026-11-22T22:30:00Z  (wanted: ",
        "pass     replication_lag: 80 ms at 2026-11-22T22:24:00Z, 60 s before the outage began at 2026-11-22T22:25:00Z",
        &format!(
            "aws rds failover-global-cluster --region ap-northeast-3 --global-cluster-identifier todo --target-db-cluster-identifier {arn} --allow-data-loss"
        ),
        r#"--payload '{"action":"failover","database":"todo","target_region":"ap-northeast-3","confirm":"todo","allow_data_loss":true}'"#,
    ] {
        assert!(notice.message().contains(text), "{text}\n{}", notice.message());
    }
    respond(&world, &trigger);
    respond(&world, &alarm(&world, "OK"));
    assert!(world.take_notices().is_empty(), "neither a duplicate nor an OK is news");
    world.advance_ms(60_000);
    world.set_alarms(&AlarmState::Alarm);
    respond(&world, &alarm(&world, "ALARM"));
    assert_eq!(world.take_notices().len(), 1, "the next transition is");
}

#[test]
fn the_region_that_would_not_take_over_stays_silent() {
    let world = outage(FailoverMode::Advise);
    world.make_reachable(SEOUL);
    let outcome = respond_in(&world, SEOUL, &alarm(&world, "ALARM"));
    assert!(result(&outcome).blocked_by.contains(&"region_is_target".to_owned()));
    assert!(world.take_notices().is_empty());
}

#[test]
fn with_the_mode_off_or_left_out_nothing_can_reach_the_call() {
    let forbidden = [
        Operation::StartFailover,
        Operation::Lag,
        Operation::ReadJournal,
        Operation::PutJournal,
        Operation::Alarms,
        Operation::MuteRules,
        Operation::CloudWatch,
    ];
    let with_off = outage(FailoverMode::Off);
    let left_out = with_off.database().text().replace(r#""mode":"off","#, "");
    assert!(!left_out.contains("mode"), "{left_out}");
    let name = "todo".parse().unwrap();
    let left_out = Database::parse("/failover-responder", &name, &left_out, &region(OSAKA)).unwrap();
    assert_eq!(left_out.failover().mode, FailoverMode::Off);
    let without_mode = World::of(left_out.into(), [region(SEOUL), region(OSAKA)].into()).published(SEOUL, 7);
    without_mode.make_unreachable(SEOUL);
    for world in [with_off, without_mode] {
        for operation in forbidden {
            world.break_by(FaultRule::of_operation(operation, Fault::Forbidden));
        }
        for state in ["ALARM", "OK", "INSUFFICIENT_DATA", "NEW"] {
            let outcome = respond(&world, &alarm(&world, state));
            assert_eq!(
                (outcome.result.hold, outcome.result.failover),
                (Some(HoldKind::WriterUnreachable), None)
            );
        }
        for operation in [Operation::View, Operation::ReadParameters, Operation::ReadRecord] {
            world.break_by(FaultRule::of_operation(operation, Fault::Forbidden));
        }
        let outcome = respond(&world, &schedule());
        assert!(outcome.result.idle && outcome.result.failover.is_none(), "{:?}", outcome.result);
    }
}

#[test]
fn an_alarm_that_the_database_does_not_name_is_a_pass_like_any_other() {
    let world = outage(FailoverMode::Automatic);
    world.break_by(FaultRule::of_operation(Operation::StartFailover, Fault::Forbidden));
    world.transition_to(OSAKA);
    world.set_alarms(&AlarmState::Ok);
    let other = json!({
        "source": "aws.cloudwatch", "alarmArn": ALARM.replace("todo-writer-unreachable", "another"),
        "alarmData": { "alarmName": "another", "state": { "value": "ALARM" } },
    });
    let outcome = respond(&world, &events::trigger(&other).unwrap());
    assert_eq!(outcome.result.decision, DecisionKind::Publish, "a lost RDS event is repaired here too");
    assert_eq!(outcome.result.failover, None);
}

#[test]
fn an_attempt_that_cannot_be_written_first_is_not_made() {
    let world = outage(FailoverMode::Automatic);
    world.break_by(FaultRule::of_operation(Operation::StartFailover, Fault::Forbidden));
    world.break_by(FaultRule::of_operation(Operation::PutJournal, Fault::Refused));
    let outcome = respond(&world, &alarm(&world, "ALARM"));
    assert_eq!(result(&outcome).action, ActionKind::Failed);
    assert!(
        outcome.result.undone[0].starts_with("could not remember what it did (ssm:PutParameter"),
        "{:?}",
        outcome.result.undone
    );
}

#[test]
fn what_rds_refuses_was_not_started_and_may_be_tried_again() {
    let world = outage(FailoverMode::Automatic);
    let refuse = FaultRule::of_operation(Operation::StartFailover, Fault::Refused);
    world.break_by(FaultRule { times: Some(1), ..refuse });
    let trigger = alarm(&world, "ALARM");
    let outcome = respond(&world, &trigger);
    assert_eq!(result(&outcome).action, ActionKind::Failed);
    assert!(!outcome.result.undone.is_empty(), "the invocation fails, so that Lambda tries it again");
    assert_eq!(world.journal(OSAKA).unwrap().attempt, None, "a refusal leaves no attempt open");
    assert_eq!(result(&respond(&world, &trigger)).blocked_by, ["single_flight"]);
    world.advance_ms(60_000);
    promote_later(&world);
    let again = respond(&world, &trigger);
    assert_eq!((result(&again).action, again.result.decision), (ActionKind::Started, DecisionKind::Publish));
}

#[test]
fn an_answer_that_got_lost_is_watched_and_not_asked_for_again() {
    let world = outage(FailoverMode::Automatic);
    let lost = FaultRule::of_operation(Operation::StartFailover, Fault::LostAnswer);
    world.break_by(FaultRule { times: Some(1), ..lost });
    promote_later(&world);
    let trigger = alarm(&world, "ALARM");
    let outcome = respond(&world, &trigger);
    assert_eq!(
        (result(&outcome).action, outcome.result.decision),
        (ActionKind::Unknown, DecisionKind::Publish)
    );
    assert_eq!(world.take_failovers().len(), 1);
    assert!(!outcome.result.undone.is_empty());
    respond(&world, &trigger);
    assert!(world.take_failovers().is_empty());
}

/// Died between the attempt and the call: it is over when its own Region has answered for a minute without a trace of it.
#[test]
fn an_attempt_without_a_trace_keeps_others_away_until_its_region_answered_for_a_minute() {
    let world = outage(FailoverMode::Automatic);
    world.transitions_take_ms(10_000);
    let attempt = Attempt {
        at: world.now(),
        target: region(OSAKA),
        epoch: Epoch(7),
        started: Started::Calling,
        quiet: None,
        by: None,
    };
    world.put_journal(OSAKA, &Journal { attempt: Some(attempt), ..Journal::default() });
    world.break_by(FaultRule {
        region: Some(region(OSAKA)),
        ..FaultRule::of_operation(Operation::View, Fault::Throttled)
    });
    world.advance_ms(3_600_000);
    let blind = respond(&world, &alarm(&world, "ALARM"));
    assert!(result(&blind).blocked_by.contains(&"single_flight".to_owned()), "silence is not a no");
    world.heal();
    world.make_unreachable(SEOUL);
    let began = world.now();
    ticks(&world, 3);
    assert_eq!(world.take_failovers(), [region(OSAKA)]);
    let attempt = world.journal(OSAKA).unwrap().attempt.unwrap();
    assert!((60_000..130_000).contains(&attempt.at.since_ms(began)), "{attempt:?}");
}

/// One read of the journal that fails in the first look must not make an open attempt look like none.
#[test]
fn a_journal_that_could_not_be_read_is_not_taken_for_an_empty_one() {
    let world = outage(FailoverMode::Automatic);
    let attempt = Attempt {
        at: world.now().plus_ms(-10_000),
        target: region(OSAKA),
        epoch: Epoch(7),
        started: Started::Accepted,
        quiet: None,
        by: None,
    };
    world.put_journal(OSAKA, &Journal { attempt: Some(attempt.clone()), ..Journal::default() });
    world.break_by(FaultRule::of_operation(Operation::StartFailover, Fault::Forbidden));
    let throttled = FaultRule::of_operation(Operation::ReadJournal, Fault::Throttled);
    world.break_by(FaultRule { times: Some(1), ..throttled });
    let outcome = respond(&world, &alarm(&world, "ALARM"));
    assert_eq!(result(&outcome).blocked_by, ["cooldown", "single_flight"]);
    assert_eq!(world.journal(OSAKA).unwrap().attempt, Some(attempt), "nothing was written over it");
}

/// Between this one's look and its write another invocation has called: its attempt is not written over.
#[test]
fn what_another_invocation_wrote_since_is_not_forgotten() {
    let world = outage(FailoverMode::Advise);
    let attempt = Attempt {
        at: world.now(),
        target: region(OSAKA),
        epoch: Epoch(7),
        started: Started::Accepted,
        quiet: None,
        by: None,
    };
    let theirs = Journal { attempt: Some(attempt), said: Some("theirs".to_owned()), ..Journal::default() };
    world.interrupt(Operation::Lag, {
        let theirs = theirs.clone();
        move |world| world.put_journal(OSAKA, &theirs)
    });
    respond(&world, &alarm(&world, "ALARM"));
    assert_eq!(world.journal(OSAKA).unwrap().attempt, theirs.attempt);
}

/// Written, and its answer lost: nothing was called, so the next look may.
#[test]
fn an_attempt_whose_write_got_no_answer_keeps_nobody_away() {
    for fault in [Fault::LostAnswer, Fault::Unreachable] {
        let world = outage(FailoverMode::Automatic);
        world.transitions_take_ms(10_000);
        let put = FaultRule::of_operation(Operation::PutJournal, fault);
        world.break_by(FaultRule { times: Some(1), ..put });
        let outcome = respond(&world, &alarm(&world, "ALARM"));
        assert_eq!(result(&outcome).action, ActionKind::Started, "by the next look, five seconds later");
        assert_eq!(world.take_failovers(), [region(OSAKA)], "{fault:?}");
    }
}

/// Where nobody can say right before the call that there is no hold, nothing is called; the next look may.
#[test]
fn a_hold_switch_that_could_not_be_read_right_before_the_call_delays_it_by_one_look() {
    let world = outage(FailoverMode::Automatic);
    world.transitions_take_ms(10_000);
    let rule = FaultRule::of_operation(Operation::ReadParameters, Fault::Throttled);
    let rule = FaultRule { region: Some(region(OSAKA)), times: Some(1), ..rule };
    world.interrupt(Operation::PutJournal, move |world| world.break_by(rule));
    let began = world.now();
    let outcome = respond(&world, &alarm(&world, "ALARM"));
    assert_eq!(result(&outcome).action, ActionKind::Started);
    let attempt = world.journal(OSAKA).unwrap().attempt.unwrap();
    assert!((5_000..20_000).contains(&attempt.at.since_ms(began)), "{attempt:?}");
}

/// The last look of an invocation takes long: what it saw is remembered and said all the same.
#[test]
fn the_last_look_of_an_invocation_is_remembered_and_said_however_long_it_takes() {
    for slow_ms in [100, 2_000, 4_500] {
        let world = outage(FailoverMode::Automatic);
        world.site(OSAKA).lag.always(LagCourse::Stops);
        world.break_by(FaultRule::of_operation(Operation::Lag, Fault::Delay(slow_ms)));
        respond(&world, &schedule());
        assert_eq!(world.take_notices().len(), 1, "{slow_ms} ms");
        assert!(world.journal(OSAKA).unwrap().outage.is_some(), "{slow_ms} ms");
    }
}

#[test]
fn a_message_that_does_not_get_through_is_tried_again() {
    let world = outage(FailoverMode::Advise);
    let broken = FaultRule::of_operation(Operation::Publish, Fault::Unreachable);
    world.break_by(FaultRule { times: Some(1), ..broken });
    let trigger = alarm(&world, "ALARM");
    let outcome = respond(&world, &trigger);
    assert!(
        outcome.result.undone[0].starts_with("could not tell people (sns:Publish"),
        "{:?}",
        outcome.result.undone
    );
    assert!(respond(&world, &trigger).result.undone.is_empty());
    assert_eq!(world.take_notices().len(), 1);
}

#[test]
fn a_failover_that_does_not_end_in_time_says_so() {
    let world = outage(FailoverMode::Automatic);
    let outcome = respond(&world, &alarm(&world, "ALARM"));
    assert_eq!(result(&outcome).action, ActionKind::Started);
    let notices = world.take_notices();
    assert_eq!(
        notices[1].subject(),
        "todo: failover to ap-northeast-3 from ap-northeast-2 has not ended: look"
    );
    assert!(world.now().since_ms(outcome.evidence.published().unwrap().at) > 0);
}
