//! alarm-advise: people are told, once for each alarm, and nothing is started.

use drill_cloud::{AlarmState, Region, Shape};
use drill_report::{EventKind, Lane};

use crate::script::alarms::{MAIL, OSAKA_SHAPES, WITNESS_SHAPES, is, summary};
use crate::script::play::Play;
use crate::script::{Action, Expects, Script};
use crate::stage::error::DrillError;
use crate::stage::policy::{LOCAL, Policy, WITNESS};

pub(crate) const SCRIPT: Script = Script {
    name: "alarm-advise",
    title: "The alarms go off, and a person is told what could be done",
    story: "Mode advise. All of Seoul is black-holed; Osaka's alarm goes off, then the witness's in Tokyo, each told of in several \
            shapes and several times. Only when Seoul's silence has lasted for half a minute does it prove anything. Nothing may be started, \
            and each of the two changes brings one message, with every check and the commands that a person would run.",
    policy: Some(Policy::of("advise")),
    expects: Expects::NOTHING_MOVES,
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(advised(play))),
};

async fn advised(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Seoul is dark, and the alarms go off", None);
    let lag = play.measure_lag().await?;
    // What the alarms said when they were made: the functions are warm.
    let fine = play.set_alarm(LOCAL, AlarmState::Ok).await?;
    play.delivery.alarm(&fine, &[Shape::EventBridge]).await;
    play.rest(1).await;
    play.seoul_goes_dark().await?;
    play.rest(1).await;

    let first = play.set_alarm(LOCAL, AlarmState::Alarm).await?;
    let alone = play.delivery.alarm(&first, &OSAKA_SHAPES).await;
    play.expect_refused("While the witness is OK", &alone, &["alarms_in_alarm", "writer_down"]);

    let second = play.set_alarm(WITNESS, AlarmState::Alarm).await?;
    play.alarmed();
    let both = play.delivery.alarm(&second, &WITNESS_SHAPES).await;
    let all = !both.is_empty() && both.iter().all(|it| is("advised", it));
    play.expect_that("When both are in ALARM", "advised", summary(&both), all);

    play.act(Lane::Events, EventKind::Event, "both changes once more, in other shapes");
    for change in [&first, &second] {
        play.delivery.alarm(change, &[Shape::SnsDirect]).await;
    }
    play.rest(MAIL).await;
    play.expect_messages("Messages, one for each change to ALARM", 2);
    play.expect_one_message(
        "todo: no failover to ap-northeast-3 from ap-northeast-2: alarms_in_alarm, writer_down",
    );
    play.expect_one_message("todo: fail over to ap-northeast-3 from ap-northeast-2? Every check passes");
    play.expect_complete_messages();
    play.end_leg();
    drop(lag);
    seoul_is_back(play).await
}

/// Nobody failed over, and Seoul's outage ends by itself: it still is the writer, and the alarms are over.
async fn seoul_is_back(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Seoul is back", None);
    let back = play.seoul_answers("Seoul answers again, and still is the writer")?;
    play.aurora().heal(Region::Seoul);
    play.stage.servers.seoul.thaw()?;
    let over = [play.set_alarm(LOCAL, AlarmState::Ok).await?, play.set_alarm(WITNESS, AlarmState::Ok).await?];
    for over in over {
        play.delivery.alarm(&over, &[Shape::EventBridge, Shape::Sns]).await;
    }
    play.wait_until_moved(Region::Seoul, back).await?;
    play.rest(MAIL).await;
    play.end_leg();
    play.expect_messages("Messages after the alarms are over: no further one", 2);
    play.expect_failover_calls(0);
    play.expect_record_changes(0);
    Ok(())
}
