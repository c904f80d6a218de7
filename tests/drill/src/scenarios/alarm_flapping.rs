//! alarm-flapping: alarms that come and go, told of at once, late, and in the wrong order.

use std::time::Instant;

use drill_cloud::{Alarm, AlarmChange, AlarmState, Region, Shape};
use drill_report::{EventKind, Lane};

use crate::script::alarms::{MAIL, Outcome, answers};
use crate::script::play::Play;
use crate::script::{Action, Expects, Script};
use crate::stage::error::DrillError;
use crate::stage::policy::{LOCAL, Policy, WITNESS, WRITER_ALARMS};

pub(crate) const SCRIPT: Script = Script {
    name: "alarm-flapping",
    title: "Alarms that come and go start nothing",
    story: "Mode automatic; the checks of the database fail all the while, though it takes writes. The two health alarms go off in turn, or both at once but told of only when \
            one is over. An alarm is read again before anything is done, so nothing starts.",
    policy: Some(Policy::of("automatic").with_writer_alarms()),
    expects: Expects::NOTHING_MOVES,
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(flapping(play))),
};

/// How often each alarm goes off alone.
const ROUNDS: usize = 3;

async fn flapping(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Alarms that come and go", None);
    let lag = play.measure_lag().await?;
    for alarm in WRITER_ALARMS {
        play.set_alarm(alarm, AlarmState::Alarm).await?;
    }
    let since = Instant::now();
    for _ in 0..ROUNDS {
        for alarm in [LOCAL, WITNESS] {
            goes_off_alone(play, alarm).await?;
        }
    }
    both_go_off_and_are_told_of_late(play).await?;
    quicker_than_told(play).await?;
    play.rest(MAIL).await;
    play.end_leg();
    drop(lag);
    let osaka: Vec<_> = answers(play, since).into_iter().filter(|it| it.region == Region::Osaka).collect();
    play.expect_at_least("Answers of the function in Osaka", 20, osaka.len());
    // While no health alarm is in ALARM the policy is not asked.
    let asked: Vec<_> =
        osaka.iter().filter(|it| it.failed || Outcome::of(&it.payload).is_some()).cloned().collect();
    play.expect_at_least("Those for which the policy was asked", 8, asked.len());
    play.expect_refused("Each of these, and for this reason alone", &asked, &["alarms_in_alarm"]);
    play.expect_failover_calls(0);
    play.expect_record_changes(0);
    Ok(())
}

/// Told of at once, both ways.
async fn goes_off_alone(play: &mut Play, alarm: Alarm) -> Result<(), DrillError> {
    for state in [AlarmState::Alarm, AlarmState::Ok] {
        let change = play.set_alarm(alarm, state).await?;
        play.delivery.alarm(&change, &[Shape::EventBridge]).await;
    }
    Ok(())
}

/// For a second both are in ALARM, which would be enough; nobody hears of it before one of them is over.
async fn both_go_off_and_are_told_of_late(play: &mut Play) -> Result<(), DrillError> {
    let changes =
        [play.set_alarm(LOCAL, AlarmState::Alarm).await?, play.set_alarm(WITNESS, AlarmState::Alarm).await?];
    play.rest(1).await;
    let over = play.set_alarm(WITNESS, AlarmState::Ok).await?;
    play.act(Lane::Events, EventKind::Fault, "only now both changes to ALARM are told of");
    tell(play, &changes).await;
    let last = play.set_alarm(LOCAL, AlarmState::Ok).await?;
    tell(play, &[over, last]).await;
    Ok(())
}

/// Several changes of one alarm before the first is told of, and then the newest first.
async fn quicker_than_told(play: &mut Play) -> Result<(), DrillError> {
    let mut changes = Vec::new();
    for _ in 0..2 {
        for state in [AlarmState::Alarm, AlarmState::Ok] {
            changes.push(play.set_alarm(WITNESS, state).await?);
        }
    }
    changes.reverse();
    play.act(Lane::Events, EventKind::Fault, "four changes of the witness, the newest first");
    tell(play, &changes).await;
    Ok(())
}

async fn tell(play: &Play, changes: &[AlarmChange]) {
    for change in changes {
        play.delivery.alarm(change, &[Shape::Sns, Shape::SnsEventBridge]).await;
    }
}
