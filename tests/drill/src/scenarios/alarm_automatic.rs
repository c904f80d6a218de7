//! alarm-automatic: the failover is started by the function, once, and reported.

use std::time::Instant;

use drill_cloud::aurora::{Moment, Role};
use drill_cloud::{AlarmChange, AlarmState, Region, Shape};
use drill_report::{EventKind, Expectation, Lane};
use serde_json::Value;

use crate::script::alarms::{MAIL, OSAKA_SHAPES, Outcome, WITNESS_SHAPES, answers, check, is, summary};
use crate::script::play::Play;
use crate::script::{Action, Expects, Script};
use crate::stage::delivery::Invoked;
use crate::stage::error::DrillError;
use crate::stage::policy::{LOCAL, Policy, WITNESS};

pub(crate) const SCRIPT: Script = Script {
    name: "alarm-automatic",
    title: "The alarms go off, and the failover is started, once",
    story: "Mode automatic. The same outage and the same alarms; when both are in ALARM and Seoul has been silent for half a minute, the \
            function in Osaka starts the failover by itself, in one call however often it is told, publishes, and reports. Then Seoul comes back with stale news and late \
            alarms, and nothing may move back.",
    policy: Some(Policy::of("automatic")),
    expects: Expects::ALARMS_MOVE_IT,
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(started(play))),
};

/// What the answer of the invocation that started it has to date.
const PHASES: [&str; 5] = ["alarm", "decided", "accepted", "promoted", "published"];

async fn started(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka", Some(Region::Osaka));
    let lag = play.measure_lag().await?;
    play.rest(1).await;
    let since = play.seoul_goes_dark().await?;
    play.rest(1).await;

    let first = play.set_alarm(LOCAL, AlarmState::Alarm).await?;
    // Cold, as a function is that only alarms wake.
    let alone = play.delivery.alarm(&first, &OSAKA_SHAPES).await;
    play.expect_refused("While the witness is OK", &alone, &["alarms_in_alarm", "writer_down"]);

    let second = play.set_alarm(WITNESS, AlarmState::Alarm).await?;
    let alarmed = Instant::now();
    play.alarmed();
    // All at once, and the first alarm's again among them: several invocations work on them, and one of these starts it.
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
    play.expect_one_message("todo: failover to ap-northeast-3 from ap-northeast-2 started");
    play.expect_one_message("todo: failed over to ap-northeast-3 from ap-northeast-2 in ");
    play.expect_page_of_the_failover().await?;
    play.expect_some_message("todo: no standby");
    seoul_is_back(play, &[first, second]).await
}

/// Exactly one of the answers says that it started one, with the times of what followed.
fn expect_started(play: &mut Play, since: Instant) {
    let answers = answers(play, since);
    let started: Vec<&Invoked> = answers.iter().filter(|it| is("started", it)).collect();
    let failed = answers.iter().filter(|it| it.failed).count();
    let phases = started.first().and_then(|it| Outcome::of(&it.payload)).map(Outcome::phases);
    let phases = phases.unwrap_or_default();
    let complete = PHASES.iter().all(|name| phases.contains(name));
    let (count, delivered) = (started.len(), answers.len());
    play.expect_at_least("Alarms delivered when both were in ALARM", 5, delivered);
    play.expect_that(
        "Answers that say that they started one",
        "1",
        format!("{count}: {}", summary(&answers)),
        count == 1,
    );
    play.expect_exactly("Invocations that failed", 0, failed);
    play.expect_that("Its phases", PHASES.join(", "), phases.join(", "), complete);
}

/// What the writer's Region says of the disaster recovery that is left.
async fn expect_standby(play: &mut Play, when: &str, wanted: bool) {
    let invoked = play.delivery.invoke(Region::Osaka, "schedule").await;
    let standby = invoked.payload.pointer("/results/0/standby").and_then(Value::as_bool);
    play.expect(Expectation::exactly(format!("There is a standby when {when}"), wanted, standby));
}

/// Its endpoints still claim the writer, the alarms are still in ALARM, and their changes come late.
async fn seoul_is_back(play: &mut Play, late: &[AlarmChange; 2]) -> Result<(), DrillError> {
    play.begin_leg("Seoul is back with stale news and late alarms", None);
    let back = play.seoul_answers("Seoul's services answer again and still claim the writer")?;
    deliver(play, late).await;
    play.seoul_learns().await?;
    // A Region's endpoint shows a change a moment after it happened.
    let follows = |play: &Play| {
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
    play.expect_that("The cooldown keeps Seoul from taking it back", "it does not pass", found, blocked);
    for alarm in [LOCAL, WITNESS] {
        let over = play.set_alarm(alarm, AlarmState::Ok).await?;
        play.delivery.alarm(&over, &[Shape::EventBridge]).await;
    }
    play.wait_for_functions().await?;
    play.rest(MAIL).await;
    play.end_leg();
    play.expect_some_message("todo: the standby is back");
    play.expect_not_moved_back(back);
    play.expect_failover_calls(1);
    play.expect_record_changes(1);
    Ok(())
}

async fn deliver(play: &mut Play, late: &[AlarmChange; 2]) {
    play.act(Lane::Events, EventKind::Fault, "the alarms' changes come once more, late, to both Regions");
    for change in late {
        play.delivery.alarm(change, &[Shape::EventBridge, Shape::Sns]).await;
    }
}
