//! The scenarios, each a script of a page: what is done, in order, and what has to hold.

mod alarm;
mod by_hand;
mod expect;
mod failback;
mod failovers;
mod front_door;
mod outages;
mod planned;
mod rules;

use std::time::{Duration, Instant};

use clap::ValueEnum;
use drill_cloud::Region;
use drill_report::{Expectation, NamedValue, Scenario};

use crate::alarms::Policy;
use crate::app::channel;
use crate::error::DrillError;
use crate::play::Play;
use crate::progress::Progress;
use crate::record;
use crate::stage::{Props, Stage};
use crate::workload::Stream;

/// A scenario's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Name {
    /// Nothing moves for a while.
    Steady,
    /// Planned, Seoul to Osaka and back.
    Switchover,
    /// The writer is killed, the other promoted.
    Failover,
    /// The same with replication paused before.
    FailoverWithLag,
    /// No event arrives.
    LostEvent,
    /// Each event five times, in the wrong order.
    DuplicateEvents,
    /// All of Seoul is black-holed, then back.
    RegionDown,
    /// Route 53's control plane is black-holed, then back.
    Route53Down,
    /// Both Regions claim the writer.
    SplitBrain,
    /// The alarms go off, and a person is told what could be done.
    AlarmAdvise,
    /// The alarms go off, and the failover is started.
    AlarmAutomatic,
    /// The alarms come and go.
    AlarmFlapping,
    /// The alarms stay, and one check after the other does not pass.
    AlarmBlocked,
    /// A person's session with failoverctl.
    ByHand,
    /// Seoul's app dies, and DNS leads users to Osaka's.
    AppFailure,
    /// The writer's database dies, and the apps' alarms start the failover.
    DatabaseFailure,
    /// App, database and functions of Seoul at once.
    RegionFailure,
    /// Back to Seoul by the deployed function `drill`. Only played on what Terraform made.
    #[value(skip)]
    Failback,
}

impl Name {
    /// All, in the order in which they are played.
    pub(crate) const ALL: [Self; 17] = [
        Self::Steady,
        Self::Switchover,
        Self::Failover,
        Self::FailoverWithLag,
        Self::LostEvent,
        Self::DuplicateEvents,
        Self::RegionDown,
        Self::Route53Down,
        Self::SplitBrain,
        Self::AlarmAdvise,
        Self::AlarmAutomatic,
        Self::AlarmFlapping,
        Self::AlarmBlocked,
        Self::ByHand,
        Self::AppFailure,
        Self::DatabaseFailure,
        Self::RegionFailure,
    ];

