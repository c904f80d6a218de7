//! failover-with-lag: the writer is killed with replication paused before; what the check said is lost is held against what was.

use std::time::{Duration, Instant};

use drill_cloud::aurora::Moment;
use drill_cloud::{AlarmState, Region, Shape};
use drill_report::{Check, EventKind, Lane};
use time::OffsetDateTime;

use crate::findings::record;
use crate::script::alarms::{check, is};
use crate::script::operator::{DONE, Operator, step};
use crate::script::play::Play;
use crate::script::probes::SaidLag;
use crate::script::{Action, Expects, Losses, Script};
use crate::stage::delivery::Invoked;
use crate::stage::error::DrillError;
use crate::stage::pace::Pace;
use crate::stage::policy::{LOCAL, Policy, Probing, WITNESS, WRITER_ALARMS};

pub(crate) const SCRIPT: Script = Script {
    name: "failover-with-lag",
    title: "A failover that does lose writes, and said so",
    story: "Replication is paused before the kill, so Osaka is promoted without the last seconds of writes. The probes' alarms date the \
            outage, and the function that starts the failover says how far Osaka was behind, by the age of the heartbeat that it shows. \
            The counter must find the lost writes: this is the proof that a zero elsewhere means something. And none may be older than \
            what was said. When Seoul is back, failoverctl salvage keeps AWS's snapshot of what it held. The probes and their alarms are at AWS's own pace.",
    policy: Some(POLICY),
    expects: Expects { losses: Losses::Found, ..Expects::ALARMS_MOVE_IT },
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(failover_with_lag(play))),
};

/// A function reads the probes' lag in periods of 10 s, so it and the alarms that date the outage are not hurried here.
const POLICY: Policy = Policy {
    max_lag_seconds: 60,
    ..Policy::of("automatic").with_probes().probed(Probing {
        asked: true,
        over_network: false,
        at_real_pace: true,
    })
};
/// For how long nothing is replicated before the kill, in seconds: longer than a whole period.
const PAUSED: f64 = 22.0;

async fn failover_with_lag(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka", Some(Region::Osaka));
    let looked = |play: &Play| play.last_look_at_the_lag(OffsetDateTime::now_utc()).ok().flatten();
    play.wait("a first look at the lag", looked).await?;
    play.act(Lane::Database, EventKind::Fault, "replication to Osaka is paused; Seoul goes on writing");
    play.stage.servers.osaka.pause_replication().await?;
    play.rest(PAUSED).await;
    let since = play.kill_seouls_server().await?;
    play.writer_alarms_go_off(&WRITER_ALARMS, since, Pace::Real.longest_alarm()).await?;
    let started = both_go_off(play).await?;
    play.wait_for_moment(&Moment::Promoted(Region::Osaka), since).await?;
    play.wait_until_moved(Region::Osaka, since).await?;
    play.wait_for_functions().await?;
    play.rest(1).await;
    play.end_leg();
    play.expect_exactly("Answers that say that they started one", 1, started.len());
    play.expect_failover_calls(1);
    let value = started.first().and_then(|it| check(&it.payload, "replication_lag"));
    let (value, pass) = value.unwrap_or(("no such check", false));
    let value = value.to_owned();
    play.checks.push(Check { name: "replication_lag".to_owned(), value: value.clone(), pass });
    expect_said(play, &value).await?;
    keeps_the_evidence(play).await
}

/// Seoul comes back, and with it AWS's snapshot of what it held: the real `failoverctl` keeps a copy of it.
async fn keeps_the_evidence(play: &mut Play) -> Result<(), DrillError> {
    let operator = Operator::prepare(&play.stage).await?;
    play.seoul_rejoins().await?;
    let keep = ["salvage", "todo", "--yes", "--wait"];
    step(play, &operator, &keep, "", DONE, "rds:unplanned-global-failover-").await?;
    let kept = play.aurora().snapshots(Region::Seoul);
    let copies: Vec<_> = kept.iter().filter_map(|it| Some((&it.identifier, it.copy_of.as_ref()?))).collect();
    for (copy, of) in &copies {
        play.notes.push(format!("What was lost is kept in the snapshot {copy}, a copy of {of}."));
    }
    play.expect_exactly("Copies of the old writer's snapshot", 1, copies.len());
    Ok(())
}

/// Every health alarm goes off; the answers that started a failover.
async fn both_go_off(play: &mut Play) -> Result<Vec<Invoked>, DrillError> {
    let first = play.set_alarm(LOCAL, AlarmState::Alarm).await?;
    let second = play.set_alarm(WITNESS, AlarmState::Alarm).await?;
    play.alarmed();
    let deliveries = [&first, &second].map(|change| play.delivery.alarm(change, &[Shape::EventBridge]));
    let answers = futures_util::future::join_all(deliveries).await;
    Ok(answers.into_iter().flatten().filter(|it| is("started", it)).collect())
}

/// No acknowledged write that was lost is older at the onset than what was said, the heartbeat's pace, and the time since the look.
async fn expect_said(play: &mut Play, value: &str) -> Result<(), DrillError> {
    let what = "The oldest acknowledged write that was lost, before the onset, against the lag that was said";
    let Some(said) = SaidLag::read(value) else {
        play.expect_that(what, "a lag with its source", value, false);
        return Ok(());
    };
    let heartbeat = said.source == "heartbeat";
    let pace = if heartbeat { play.probes()?.every } else { Duration::ZERO };
    let last_look =
        play.last_look_at_the_lag(said.onset)?.and_then(|look| Duration::try_from(said.onset - look).ok());
    let present = record::present(&play.stage.servers.osaka, 0).await?;
    let writes = play.workload.writes();
    let lost =
        writes.iter().filter(|it| it.is_acknowledged() && !present.get(it.region).contains(&it.number));
    let oldest = lost.map(|it| it.ended).min();
    let since_onset = Duration::try_from(OffsetDateTime::now_utc() - said.onset).unwrap_or_default();
    let onset = Instant::now().checked_sub(since_onset);
    let real = oldest.zip(onset).map(|(oldest, onset)| onset.saturating_duration_since(oldest));
    let limit = last_look.map(|look| said.lag + pace + look);
    let pass = real.zip(limit).is_some_and(|(real, limit)| real <= limit);
    let ms = |it: Option<Duration>| it.map_or("none".to_owned(), |it| format!("{} ms", it.as_millis()));
    let wanted = format!(
        "at most {}: {} said by {}, {} the pace of its looks, {} since the last look",
        ms(limit),
        ms(Some(said.lag)),
        said.source,
        ms(Some(pace)),
        ms(last_look),
    );
    play.expect_that(what, wanted, ms(real), pass);
    play.expect_that("Who said it", "a probe", said.source, heartbeat);
    Ok(())
}
