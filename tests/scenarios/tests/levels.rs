//! Levels, not edges: an outage starts one failover whichever call, event or message is lost, and what stands in the way of it
//! only delays it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod outage;

use responder_core::answer::failover::ActionKind;
use responder_core::answer::result::DecisionKind;
use responder_core::config::FailoverMode;
use responder_core::world::alarm::AlarmState;
use responder_core::world::attempt::{Attempt, Journal, Started};
use responder_fakes::{ALARM, Fault, FaultRule, LagCourse, OSAKA, Operation, SEOUL, Settings, World, region};

use outage::{
    BY_SILENCE, alarm, outage, outage_at_pace, outage_with, respond, result, schedule, settings, starts_one,
    subjects, ticks,
};

/// Alarms of three Regions: the writer's own, the one that takes over, and a witness.
const SEOULS: &str = "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:todo-seoul-app";
const WITNESS: &str = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo-seoul-app";

#[test]
fn lag_that_grows_with_the_outage_starts_one() {
    let world = outage_at_pace(BY_SILENCE, LagCourse::Grows);
    respond(&world, &alarm(&world, "ALARM"));
    starts_one(&world, "lag grows");
}

#[test]
fn lag_that_stops_with_the_outage_starts_one() {
    let world = outage_at_pace(BY_SILENCE, LagCourse::Stops);
    respond(&world, &alarm(&world, "ALARM"));
    starts_one(&world, "lag stops");
}

#[test]
fn samples_of_the_lag_that_come_three_minutes_late_delay_nothing() {
    for course in [LagCourse::Grows, LagCourse::Stops] {
        let world = outage_at_pace(BY_SILENCE, course);
        world.site(OSAKA).lag.late_ms = 180_000;
        respond(&world, &alarm(&world, "ALARM"));
        starts_one(&world, "late samples");
    }
}

#[test]
fn lag_that_was_large_before_the_outage_starts_nothing() {
    let world = outage_at_pace(BY_SILENCE, LagCourse::Stops);
    world.site(OSAKA).lag.always(LagCourse::Steady(5_001));
    respond(&world, &alarm(&world, "ALARM"));
    ticks(&world, 5);
    assert!(world.take_failovers().is_empty());
    assert_eq!(result(&respond(&world, &schedule())).blocked_by, ["replication_lag"]);
}

/// `DescribeAlarms`, `GetMetricData`, RDS, `GetParameters`, `GetParameter`: each alone, for half a second as the alarm comes.
#[test]
fn one_read_that_is_throttled_as_the_alarm_comes_starts_one_all_the_same() {
    let reads = [
        Operation::Alarms,
        Operation::Lag,
        Operation::View,
        Operation::ReadParameters,
        Operation::ReadJournal,
        Operation::MuteRules,
        Operation::CloudWatch,
        Operation::ReadRecord,
    ];
    for settings in [BY_SILENCE, settings(FailoverMode::Automatic)] {
        for fault in [Fault::Throttled, Fault::Fails, Fault::Unreachable, Fault::Refused] {
            for read in reads {
                let world = outage_at_pace(settings, LagCourse::Grows);
                let until = Some(world.now().plus_ms(500));
                world.break_by(FaultRule { until, ..FaultRule::of_operation(read, fault) });
                respond(&world, &alarm(&world, "ALARM"));
                starts_one(&world, &format!("{read:?} {fault:?}"));
            }
        }
    }
}

/// One of two alarms could not be read: the next look is five seconds later, and not a minute.
#[test]
fn an_alarm_that_could_not_be_read_is_read_again_by_the_same_invocation() {
    let both = Settings { health_alarms: &[ALARM, WITNESS], ..settings(FailoverMode::Automatic) };
    for (fault, is_read_again) in
        [(Fault::Throttled, true), (Fault::Unreachable, true), (Fault::Refused, false)]
    {
        let world = outage_with(both);
        world.transitions_take_ms(20_000);
        let rule = FaultRule::of_operation(Operation::Alarms, fault);
        world.break_by(FaultRule { region: Some(region("us-east-1")), times: Some(1), ..rule });
        respond(&world, &schedule());
        assert_eq!(world.take_failovers().len(), usize::from(is_read_again), "{fault:?}");
    }
}

#[test]
fn an_alarm_whose_event_is_lost_is_seen_by_the_schedule() {
    let world = outage_at_pace(BY_SILENCE, LagCourse::Grows);
    starts_one(&world, "the event is lost");
}

#[test]
fn an_event_that_comes_twice_and_once_more_an_hour_later_starts_one() {
    let world = outage_at_pace(BY_SILENCE, LagCourse::Grows);
    let event = alarm(&world, "ALARM");
    respond(&world, &event);
    respond(&world, &event);
    starts_one(&world, "twice");
    for arn in BY_SILENCE.health_alarms {
        world.set_alarm(arn, &AlarmState::Ok);
    }
    world.advance_ms(3_600_000);
    respond(&world, &event);
    assert!(world.take_failovers().is_empty(), "what counts is what the alarm says when it is read");
}

