//! What starts nothing: a bad release, alarms that somebody has quieted, a Region that is not the first to take over; and
//! what people hear of it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod outage;

use std::cell::Cell;
use std::rc::Rc;

use responder_core::answer::failover::ActionKind;
use responder_core::config::{FailoverMode, UnknownLag};
use responder_core::words::names::Epoch;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::AlarmState;
use responder_core::world::attempt::{Attempt, Journal, Started};
use responder_fakes::{
    ALARM, Fault, FaultRule, LagCourse, OSAKA, Operation, SEOUL, Settings, TOKYO, TOPIC, TOPICS, World,
    region,
};

use outage::{
    BY_SILENCE, WRITER, alarm, outage, outage_with, respond, respond_in, result, schedule, settings,
    subjects, ticks,
};

/// Both applications are broken by a release: their alarms are in ALARM, and the database is well.
fn bad_release(settings: Settings) -> World {
    let world = outage_with(settings);
    world.make_reachable(SEOUL);
    for arn in settings.writer_alarms {
        world.set_alarm(arn, &AlarmState::Ok);
    }
    world
}

#[test]
fn a_bad_release_with_the_database_well_starts_nothing_and_says_why() {
    // Writer alarms that are over tell of no outage, and so of no lag before it.
    let cases = [
        (BY_SILENCE, &["writer_down"][..]),
        (settings(FailoverMode::Automatic), &["writer_down", "replication_lag"]),
    ];
    for (settings, blocked_by) in cases {
        let world = bad_release(settings);
        let outcome = respond(&world, &alarm(&world, "ALARM"));
        assert_eq!(result(&outcome).blocked_by, blocked_by);
        assert!(
            result(&outcome).reason.ends_with(
                "The applications are broken and the database is not: a failover would lose data and mend nothing"
            ),
            "{}",
            result(&outcome).reason
        );
        ticks(&world, 10);
        assert!(world.take_failovers().is_empty());
        let notices = world.take_notices();
        let subject =
            format!("todo: no failover to ap-northeast-3 from ap-northeast-2: {}", blocked_by.join(", "));
        assert_eq!(subjects(&notices), [subject.as_str()], "once");
        let text = notices[0].message();
        assert!(text.contains("The applications are broken and the database is not"), "{text}");
    }
}

/// The listing failed, or a status that nobody knows: neither proves anything.
#[test]
fn a_status_that_nobody_knows_proves_nothing() {
    for (status, starts) in
        [("failed", true), ("storage-full", true), ("incompatible-network", true), ("migrating", false)]
    {
        let world = bad_release(BY_SILENCE);
        status.clone_into(&mut world.site(SEOUL).cluster_status);
        ticks(&world, 3);
        assert_eq!(world.take_failovers().len(), usize::from(starts), "{status}");
    }
}

#[test]
fn an_alarm_that_is_muted_suppressed_or_disabled_starts_nothing_until_it_is_not() {
    for why in ["its actions are disabled", "its actions are suppressed by Alarm"] {
        let world = outage(FailoverMode::Automatic);
        world.quiet_alarm(ALARM, Some(why));
        let outcome = respond(&world, &alarm(&world, "ALARM"));
        assert_eq!(result(&outcome).blocked_by, ["alarms_in_alarm"]);
        let check = outcome.result.checks.iter().find(|check| check.name == "alarms_in_alarm").unwrap();
        assert!(check.value.ends_with(&format!(", but {why}")), "{}", check.value);
        ticks(&world, 3);
        assert!(world.take_failovers().is_empty());
        world.quiet_alarm(ALARM, None);
        ticks(&world, 1);
        assert_eq!(world.take_failovers(), [region(OSAKA)]);
    }
    let world = outage(FailoverMode::Automatic);
    world.mute_alarm(ALARM, "the mute rule todo-maintenance names it");
    let outcome = respond(&world, &alarm(&world, "ALARM"));
    assert_eq!(result(&outcome).blocked_by, ["alarms_in_alarm"]);
    ticks(&world, 3);
    assert!(world.take_failovers().is_empty());
}

