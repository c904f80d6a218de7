//! Everything that people are told, word for word: each outcome of an alarm and each piece of news, whom it goes to, and
//! that it is said once. `INSTA_UPDATE=always` writes the golden output anew.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod outage;

use std::fmt::Write;

use responder_core::config::FailoverMode;
use responder_core::world::known::Known;
use responder_core::world::trigger::Trigger;
use responder_fakes::{
    Fault, FaultRule, LagCourse, OSAKA, Operation, SEOUL, Settings, TOPICS, World, region,
};
use responder_scenarios::assert_golden;

use outage::{BY_SILENCE, alarm, outage_with, respond, settings, ticks};

fn broken(world: &World, operation: Operation, fault: Fault) {
    world.break_by(FaultRule { times: Some(1), ..FaultRule::of_operation(operation, fault) });
}

/// What happens beside the outage.
type Happening = fn(&World);

/// The outcomes of an alarm.
fn outcomes() -> Vec<(&'static str, Settings, Happening)> {
    let automatic = settings(FailoverMode::Automatic);
    vec![
        ("advised", settings(FailoverMode::Advise), |_| ()),
        ("started, and over in time", automatic, |world| world.transitions_take_ms(20_000)),
        ("started, and not over in time", automatic, |_| ()),
        ("refused by RDS", automatic, |world| broken(world, Operation::StartFailover, Fault::Refused)),
        ("no answer from RDS", automatic, |world| {
            world.transitions_take_ms(20_000);
            broken(world, Operation::StartFailover, Fault::LostAnswer);
        }),
        ("held", automatic, |world| world.site(OSAKA).hold = Some("an upgrade".to_owned())),
        ("held right before the call", automatic, |world| {
            world.interrupt(Operation::PutJournal, |world| {
                world.site(OSAKA).hold = Some("an upgrade".to_owned());
            });
        }),
        ("the attempt could not be written", automatic, |world| {
            world.break_by(FaultRule::of_operation(Operation::PutJournal, Fault::Refused));
        }),
        ("the lag is not known", automatic, |world| world.site(OSAKA).lag.always(LagCourse::Stops)),
        ("the writer is well", BY_SILENCE, |world| world.make_reachable(SEOUL)),
        ("the own topic is broken", Settings { topic_arns: TOPICS, ..automatic }, |world| {
            world.make_reachable(SEOUL);
            let own = FaultRule::of_operation(Operation::Publish, Fault::Refused);
            world.break_by(FaultRule { region: Some(region(OSAKA)), ..own });
        }),
    ]
}

/// Each message with its topic, one after the other.
fn told(world: &World, text: &mut String) {
    for (topic, notice) in world.take_told() {
        let _ = writeln!(text, "--- to {topic}\n{}\n\n{}", notice.subject(), notice.message().trim_end());
    }
}

#[test]
fn every_outcome_of_an_alarm_is_told_to_the_right_people_once() {
    let mut text = String::new();
    for (name, settings, happens) in outcomes() {
        let _ = writeln!(text, "=== {name}");
        let world = outage_with(settings);
        happens(&world);
        let trigger = alarm(&world, "ALARM");
        respond(&world, &trigger);
        told(&world, &mut text);
        respond(&world, &trigger);
        ticks(&world, 1);
        let _ = writeln!(text, "--- after that: {} more", world.take_told().len());
    }
    assert_golden("told-of-an-alarm", &text);
}

#[test]
fn every_piece_of_news_is_told_once_and_by_one_region() {
    let news: [(&str, Happening); 4] = [
        ("no standby", |world| world.site(OSAKA).instances = 0),
        ("the standby is back", |world| {
            world.site(OSAKA).instances = 1;
            world.advance_ms(120_000);
        }),
        ("the standby's Region is silent", |world| world.make_unreachable(OSAKA)),
        ("it answers again", |world| {
            world.make_reachable(OSAKA);
            world.advance_ms(3_600_000);
        }),
    ];
    let world = World::with(&[SEOUL, OSAKA], Settings { topic_arns: TOPICS, ..Settings::default() });
    let (world, mut text) = (world.published(SEOUL, 7), String::new());
    for (name, happens) in news {
        let _ = writeln!(text, "=== {name}");
        happens(&world);
        for own in [SEOUL, OSAKA, SEOUL, OSAKA] {
            let deadline = world.now().plus_ms(60_000);
            world.actor(own).follow(&mut Known::default(), &Trigger::default(), deadline);
        }
        told(&world, &mut text);
    }
    assert_golden("told-of-a-standby", &text);
}