#[test]
fn a_tick_at_rest_makes_one_read_a_region_and_no_other_call() {
    let alarms = Settings { health_alarms: &[SEOULS, ALARM, WITNESS], ..settings(FailoverMode::Automatic) };
    let world = World::with(&[SEOUL, OSAKA], alarms).published(SEOUL, 7);
    for arn in [SEOULS, ALARM, WITNESS].iter().chain(alarms.writer_alarms) {
        world.set_alarm(arn, &AlarmState::Ok);
    }
    let others = [
        Operation::View,
        Operation::ReadRecord,
        Operation::ReadParameters,
        Operation::PutWriter,
        Operation::PutState,
        Operation::Exchange,
        Operation::Lag,
        Operation::ReadJournal,
        Operation::PutJournal,
        Operation::MuteRules,
        Operation::CloudWatch,
        Operation::Publish,
        Operation::StartFailover,
    ];
    for operation in others {
        world.break_by(FaultRule::of_operation(operation, Fault::Forbidden));
    }
    for name in [SEOUL, OSAKA, "us-east-1"] {
        let forbidden = FaultRule::of_operation(Operation::Alarms, Fault::Forbidden);
        let once = FaultRule { fault: Fault::Delay(10), times: Some(1), ..forbidden.clone() };
        world.break_by(FaultRule { region: Some(region(name)), ..once });
        world.break_by(FaultRule { region: Some(region(name)), ..forbidden });
    }
    assert!(respond(&world, &schedule()).result.idle);
}

#[test]
fn an_alarm_in_the_writers_silent_region_is_left_out_and_one_outside_it_remains() {
    let both = Settings { health_alarms: &[SEOULS, ALARM], ..BY_SILENCE };
    let world = outage_at_pace(both, LagCourse::Grows);
    let outcome = respond(&world, &alarm(&world, "ALARM"));
    let alarms = outcome.result.checks.iter().find(|check| check.name == "alarms_in_alarm").unwrap();
    let limit = alarms.limit.as_deref().unwrap();
    assert_eq!(limit, "all 1 in ALARM when read again now, 1 in the silent Region left out");
    starts_one(&world, "left out");

    // Where the Region says that there are too many calls it is not silent, and its alarm counts.
    let world = outage_at_pace(both, LagCourse::Grows);
    world.make_reachable(SEOUL);
    world.break_by(FaultRule {
        region: Some(region(SEOUL)),
        operation: None,
        ..FaultRule::of_operation(Operation::Alarms, Fault::Throttled)
    });
    respond(&world, &alarm(&world, "ALARM"));
    ticks(&world, 5);
    assert!(world.take_failovers().is_empty());

    let only = Settings { health_alarms: &[SEOULS], ..BY_SILENCE };
    let world = outage_at_pace(only, LagCourse::Grows);
    ticks(&world, 5);
    assert!(world.take_failovers().is_empty(), "nobody outside it says anything");
}

/// Its Region answers: it is given five minutes to fail over within the Region, and not again and again.
#[test]
fn a_writer_that_fails_over_within_its_region_is_given_five_minutes() {
    let world = outage(FailoverMode::Automatic);
    world.make_reachable(SEOUL);
    "failing-over".clone_into(&mut world.site(SEOUL).cluster_status);
    let began = world.now();
    let outcome = respond(&world, &alarm(&world, "ALARM"));
    assert_eq!(result(&outcome).blocked_by, ["no_transition"]);
    ticks(&world, 3);
    assert!(world.take_failovers().is_empty(), "after {} s", world.now().since_ms(began) / 1000);
    ticks(&world, 3);
    assert_eq!(world.take_failovers(), [region(OSAKA)]);
    let attempt = world.journal(OSAKA).unwrap().attempt.unwrap();
    assert!((300_000..370_000).contains(&attempt.at.since_ms(began)), "{attempt:?}");
}

#[test]
fn what_rds_refuses_is_called_again_with_growing_pauses() {
    let world = outage(FailoverMode::Automatic);
    world.break_by(FaultRule::of_operation(Operation::StartFailover, Fault::Refused));
    respond(&world, &alarm(&world, "ALARM"));
    ticks(&world, 62);
    let log = world.take_log();
    let calls = log.iter().filter(|(_, line)| line.starts_with("rds:FailoverGlobalCluster"));
    let calls: Vec<i64> = calls.map(|(at, _)| at.as_ms()).collect();
    let pauses: Vec<i64> = calls.windows(2).map(|pair| (pair[1] - pair[0]) / 60_000).collect();
    assert_eq!(pauses[..5], [1, 2, 4, 8, 15], "{pauses:?}");
    assert!(pauses[5..].iter().all(|pause| *pause == 15), "{pauses:?}");
}