    /// The name in the report and on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Switchover => "switchover",
            Self::Failover => "failover",
            Self::FailoverWithLag => "failover-with-lag",
            Self::LostEvent => "lost-event",
            Self::DuplicateEvents => "duplicate-events",
            Self::RegionDown => "region-down",
            Self::Route53Down => "route53-down",
            Self::SplitBrain => "split-brain",
            Self::AlarmAdvise => "alarm-advise",
            Self::AlarmAutomatic => "alarm-automatic",
            Self::AlarmFlapping => "alarm-flapping",
            Self::AlarmBlocked => "alarm-blocked",
            Self::ByHand => "by-hand",
            Self::AppFailure => "app-failure",
            Self::DatabaseFailure => "database-failure",
            Self::RegionFailure => "region-failure",
            Self::Failback => "failback",
        }
    }

    /// Whether the writer moves in it.
    pub(crate) const fn moves(self) -> bool {
        !matches!(
            self,
            Self::Steady | Self::AlarmAdvise | Self::AlarmFlapping | Self::AlarmBlocked | Self::AppFailure
        )
    }

    /// Whether alarms start a failover in it.
    pub(crate) const fn starts_one(self) -> bool {
        matches!(self, Self::AlarmAutomatic | Self::DatabaseFailure | Self::RegionFailure)
    }

    /// Whether users write by way of the application's name, with its own failover before the apps.
    pub(crate) const fn has_users(self) -> bool {
        matches!(self, Self::AppFailure | Self::DatabaseFailure | Self::RegionFailure)
    }

    /// What the configuration says about alarms; nothing where `follow` alone is at work.
    const fn policy(self) -> Option<Policy> {
        match self {
            Self::AlarmAdvise => Some(Policy::of("advise")),
            Self::AlarmAutomatic | Self::AlarmFlapping => Some(Policy::of("automatic")),
            Self::AlarmBlocked => Some(alarm::blocked::POLICY),
            Self::AppFailure | Self::DatabaseFailure | Self::RegionFailure => {
                Some(Policy::of_app_failover("automatic"))
            }
            _ => None,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Steady => "Nothing moves, and nothing is written to AWS",
            Self::Switchover => "A planned switchover, there and back",
            Self::Failover => "The writer is killed and the other Region promoted",
            Self::FailoverWithLag => "A failover that does lose writes",
            Self::LostEvent => "No event arrives; the schedule alone repairs it",
            Self::DuplicateEvents => "Every event five times, late and in the wrong order",
            Self::RegionDown => "A whole Region goes dark, and comes back with stale news",
            Self::Route53Down => "Route 53's control plane is down",
            Self::SplitBrain => "Both Regions claim the writer",
            Self::AlarmAdvise => "The alarms go off, and a person is told what could be done",
            Self::AlarmAutomatic => "The alarms go off, and the failover is started, once",
            Self::AlarmFlapping => "Alarms that come and go start nothing",
            Self::AlarmBlocked => "One check after the other keeps a failover from being started",
            Self::ByHand => "A person's session: plan, hold, switch over, fail back, declare",
            Self::AppFailure | Self::DatabaseFailure | Self::RegionFailure => front_door::title(self),
            Self::Failback => "Back to Seoul, by the function that people invoke",
        }
    }

    const fn story(self) -> &'static str {
        match self {
            Self::Steady => {
                "Both functions run on their schedule while the apps write. A pass with nothing to do must make no write call."
            }
            Self::Switchover => {
                "An operator switches the writer from Seoul to Osaka and, once it has settled, back. Aurora stops the old \
                 writer cleanly, so no acknowledged write may be lost."
            }
            Self::Failover => {
                "Seoul's database server is killed with SIGKILL while the apps write; Aurora promotes Osaka. Replication is \
                 asynchronous: what was lost is looked up write by write, not assumed. Afterwards Seoul is rewound and follows."
            }
            Self::FailoverWithLag => {
                "Replication is paused before the kill, so Osaka is promoted without the last seconds of writes. The counter \
                 must find them: this is the proof that a zero elsewhere means something."
            }
            Self::LostEvent => {
                "The same failover, but every RDS event is dropped. Events are hints; the schedule finds the new writer."
            }
            Self::DuplicateEvents => {
                "A switchover whose events are kept back and then delivered five times each, newest first, the old primary's own \
                 0184 and 0185 last: a function that obeys events would point back to the demoted cluster."
            }
            Self::RegionDown => {
                "All of Seoul is black-holed: RDS, Parameter Store, function and database. Osaka is promoted and its function moves \
                 the record without a word from Seoul. Then Seoul's endpoints come back, still claiming the writer."
            }
            Self::Route53Down => {
                "Route 53's control plane is black-holed during a failover. The parameters must follow all the same, the invocations \
                 must fail so that somebody hears of it, and the record must follow once Route 53 is back."
            }
            Self::SplitBrain => {
                "Osaka is promoted while Seoul cannot be fenced and goes on claiming. The fresh claim is published once; from then on \
                 both claim, so the functions hold with WriterConflict and never move back."
            }
            Self::AlarmAdvise => {
                "Mode advise. All of Seoul is black-holed; Osaka's alarm goes off, then the witness's in Tokyo, each told of in several \
                 shapes and several times. Nothing may be started, and each of the two changes brings one message, with every check and \
                 the commands that a person would run."
            }
            Self::AlarmAutomatic => {
                "Mode automatic. The same outage and the same alarms; when both are in ALARM the function in Osaka starts the failover by \
                 itself, in one call however often it is told, publishes, and reports. Then Seoul comes back with stale news and late \
                 alarms, and nothing may move back."
            }
            Self::AlarmFlapping => {
                "Mode automatic, and nothing is wrong with the writer. The two alarms go off in turn, or both at once but told of only when \
                 one is over. An alarm is read again before anything is done, so nothing starts."
            }
            Self::AlarmBlocked => {
                "Mode automatic, and both alarms stay in ALARM while the writer works. For one reason after the other, and for that reason \
                 alone, the failover must not be started, and the answer must name it."
            }
            Self::ByHand => {
                "The real failoverctl against the function drill in both Regions: status, plan, a hold that refuses a switchover, release, \
                 switchover, failback. Then Seoul goes dark, Osaka's cluster is detached and promoted, and nothing moves until the person \
                 declares it; Seoul's function is asked first and does not answer."
            }
            Self::AppFailure | Self::DatabaseFailure | Self::RegionFailure => front_door::story(self),
            Self::Failback => {
                "After a failover the writer is in Osaka. The function drill, as it was deployed, is asked for a switchover to Seoul; \
                 follow publishes it. No acknowledged write may be lost."
            }
        }
    }
}

