//! network-cut: the database is well and takes writes in Seoul, and Osaka cannot reach it.

use drill_cloud::{Alarm, AlarmState, Region, Shape};
use drill_report::{Check, EventKind, Lane};

use crate::script::alarms::{MAIL, check};
use crate::script::play::Play;
use crate::script::{Action, Expects, Script};
use crate::stage::delivery::Invoked;
use crate::stage::error::DrillError;
use crate::stage::policy::{
    LOCAL, Policy, Probing, WITNESS, WRITER_FROM_OSAKA, WRITER_FROM_SEOUL, WRITER_FROM_TOKYO,
};

pub(crate) const SCRIPT: Script = Script {
    name: "network-cut",
    title: "Osaka cannot reach the database, and the database is well",
    story: "The network between Osaka and Seoul is cut: Osaka's probe gets no answer, and its alarm goes off, in mode automatic and with every \
            health alarm in ALARM. First Seoul's own services are silent as well, as they are to whoever is cut off from all of Seoul: its own \
            alarm counts no more, and the witness in Tokyo, which reaches the database, decides. Then there is no witness, and Seoul's own \
            alarm says that the database takes writes. Nothing is started, either time, and people are told which alarm is OK.",
    policy: Some(POLICY),
    expects: Expects::NOTHING_MOVES,
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(network_cut(play))),
};

const POLICY: Policy = Policy::of("automatic").with_probes().probed(Probing {
    asked: true,
    over_network: true,
    at_real_pace: false,
});
/// The alarms of an installation with nothing in a third Region.
const WITHOUT_WITNESS: Policy = Policy { writer_alarms: &[WRITER_FROM_SEOUL, WRITER_FROM_OSAKA], ..POLICY };
/// The subject of what people are told.
const SUBJECT: &str = "todo: no failover to ap-northeast-3 from ap-northeast-2: writer_down";

async fn network_cut(play: &mut Play) -> Result<(), DrillError> {
    let lag = play.measure_lag().await?;
    // What the alarms said when they were made: the function has seen the database connected.
    let fine = play.set_alarm(LOCAL, AlarmState::Ok).await?;
    play.delivery.alarm(&fine, &[Shape::EventBridge]).await;
    cut(play, "With a witness; all of Seoul is out of reach", true, WRITER_FROM_TOKYO).await?;
    play.stage.configure(Some(WITHOUT_WITNESS)).await?;
    cut(play, "Without a witness; Seoul's database is out of reach", false, WRITER_FROM_SEOUL).await?;
    drop(lag);
    play.expect_failover_calls(0);
    play.expect_record_changes(0);
    Ok(())
}

/// The network is cut, every health alarm goes off, and that alarm keeps the failover from being started.
async fn cut(play: &mut Play, how: &str, silent: bool, decides: Alarm) -> Result<(), DrillError> {
    play.begin_leg(how, None);
    play.rest(1).await;
    let since = play.act(Lane::Database, EventKind::Fault, "the network between Osaka and Seoul is cut");
    play.injected(since);
    set_cut(play, true);
    if silent {
        play.act(Lane::Database, EventKind::Fault, "Seoul's services do not answer either");
        play.delivery.set_dark(Region::Seoul, true);
        play.stage.cloud.front.cut_region(Region::Seoul);
    }
    play.wait_for_writer_alarm(WRITER_FROM_OSAKA, AlarmState::Alarm, since).await?;
    let state = play.probes()?.watch.state(decides);
    let found = state.map_or("none", AlarmState::as_str);
    let what = format!("{how}: meanwhile {} is", decides.name);
    play.expect_that(what, "OK", found, state == Some(AlarmState::Ok));
    let answers = both_go_off(play).await?;
    play.rest(MAIL).await;
    let osaka: Vec<Invoked> = answers.into_iter().filter(|it| it.region == Region::Osaka).collect();
    play.expect_refused(&format!("{how}: Osaka's function"), &osaka, &["writer_down"]);
    let (value, pass) =
        osaka.last().and_then(|it| check(&it.payload, "writer_down")).unwrap_or(("no such check", false));
    let value = value.to_owned();
    play.checks.push(Check { name: "writer_down".to_owned(), value: value.clone(), pass });
    let is_ok = format!("{} in {}: OK", decides.name, decides.region);
    let names = value.contains(&is_ok);
    play.expect_that(
        format!("{how}: what writer_down found"),
        format!("{} is OK", decides.name),
        value,
        names,
    );
    let mut mail = play.mail().into_iter().filter(|mail| mail.at >= since && mail.subject.contains(SUBJECT));
    let says = mail.next_back().is_some_and(|mail| mail.message.contains(&is_ok));
    play.expect_yes(format!("{how}: people are told that {} is OK", decides.name), says);
    play.end_leg();
    is_mended(play, silent).await
}

fn set_cut(play: &Play, cut: bool) {
    if let Some(between) = &play.stage.network {
        between.network.set_cut(cut);
    }
}

/// Every health alarm goes off; the answers when both have.
async fn both_go_off(play: &mut Play) -> Result<Vec<Invoked>, DrillError> {
    let first = play.set_alarm(LOCAL, AlarmState::Alarm).await?;
    let second = play.set_alarm(WITNESS, AlarmState::Alarm).await?;
    play.alarmed();
    let mut answers = play.delivery.alarm(&first, &[Shape::EventBridge]).await;
    answers.extend(play.delivery.alarm(&second, &[Shape::EventBridge]).await);
    Ok(answers)
}

async fn is_mended(play: &mut Play, silent: bool) -> Result<(), DrillError> {
    play.begin_leg("The network is mended", None);
    let since = play.act(Lane::Database, EventKind::Action, "the network is mended");
    set_cut(play, false);
    if silent {
        play.stage.cloud.front.heal_region(Region::Seoul);
        play.delivery.set_dark(Region::Seoul, false);
    }
    play.writer_alarms_are_over().await?;
    for alarm in [LOCAL, WITNESS] {
        let over = play.set_alarm(alarm, AlarmState::Ok).await?;
        play.delivery.alarm(&over, &[Shape::EventBridge]).await;
    }
    // Osaka's app has been cut off as well.
    play.wait_until_moved(Region::Seoul, since).await?;
    play.wait_for_functions().await?;
    play.end_leg();
    Ok(())
}