#[test]
fn a_call_that_never_arrived_is_made_again_when_its_region_has_answered_for_a_minute() {
    let world = outage(FailoverMode::Automatic);
    world.transitions_take_ms(20_000);
    let lost = FaultRule::of_operation(Operation::StartFailover, Fault::Unreachable);
    world.break_by(FaultRule { times: Some(1), ..lost });
    let first = respond(&world, &alarm(&world, "ALARM"));
    assert_eq!(result(&first).action, ActionKind::Unknown);
    // Osaka's own RDS says nothing for ten minutes, and silence is not a no.
    let silent = FaultRule::of_operation(Operation::View, Fault::Throttled);
    let until = Some(world.now().plus_ms(600_000));
    world.break_by(FaultRule { region: Some(region(OSAKA)), until, ..silent });
    let began = world.now();
    ticks(&world, 15);
    assert_eq!(world.take_failovers(), [region(OSAKA)]);
    let attempt = world.journal(OSAKA).unwrap().attempt.unwrap();
    assert_eq!(attempt.started, Started::Accepted);
    assert!((660_000..730_000).contains(&attempt.at.since_ms(began)), "{attempt:?}");
}

/// The schedule's next invocation asks again while the first one still watches: from then on that one speaks.
#[test]
fn a_call_without_an_answer_is_told_as_such_and_its_end_by_whoever_asked_last() {
    for asked_again in [false, true] {
        let world = outage(FailoverMode::Automatic);
        let lost = FaultRule::of_operation(Operation::StartFailover, Fault::LostAnswer);
        world.break_by(FaultRule { times: Some(1), ..lost });
        world.interrupt(Operation::StartFailover, |_| ());
        world.interrupt(Operation::View, move |world| {
            let mut journal = world.journal(OSAKA).unwrap();
            let attempt = journal.attempt.take().unwrap();
            let by = if asked_again { Some("another".to_owned()) } else { attempt.by.clone() };
            journal.attempt = Some(Attempt { by, ..attempt });
            world.put_journal(OSAKA, &journal);
        });
        world.interrupt(Operation::View, |world| {
            world.begin_term(OSAKA);
            world.catch_up(OSAKA);
            world.site(OSAKA).failover_status = None;
        });
        let outcome = respond(&world, &alarm(&world, "ALARM"));
        assert_eq!(outcome.result.decision, DecisionKind::Publish);
        let notices = world.take_notices();
        let subjects = subjects(&notices);
        assert_eq!(
            subjects[0],
            "todo: failover to ap-northeast-3 from ap-northeast-2 asked for, without an answer"
        );
        let ends = subjects
            .iter()
            .filter(|it| it.starts_with("todo: failed over to ap-northeast-3 from ap-northeast-2 in "));
        assert_eq!(ends.count(), usize::from(!asked_again), "{subjects:?}");
    }
}

#[test]
fn a_hold_that_is_set_between_the_judgement_and_the_call_stops_it() {
    for name in [OSAKA, SEOUL] {
        let world = outage(FailoverMode::Automatic);
        world.make_reachable(SEOUL);
        "failed".clone_into(&mut world.site(SEOUL).cluster_status);
        world.break_by(FaultRule {
            times: Some(1),
            ..FaultRule::of_operation(Operation::StartFailover, Fault::Forbidden)
        });
        world.interrupt(Operation::PutJournal, move |world| {
            world.site(name).hold = Some("maintenance".to_owned());
        });
        let outcome = respond(&world, &alarm(&world, "ALARM"));
        assert_eq!(result(&outcome).action, ActionKind::Failed);
        assert_eq!(
            result(&outcome).reason,
            "nothing was started: the hold switch was set right before the call: maintenance"
        );
        world.site(name).hold = None;
        world.heal();
        ticks(&world, 2);
        assert_eq!(world.take_failovers(), [region(OSAKA)], "lifted, it is started by the next look");
    }
}

/// Right before the one writes its attempt the other does, and calls.
#[test]
fn two_invocations_at_once_make_one_call() {
    let world = outage(FailoverMode::Automatic);
    let event = alarm(&world, "ALARM");
    let others = event.clone();
    world.interrupt(Operation::PutJournal, move |world| {
        let other = respond(world, &others);
        assert_eq!(result(&other).action, ActionKind::Started);
    });
    let outcome = respond(&world, &event);
    assert_eq!(result(&outcome).action, ActionKind::Refused, "it looks again, and finds the other's");
    assert!(outcome.result.undone.is_empty(), "{outcome:?}");
    assert_eq!(world.take_failovers().len(), 1);
    assert_eq!(world.take_writes().failovers, 1, "the other call was not made at all");
}