/// Plays one scenario on a stage of its own.
pub(crate) async fn play(name: Name, props: &Props, progress: &Progress) -> Result<Scenario, DrillError> {
    if name.has_users() {
        return Box::pin(front_door::play(name, props, progress)).await;
    }
    let stage = Box::pin(Stage::start(props, name.policy())).await?;
    Ok(Box::pin(play_on(stage, name, props, progress)).await?.0)
}

/// Plays one scenario on that stage, and hands the stage back.
pub(crate) async fn play_on(
    stage: Stage,
    name: Name,
    props: &Props,
    progress: &Progress,
) -> Result<(Scenario, Stage), DrillError> {
    let writer = stage.cloud.aurora.truth().writer().unwrap_or(Region::Seoul);
    let mut play = Play::begin(stage, writer, progress).await?;
    rules::send_unrelated_event(&play);
    match name {
        Name::Steady => planned::steady(&mut play).await,
        Name::Switchover => planned::switchover(&mut play).await,
        Name::DuplicateEvents => planned::duplicate_events(&mut play).await,
        Name::Failover => failovers::failover(&mut play).await,
        Name::FailoverWithLag => failovers::failover_with_lag(&mut play).await,
        Name::LostEvent => failovers::lost_event(&mut play).await,
        Name::RegionDown => outages::region_down(&mut play).await,
        Name::Route53Down => outages::route53_down(&mut play).await,
        Name::SplitBrain => outages::split_brain(&mut play).await,
        Name::AlarmAdvise => alarm::advise::play(&mut play).await,
        Name::AlarmAutomatic => alarm::automatic::play(&mut play).await,
        Name::AlarmFlapping => alarm::flapping::play(&mut play).await,
        Name::AlarmBlocked => alarm::blocked::play(&mut play).await,
        Name::ByHand => by_hand::play(&mut play, props).await,
        Name::AppFailure | Name::DatabaseFailure | Name::RegionFailure => Ok(()),
        Name::Failback => failback::play(&mut play).await,
    }?;
    let scenario = finish(name, &mut play).await?;
    Ok((scenario, play.stage))
}

