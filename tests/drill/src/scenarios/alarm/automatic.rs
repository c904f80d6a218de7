//! alarm-automatic: the failover is started by the function, once, and reported.

use std::time::Instant;

use drill_cloud::aurora::{Moment, Role};
use drill_cloud::{AlarmChange, AlarmState, Region, Shape};
use drill_report::{EventKind, Expectation, Lane};
use serde_json::Value;

use super::{
    MAIL, OSAKA_SHAPES, WITNESS_SHAPES, answers, expect_calls, expect_refused, measure_lag, message, summary,
};
use crate::alarms::{LOCAL, Outcome, WITNESS, check};
use crate::delivery::Invoked;
use crate::error::DrillError;
use crate::play::Play;
use crate::scenarios::failovers::rejoin;
use crate::scenarios::outages::seoul_goes_dark;
use crate::scenarios::{expect, seconds};

/// What the answer of the invocation that started it has to date.
const PHASES: [&str; 5] = ["alarm", "decided", "accepted", "promoted", "published"];

pub(crate) async fn play(play: &mut Play<'_>) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka", Some(Region::Osaka));
    let lag = measure_lag(play).await?;
    play.rest(seconds(1)).await;
    let since = seoul_goes_dark(play).await?;
    play.rest(seconds(1)).await;

    let first = play.set_alarm(LOCAL, AlarmState::Alarm).await?;
    // Cold, as a function is that only alarms wake.
    let alone = play.delivery.alarm(&first, &OSAKA_SHAPES).await;
    expect_refused(play, "While the witness is OK", &alone, &["alarms_in_alarm"]);

    let second = play.set_alarm(WITNESS, AlarmState::Alarm).await?;
    let alarmed = Instant::now();
    play.alarmed(alarmed);
    // All at once, and the first alarm's again among them: one invocation at a time works on them.
    tokio::join!(
        play.delivery.alarm(&second, &WITNESS_SHAPES),
        play.delivery.alarm(&first, &[Shape::SnsDirect, Shape::EventBridge]),
    );
    play.wait_for_moment(&Moment::Promoted(Region::Osaka), since).await?;
    play.wait_until_moved(Region::Osaka, since).await?;
    play.wait_for_functions().await?;
    play.end_leg();
    drop(lag);
    expect_started(play, alarmed);
    expect_standby(play, "Seoul is away", false).await;
    play.rest(MAIL).await;
    message::expect_one(play, "todo: failover to ap-northeast-3 started");
    message::expect_one(play, "todo: failed over to ap-northeast-3 in ");
    message::expect_some(play, "todo: no standby");
    seoul_is_back(play, &[first, second]).await
}

/// Exactly one of the answers says that it started one, with the times of what followed.
fn expect_started(play: &mut Play<'_>, since: Instant) {
    let answers = answers(play, since);
    let started: Vec<&Invoked> = answers.iter().filter(|it| is_started(it)).collect();
    let failed = answers.iter().filter(|it| it.failed).count();
    let phases = started.first().and_then(|it| Outcome::of(&it.payload)).map(Outcome::phases);
    let phases = phases.unwrap_or_default();
    let complete = PHASES.iter().all(|name| phases.contains(name));
    let (count, delivered) = (started.len(), answers.len());
    play.expect(Expectation::at_least("Alarms delivered when both were in ALARM", 5, Some(delivered as u64)));
    play.expect(Expectation::judged(
        "Answers that say that they started one",
        "1",
        format!("{count}: {}", summary(&answers)),
        count == 1,
    ));
    play.expect(Expectation::exactly("Invocations that failed", 0, Some(failed)));
    play.expect(Expectation::judged("Its phases", PHASES.join(", "), phases.join(", "), complete));
}

fn is_started(invoked: &Invoked) -> bool {
    Outcome::of(&invoked.payload).is_some_and(|outcome| outcome.action() == "started")
}

/// What the writer's Region says of the disaster recovery that is left.
async fn expect_standby(play: &mut Play<'_>, when: &str, wanted: bool) {
    let invoked = play.delivery.invoke(Region::Osaka, "schedule").await;
    let standby = invoked.payload.pointer("/results/0/standby").and_then(Value::as_bool);
    play.expect(Expectation::exactly(format!("There is a standby when {when}"), wanted, standby));
}

/// Its endpoints still claim the writer, the alarms are still in ALARM, and their changes come late.
async fn seoul_is_back(play: &mut Play<'_>, late: &[AlarmChange; 2]) -> Result<(), DrillError> {
    play.begin_leg("Seoul is back with stale news and late alarms", None);
    let back = play.act(
        Lane::Database,
        EventKind::Action,
        "Seoul's services answer again and still claim the writer",
    );
    play.stage.cloud.reconnect_region(Region::Seoul);
    play.delivery.set_dark(Region::Seoul, false);
    deliver(play, late).await;
    play.aurora().heal(Region::Seoul);
    rejoin(play).await?;
    // A Region's endpoint shows a change a moment after it happened.
    let follows = |play: &Play<'_>| {
        let seen = play.aurora().seen_by(Region::Seoul);
        let cluster = seen.clusters.get(Region::Seoul);
        (cluster.role == Role::Reader && cluster.is_available()).then_some(())
    };
    play.wait("Seoul's endpoint to show that it follows", follows).await?;
    expect_standby(play, "Seoul follows again", true).await;
    deliver(play, late).await;
    let [first, _] = late;
    let seoul = play.delivery.invoke_failover(Region::Seoul, first, Shape::Sns).await;
    let cooldown = check(&seoul.payload, "cooldown");
    let blocked = cooldown.is_some_and(|(_, pass)| !pass);
    let found = cooldown.map_or("no such check", |(value, _)| value).to_owned();
    play.expect(Expectation::judged(
        "The cooldown keeps Seoul from taking it back",
        "it does not pass",
        found,
        blocked,
    ));
    for alarm in [LOCAL, WITNESS] {
        let over = play.set_alarm(alarm, AlarmState::Ok).await?;
        play.delivery.alarm(&over, &[Shape::EventBridge]).await;
    }
    play.wait_for_functions().await?;
    play.rest(MAIL).await;
    play.end_leg();
    message::expect_some(play, "todo: the standby is back");
    let moved_back = play.record_accepted(Region::Seoul, back).is_some();
    play.expect(Expectation::judged("The record moved back", "no", expect::word(moved_back), !moved_back));
    expect_calls(play, 1);
    play.expect(Expectation::exactly("Changes of the record", 1, Some(play.record_changes(play.started))));
    Ok(())
}

async fn deliver(play: &mut Play<'_>, late: &[AlarmChange; 2]) {
    play.act(Lane::Events, EventKind::Fault, "the alarms' changes come once more, late, to both Regions");
    for change in late {
        play.delivery.alarm(change, &[Shape::EventBridge, Shape::Sns]).await;
    }
}
