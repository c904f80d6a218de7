//! application-broken: a bad release; no app is ready in either Region, and the database is well. Nothing is started, and
//! people are told why.

use drill_cloud::{AlarmState, Region, Shape};
use drill_report::{EventKind, Lane};

use crate::script::alarms::{MAIL, check};
use crate::script::play::Play;
use crate::script::users::{both_alarms_are_over, called, expect_published, served};
use crate::script::{Action, Expects, Script};
use crate::stage::delivery::Invoked;
use crate::stage::error::DrillError;
use crate::stage::front_door::FrontDoor;
use crate::stage::policy::Policy;

pub(crate) const SCRIPT: Script = Script {
    name: "application-broken",
    title: "Both apps are broken, and the database is well",
    story: "A bad release: both apps are started with a wrong password, and neither is ready. Both alarms go off in mode automatic, and \
            nothing says anything about the database but its own Region: it is well. A failover would lose data and mend nothing, so \
            none is started, and people are told that the applications are broken and the database is not. Then the release is \
            taken back.",
    // Without alarms about the database: the word of its own Region alone keeps it where it is.
    policy: Some(Policy::of_app_failover("automatic")),
    expects: Expects { apps_run_on: false, ..Expects::NOTHING_MOVES },
    has_real_pace: false,
    play: Action::WithUsers(|play, door| Box::pin(application_broken(play, door))),
};

/// What people have to read.
const WHY: &str = "The applications are broken and the database is not";
/// The subject of the one message.
const SUBJECT: &str = "todo: no failover to ap-northeast-3 from ap-northeast-2: writer_down";
/// How many of the schedule's ticks are seen while both alarms are in ALARM, in periods.
const TICKS: u32 = 3;

async fn application_broken(play: &mut Play, door: &FrontDoor) -> Result<(), DrillError> {
    breaks(play, door).await?;
    is_mended(play, door).await?;
    expect_published(play, "At the end", Region::Seoul, 1, &Region::ALL).await?;
    play.expect_failover_calls(0);
    play.expect_record_changes(0);
    Ok(())
}

async fn breaks(play: &mut Play, door: &FrontDoor) -> Result<(), DrillError> {
    play.begin_leg("A bad release in both Regions", None);
    let lag = play.measure_lag().await?;
    play.rest(1).await;
    let since = play.act(Lane::Clients, EventKind::Fault, "both apps are released with a wrong password");
    play.injected(since);
    play.stage.restart_apps_with(&drill_postgres::Password::random()).await?;
    for region in Region::ALL {
        called(play, door, region, false, since).await?;
    }
    let answers = both_go_off(play, door).await?;
    let schedule = play.stage.pace.schedule();
    play.delivery.set_schedule(Some(schedule));
    play.rest((schedule * TICKS).as_secs_f64()).await;
    play.delivery.set_schedule(None);
    play.wait_for_functions().await?;
    play.rest(MAIL).await;
    play.end_leg();
    drop(lag);
    let osaka: Vec<Invoked> = answers.into_iter().filter(|it| it.region == Region::Osaka).collect();
    play.expect_refused("When both alarms are in ALARM, Osaka's function", &osaka, &["writer_down"]);
    let value = osaka.last().and_then(|it| check(&it.payload, "writer_down")).map_or("", |(value, _)| value);
    let is_told = value.contains("the database is not");
    play.expect_that("What it found about the database", "it is not broken", value.to_owned(), is_told);
    play.expect_one_message(SUBJECT);
    let messages = play.mail();
    let told = messages.iter().find(|mail| mail.subject.contains(SUBJECT));
    let says = told.is_some_and(|mail| mail.message.contains(WHY));
    play.expect_yes("The message says that the applications are broken and the database is not", says);
    Ok(())
}

/// Both alarms go off; the answers when both have.
async fn both_go_off(play: &mut Play, door: &FrontDoor) -> Result<Vec<Invoked>, DrillError> {
    let mut changes = Vec::new();
    for region in Region::ALL {
        let what = format!("the alarm of {}'s health check to be ALARM", region.city());
        play.wait(&what, |_| (door.alarm_state(region) == AlarmState::Alarm).then_some(())).await?;
        changes.push(play.set_alarm(drill_cloud::app_failover::alarm(region), AlarmState::Alarm).await?);
    }
    play.alarmed();
    let mut answers = Vec::new();
    for change in &changes {
        answers.extend(play.delivery.alarm(change, &[Shape::EventBridge]).await);
    }
    Ok(answers)
}

async fn is_mended(play: &mut Play, door: &FrontDoor) -> Result<(), DrillError> {
    play.begin_leg("The release is taken back", None);
    let since = play.act(Lane::Clients, EventKind::Action, "both apps are released as they were");
    play.injected(since);
    play.stage.restart_apps().await?;
    for region in Region::ALL {
        called(play, door, region, true, since).await?;
    }
    served(play, Region::Seoul, Region::Seoul, since).await?;
    both_alarms_are_over(play, door).await?;
    play.wait_for_functions().await?;
    play.end_leg();
    Ok(())
}