/// After every script: the functions run once more and must find nothing to do; then the writes are looked up.
async fn finish(name: Name, play: &mut Play<'_>) -> Result<Scenario, DrillError> {
    play.delivery.set_schedule(None);
    play.wait_for_functions().await?;
    if name != Name::SplitBrain && name != Name::ByHand {
        expect::second_pass_changes_nothing(play).await;
    }
    if name != Name::AppFailure {
        expect::apps_never_restarted(play);
    }
    rules::expect_events_met_rules(play);
    let stale = expect::stale_sessions(play).await?;
    // A detached cluster is in no global cluster, so Aurora does not call it the writer.
    let named = play.aurora().truth().writer().unwrap_or(Region::Seoul);
    let holder = if name == Name::ByHand { Region::Osaka } else { named };
    let writes = play.workload.writes();
    let present = record::present(play.stage.servers.get(holder)).await?;
    let legs = record::legs(play, &writes, &present, stale);
    expect::transitions(play, name, &legs);
    if name.has_users() {
        front_door::expect_users(play, name, &legs);
    }
    let looked_up: u64 =
        legs.iter().filter_map(|leg| leg.writes.as_ref()).map(|writes| writes.acknowledged).sum();
    play.expect(Expectation::at_least("Acknowledged writes were looked up one by one", 1, Some(looked_up)));
    if !name.has_users() {
        play.notes.extend(per_app(play, &writes));
    }
    let log = play.delivery.log();
    let decisions = log.iter().filter(|it| it.began >= play.started).filter(|it| !it.payload.is_null());
    Ok(Scenario {
        name: name.as_str().to_owned(),
        title: name.title().to_owned(),
        story: name.story().to_owned(),
        duration_ms: play.ms(Instant::now()),
        steady_state: steady_state(name),
        decisions: decisions.map(|it| it.payload.clone()).collect(),
        timeline: record::timeline(play),
        write_availability: Some(record::series(play, &writes)),
        expectations: std::mem::take(&mut play.expectations),
        checks: std::mem::take(&mut play.checks),
        notes: std::mem::take(&mut play.notes),
        legs,
        by_hand: None,
    })
}

/// How long each app was without an acknowledged write: they follow different channels.
fn per_app(play: &Play<'_>, writes: &[crate::workload::Write]) -> Vec<String> {
    let acknowledged: Vec<_> =
        writes.iter().filter(|it| matches!(it.fate, crate::workload::Fate::Acknowledged(_))).collect();
    let mut notes = Vec::new();
    for span in &play.legs {
        for region in Region::ALL {
            let within: Vec<&&_> =
                acknowledged.iter().filter(|it| it.ended >= span.from && it.ended < span.to).collect();
            let outage_ms = record::outage(play, span, &within, Stream::App(region))
                .map_or(0, drill_report::Interval::length_ms);
            let (city, channel) = (region.city(), channel(region));
            notes.push(format!(
                "{}: the app in {city}, which follows the {channel}, was without writes for {outage_ms} ms.",
                span.name
            ));
        }
    }
    notes
}

fn steady_state(name: Name) -> Vec<NamedValue> {
    let mut values = vec![
        NamedValue::new("writer", "Seoul (ap-northeast-2), published at epoch 1"),
        NamedValue::new("reader", "Osaka (ap-northeast-3), streaming"),
        NamedValue::new("app in Seoul", "follows the writer record"),
        NamedValue::new("app in Osaka", "follows the writer parameter"),
    ];
    if name.has_users() {
        values.push(NamedValue::new("users", "know todo.example.com alone, and are led to Seoul's app"));
        values.push(NamedValue::new("health checks", "of /readyz of both apps, both healthy"));
    }
    values.extend(name.policy().into_iter().flat_map(|policy| {
        [
            NamedValue::new("health alarms", alarms(name)),
            NamedValue::new("failover mode", policy.mode),
            NamedValue::new("largest lag", format!("{} s", policy.max_lag_seconds)),
            NamedValue::new("cooldown", format!("{} s", policy.cooldown_seconds)),
        ]
    }));
    values
}

const fn alarms(name: Name) -> &'static str {
    if name.has_users() {
        "those of both apps' health checks, in us-east-1, both OK"
    } else {
        "one in Osaka, a witness in Tokyo, both OK"
    }
}

/// A stretch in which things may run.
const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