/// The silence that one look found counts from then on, remembered from one invocation to the next.
#[test]
fn silence_is_four_looks_over_half_a_minute() {
    let world = outage_with(BY_SILENCE);
    let began = world.now();
    let outcome = respond(&world, &schedule());
    assert_eq!(result(&outcome).action, ActionKind::Started);
    let attempt = world.journal(OSAKA).unwrap().attempt.unwrap();
    assert!((30_000..45_000).contains(&attempt.at.since_ms(began)), "{attempt:?}");

    // One service that answers is no silence.
    for answers in [Operation::View, Operation::ReadParameters, Operation::CloudWatch] {
        let world = outage_with(BY_SILENCE);
        world.make_reachable(SEOUL);
        for silent in [Operation::View, Operation::ReadParameters, Operation::CloudWatch] {
            let fault = if silent == answers { Fault::Throttled } else { Fault::Unreachable };
            let rule = FaultRule::of_operation(silent, fault);
            world.break_by(FaultRule { region: Some(region(SEOUL)), ..rule });
        }
        ticks(&world, 4);
        assert!(world.take_failovers().is_empty(), "{answers:?} says that it is there");
    }
}

/// One invocation writes what it remembers over what another one wrote meanwhile, which may have been an attempt.
#[test]
fn what_may_have_been_written_over_keeps_the_next_call_away_for_half_a_minute() {
    let world = outage(FailoverMode::Automatic);
    world.site(OSAKA).hold = Some("maintenance".to_owned());
    world.interrupt(Operation::PutJournal, |world| world.put_journal(OSAKA, &Journal::default()));
    respond(&world, &alarm(&world, "ALARM"));
    let written = world.journal(OSAKA).unwrap().overwritten.unwrap();
    assert!(world.take_failovers().is_empty(), "a person holds");
    world.site(OSAKA).hold = None;
    respond(&world, &alarm(&world, "ALARM"));
    assert_eq!(world.take_failovers(), [region(OSAKA)]);
    let started = world.journal(OSAKA).unwrap().attempt.unwrap().at;
    assert!(started.since_ms(written) >= 29_000, "started at {started}, written over at {written}");
}

/// The write of an attempt that gets no answer may have been made over another's attempt. It is taken back, and what it may have
/// hidden keeps the next call away; where nobody wrote before it, nothing does.
#[test]
fn an_attempt_written_without_an_answer_over_another_one_is_told_of() {
    for is_second in [true, false] {
        let world = outage(FailoverMode::Automatic);
        let epoch = world.state(&region(OSAKA)).unwrap().epoch;
        let (at, by) = (world.now(), Some("another".to_owned()));
        let other = Attempt { at, target: region(OSAKA), epoch, started: Started::Calling, quiet: None, by };
        world.interrupt(Operation::PutJournal, move |world| {
            if is_second {
                world.put_journal(OSAKA, &Journal { attempt: Some(other), ..Journal::default() });
            }
            world.break_by(FaultRule::of_operation(Operation::PutJournal, Fault::LostAnswer));
            world.interrupt(Operation::ReadJournal, World::heal);
        });
        let began = world.now();
        respond(&world, &alarm(&world, "ALARM"));
        let started = world.journal(OSAKA).unwrap().attempt.unwrap();
        assert_eq!(started.started, Started::Accepted);
        let waited = started.at.since_ms(began);
        assert_eq!(waited >= 30_000, is_second, "{waited} ms, second: {is_second}");
    }
}

/// A call that got no answer and shows nothing is given up after a minute; one that RDS took is watched until it is published.
#[test]
fn a_start_without_an_answer_is_watched_for_a_minute_and_one_that_was_taken_to_its_end() {
    for (fault, longest_ms) in [(Some(Fault::Unreachable), 80_000), (None, 400_000)] {
        let world = outage(FailoverMode::Automatic);
        world.transitions_take_ms(100_000);
        world.make_reachable(SEOUL);
        "failed".clone_into(&mut world.site(SEOUL).cluster_status);
        if let Some(fault) = fault {
            world.break_by(FaultRule::of_operation(Operation::StartFailover, fault));
        }
        let (began, trigger) = (world.now(), alarm(&world, "ALARM"));
        let deadline = began.plus_ms(900_000);
        let outcome = world.actor(OSAKA).respond(&mut world.known(OSAKA), &trigger, deadline);
        let took_ms = world.now().since_ms(began);
        assert!((60_000..longest_ms).contains(&took_ms), "{took_ms}");
        let published = outcome.result.decision == DecisionKind::Publish;
        assert_eq!(published, fault.is_none(), "{:?}", outcome.result);
    }
}