/// Seoul's writer is dead, and Osaka, which would take over, is silent too.
#[test]
fn where_the_first_of_three_is_silent_the_next_advises_with_the_command_and_starts_nothing() {
    const WITNESS: &str = "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:todo-writer";
    let settings = Settings {
        health_alarms: &[WITNESS],
        writer_alarms: &[WITNESS],
        targets: &[OSAKA, TOKYO, SEOUL],
        topic_arns: TOPICS,
        ..settings(FailoverMode::Automatic)
    };
    let world = World::with(&[SEOUL, OSAKA, TOKYO], settings).published(SEOUL, 7);
    world.make_unreachable(SEOUL);
    world.set_alarm(WITNESS, &AlarmState::Alarm);
    let silent = respond_in(&world, TOKYO, &schedule());
    assert_eq!((result(&silent).messages, result(&silent).target.as_ref().unwrap().as_str()), (0, OSAKA));
    world.make_unreachable(OSAKA);
    // Neither topic lives in Tokyo, and both of their Regions are silent.
    assert!(!respond_in(&world, TOKYO, &schedule()).result.undone.is_empty());
    world.make_reachable(SEOUL);
    "failed".clone_into(&mut world.site(SEOUL).cluster_status);
    let outcome = respond_in(&world, TOKYO, &schedule());
    assert_eq!(result(&outcome).blocked_by, ["region_is_target"]);
    let told = world.take_told();
    assert_eq!((told.len(), told[0].0.as_str()), (1, TOPICS[0].1));
    let text = told[0].1.message();
    assert!(
        text.contains("ap-northeast-3 comes before ap-northeast-1, and is silent or not ready"),
        "{text}"
    );
    assert!(text.contains("aws rds failover-global-cluster --region ap-northeast-1 "), "{text}");
    assert!(!text.contains("--region ap-northeast-3 --global"), "{text}");
    assert!(world.take_failovers().is_empty());
}

#[test]
fn the_own_topic_comes_first_and_another_when_it_fails() {
    let settings = Settings { topic_arns: TOPICS, ..settings(FailoverMode::Advise) };
    for (is_broken, topic) in [(false, TOPIC), (true, TOPICS[0].1)] {
        let world = bad_release(settings);
        if is_broken {
            world.break_by(FaultRule {
                region: Some(region(OSAKA)),
                ..FaultRule::of_operation(Operation::Publish, Fault::Unreachable)
            });
        }
        let outcome = respond(&world, &alarm(&world, "ALARM"));
        assert!(outcome.result.undone.is_empty(), "{:?}", outcome.result.undone);
        let told = world.take_told();
        assert_eq!(told.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), [topic]);
    }
}

#[test]
fn a_lag_that_nobody_knows_passes_where_a_person_said_so_and_is_said() {
    let allow = Settings { unknown_lag: UnknownLag::Allow, ..settings(FailoverMode::Automatic) };
    for (settings, starts) in [(settings(FailoverMode::Automatic), 0), (allow, 1)] {
        let world = outage_with(settings);
        world.site(OSAKA).lag.always(LagCourse::Stops);
        ticks(&world, 2);
        assert_eq!(world.take_failovers().len(), starts);
        let notices = world.take_notices();
        let said = notices[0].message().contains("allowed by unknown_lag: nobody knows how much is lost");
        assert_eq!(said, starts == 1, "{}", notices[0].message());
    }
}

/// A writer alarm that cannot be read, or is over, stops what the health alarms would start.
#[test]
fn every_writer_alarm_has_to_be_in_alarm() {
    let world = outage(FailoverMode::Automatic);
    world.set_alarm(WRITER, &AlarmState::InsufficientData);
    let outcome = respond(&world, &alarm(&world, "ALARM"));
    assert_eq!(result(&outcome).action, ActionKind::Refused);
    assert_eq!(result(&outcome).blocked_by, ["writer_down", "replication_lag"]);
    ticks(&world, 3);
    assert!(world.take_failovers().is_empty());
    world.set_alarm(WRITER, &AlarmState::Alarm);
    ticks(&world, 1);
    assert_eq!(world.take_failovers(), [region(OSAKA)]);
}

fn calling(world: &World, by: &str) -> Journal {
    let attempt = Attempt {
        at: world.now(),
        target: region(OSAKA),
        epoch: Epoch(7),
        started: Started::Calling,
        quiet: None,
        by: Some(by.to_owned()),
    };
    Journal {
        attempt: Some(attempt),
        said: Some("theirs".to_owned()),
        said_by: Some("them".to_owned()),
        ..Journal::default()
    }
}

/// The invocation of the first alarm acts and speaks at once, and that of another alarm of the same moment a little later; one
/// whose alarm came alone waits for nobody.
#[test]
fn invocations_of_alarms_of_one_moment_take_turns() {
    for mode in [FailoverMode::Automatic, FailoverMode::Advise] {
        let when = |name: &str, apart_ms: i64| {
            let world = outage(mode);
            world.advance_ms(apart_ms);
            world.set_alarm(WRITER, &AlarmState::Alarm);
            let mut trigger = alarm(&world, "ALARM");
            trigger.alarms[0].arn = Some(name.to_owned());
            let began = world.now();
            let written = Rc::new(Cell::new(began));
            let at = Rc::clone(&written);
            world.interrupt(Operation::PutJournal, move |world| at.set(world.now()));
            respond(&world, &trigger);
            written.get().since_ms(began)
        };
        let alone = when(ALARM, 0);
        assert_eq!(when(WRITER, 0) - alone, 300, "{mode:?}: after the health alarm");
        assert_eq!(when(WRITER, 6_000) - alone, 0, "{mode:?}: the health alarm came before");
    }
}

