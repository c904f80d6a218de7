//! alarm-advise: people are told, once for each alarm, and nothing is started.

use drill_cloud::{AlarmState, Region, Shape};
use drill_report::{EventKind, Expectation, Lane};

use super::{
    MAIL, OSAKA_SHAPES, WITNESS_SHAPES, expect_calls, expect_refused, measure_lag, message, summary,
};
use crate::alarms::{LOCAL, Outcome, WITNESS};
use crate::delivery::Invoked;
use crate::error::DrillError;
use crate::play::Play;
use crate::scenarios::outages::seoul_goes_dark;
use crate::scenarios::seconds;

/// Writes to Seoul after which it counts as back.
const BACK: usize = 5;

pub(crate) async fn play(play: &mut Play<'_>) -> Result<(), DrillError> {
    play.begin_leg("Seoul is dark, and the alarms go off", None);
    let lag = measure_lag(play).await?;
    // What the alarms said when they were made: the functions are warm.
    let fine = play.set_alarm(LOCAL, AlarmState::Ok).await?;
    play.delivery.alarm(&fine, &[Shape::EventBridge]).await;
    play.rest(seconds(1)).await;
    seoul_goes_dark(play).await?;
    play.rest(seconds(1)).await;

    let first = play.set_alarm(LOCAL, AlarmState::Alarm).await?;
    let alone = play.delivery.alarm(&first, &OSAKA_SHAPES).await;
    expect_refused(play, "While the witness is OK", &alone, &["alarms_in_alarm"]);

    let second = play.set_alarm(WITNESS, AlarmState::Alarm).await?;
    play.alarmed(std::time::Instant::now());
    let both = play.delivery.alarm(&second, &WITNESS_SHAPES).await;
    expect_advised(play, &both);

    play.act(Lane::Events, EventKind::Event, "both changes once more, in other shapes");
    for change in [&first, &second] {
        play.delivery.alarm(change, &[Shape::SnsDirect]).await;
    }
    play.rest(MAIL).await;
    message::expect_count(play, "Messages, one for each change to ALARM", 2);
    message::expect_one(play, "todo: writer alarm, no failover: alarms_in_alarm");
    message::expect_one(play, "todo: fail over to ap-northeast-3? Every check passes");
    let mail = play.mail();
    message::expect_complete(play, &mail);
    play.end_leg();
    drop(lag);
    seoul_is_back(play).await
}

fn expect_advised(play: &mut Play<'_>, invoked: &[Invoked]) {
    let advised = |it: &Invoked| {
        !it.failed && Outcome::of(&it.payload).is_some_and(|outcome| outcome.action() == "advised")
    };
    let all = !invoked.is_empty() && invoked.iter().all(advised);
    play.expect(Expectation::judged("When both are in ALARM", "advised", summary(invoked), all));
}

/// Nobody failed over, and Seoul's outage ends by itself: it still is the writer, and the alarms are over.
async fn seoul_is_back(play: &mut Play<'_>) -> Result<(), DrillError> {
    play.begin_leg("Seoul is back", None);
    let back = play.act(Lane::Database, EventKind::Action, "Seoul answers again, and still is the writer");
    play.stage.cloud.reconnect_region(Region::Seoul);
    play.stage.cloud.aurora.heal(Region::Seoul);
    play.stage.servers.seoul.thaw()?;
    play.delivery.set_dark(Region::Seoul, false);
    for alarm in [LOCAL, WITNESS] {
        let over = play.set_alarm(alarm, AlarmState::Ok).await?;
        play.delivery.alarm(&over, &[Shape::EventBridge, Shape::Sns]).await;
    }
    play.wait_for_writes(Region::Seoul, back, BACK).await?;
    play.rest(MAIL).await;
    play.end_leg();
    message::expect_count(play, "Messages after the alarms are over: no further one", 2);
    expect_calls(play, 0);
    play.expect(Expectation::exactly("Changes of the record", 0, Some(play.record_changes(play.started))));
    Ok(())
}