/// Written over by one that had read before it, and so does not call: of the two, the first does.
#[test]
fn an_attempt_that_is_written_over_by_one_that_came_later_is_written_anew() {
    for writes in 1..=3 {
        let world = outage(FailoverMode::Automatic);
        world.interrupt(Operation::PutJournal, move |world| {
            for at in 0..writes {
                let theirs = calling(world, &at.to_string());
                world.interrupt(Operation::ReadJournal, move |world| world.put_journal(OSAKA, &theirs));
            }
        });
        let began = world.now();
        respond(&world, &alarm(&world, "ALARM"));
        assert_eq!(world.take_failovers(), [region(OSAKA)], "written over {writes} times");
        let journal = world.journal(OSAKA).unwrap();
        let attempt = journal.attempt.unwrap();
        assert!(attempt.at.since_ms(began) < 5_000, "in the first look: {attempt:?}");
        assert_eq!((attempt.started, journal.said.as_deref()), (Started::Accepted, Some("theirs")));
        assert_eq!(journal.said_by.as_deref(), Some("them"));
    }
}

/// Written over twice since the last look, or by one that came in between: that may be the attempt of one that calls.
#[test]
fn an_attempt_that_does_not_stand_any_more_right_before_its_call_starts_nothing() {
    type Happening = fn(&World);
    let twice: Happening = |world| {
        world.interrupt(Operation::ReadJournal, |world| {
            world.put_journal(OSAKA, &calling(world, "one"));
            world.put_journal(OSAKA, &calling(world, "another"));
        });
    };
    let between: Happening = |world| {
        world.interrupt(Operation::ReadJournal, |world| world.put_journal(OSAKA, &calling(world, "one")));
        world.interrupt(Operation::PutJournal, |world| {
            world.put_journal(OSAKA, &calling(world, "one"));
            world.interrupt(Operation::ReadJournal, |world| {
                world.put_journal(OSAKA, &calling(world, "another"));
            });
        });
    };
    let endless: Happening = |world| {
        for _ in 0..9 {
            world.interrupt(Operation::ReadJournal, |world| {
                world.put_journal(OSAKA, &calling(world, "another"));
            });
        }
    };
    for happening in [twice, between, endless] {
        let world = outage(FailoverMode::Automatic);
        world.interrupt(Operation::PutJournal, happening);
        world.break_by(FaultRule::of_operation(Operation::StartFailover, Fault::Forbidden));
        respond(&world, &alarm(&world, "ALARM"));
        let stands = world.journal(OSAKA).unwrap().attempt.unwrap();
        assert_eq!(stands.by.as_deref(), Some("another"), "it is not written over");
    }
}

/// Half a minute later others may start one: who was stopped for so long does not write its attempt anew.
#[test]
fn an_attempt_that_was_written_over_is_not_written_anew_after_ten_seconds() {
    for (slow_ms, starts) in [(9_900, true), (10_100, false)] {
        let world = outage(FailoverMode::Automatic);
        world.interrupt(Operation::PutJournal, move |world| {
            world.interrupt(Operation::ReadJournal, move |world| {
                world.advance_ms(slow_ms);
                world.put_journal(OSAKA, &calling(world, "another"));
            });
        });
        respond(&world, &alarm(&world, "ALARM"));
        assert_eq!(world.take_failovers().len(), usize::from(starts), "after {slow_ms} ms");
    }
}

/// An alarm whose time is after the decision is another clock's: it is no moment of this failover.
#[test]
fn an_alarm_is_the_first_moment_where_it_was_not_after_the_decision() {
    for (later_ms, first) in [(0, "alarm"), (1, "decided")] {
        let decided = |shift: Option<Timestamp>| {
            let world = outage(FailoverMode::Automatic);
            let mut trigger = alarm(&world, "ALARM");
            trigger.alarms[0].at = shift;
            let outcome = respond(&world, &trigger);
            let phases = result(&outcome).phases.clone();
            (phases.iter().find(|phase| phase.name == "decided").unwrap().at, phases)
        };
        let at = decided(None).0.plus_ms(later_ms);
        assert_eq!(decided(Some(at)).1[0].name, first);
    }
}

/// Whoever wrote over what another was about to say waits, and leaves it to that one.
#[test]
fn of_two_invocations_that_find_the_same_one_tells() {
    let world = outage(FailoverMode::Advise);
    world.interrupt(Operation::PutJournal, |world| world.put_journal(OSAKA, &Journal::default()));
    world.interrupt(Operation::ReadJournal, |world| {
        let journal = world.journal(OSAKA).unwrap();
        assert!(journal.said.is_some(), "{journal:?}");
        world.put_journal(OSAKA, &Journal { said_by: Some("another".to_owned()), ..journal });
    });
    respond(&world, &alarm(&world, "ALARM"));
    assert!(world.take_notices().is_empty());
}
