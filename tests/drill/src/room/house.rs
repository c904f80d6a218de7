//! What stands in the control room: a stage that is played on by hand, from its beginning to the next reset.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use drill_cloud::aurora::Role;
use drill_cloud::{AlarmChange, Pair, Region};
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::facts::{Facts, Switches};
use super::tally::Tally;
use crate::script::lag::LagMeter;
use crate::script::operator::Operator;
use crate::script::play::Play;
use crate::script::progress::Progress;
use crate::script::users;
use crate::stage::error::DrillError;
use crate::stage::front_door::FrontDoor;
use crate::stage::lock::lock;
use crate::stage::pace::Pace;
use crate::stage::policy::{Policy, Probing};
use crate::stage::props::Props;
use crate::stage::{Stage, Whereabouts};

/// What the configuration says about alarms: whoever plays may see two failovers in two minutes.
pub(crate) const POLICY: Policy = Policy { cooldown_seconds: 60, ..Policy::of_app_failover("automatic") }
    .with_probes()
    .probed(Probing { asked: true, over_network: true, at_real_pace: false });
/// How long what is under way may take to notice that it is over.
const END: Duration = Duration::from_secs(5);
/// How often that is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// Room for alarms that change at once.
const BACKLOG: usize = 64;

/// A stage that is played on by hand.
pub(crate) struct House {
    pub(crate) play: Play,
    pub(crate) door: FrontDoor,
    pub(crate) meter: LagMeter,
    pub(crate) operator: Arc<Operator>,
    pub(crate) switches: Switches,
    pub(crate) tally: Mutex<Tally>,
    /// What clients resolve, as it was read last.
    pub(crate) published: Mutex<Value>,
    /// Whom changes of the health checks' alarms are told to.
    pub(crate) told: broadcast::Sender<AlarmChange>,
    /// Ends all that is done on this stage.
    pub(crate) ending: CancellationToken,
    began: (Instant, OffsetDateTime),
}

impl House {
    /// Sets it all up, where another one was.
    pub(crate) async fn start(
        props: &Arc<Props>,
        pace: Pace,
        before: Option<&Whereabouts>,
        progress: &Progress,
    ) -> Result<Self, DrillError> {
        let stage = Box::pin(Stage::start_at(props, Some(POLICY), pace, before)).await?;
        let operator = Arc::new(Operator::prepare(&stage).await?);
        let (mut play, door) = Box::pin(users::enter(stage, progress)).await?;
        let meter = play.measure_lag().await?;
        let (told, changes) = broadcast::channel(BACKLOG);
        play.delivery.tell(changes);
        play.delivery.set_schedule(Some(pace.schedule()));
        play.events.clear();
        play.started = Instant::now();
        Ok(Self {
            tally: Mutex::new(Tally::begin(&play.workload)),
            play,
            door,
            meter,
            operator,
            switches: Switches::at_first(),
            published: Mutex::default(),
            told,
            ending: CancellationToken::new(),
            began: (Instant::now(), OffsetDateTime::now_utc()),
        })
    }

    /// How things are now.
    pub(crate) fn facts(&self) -> Facts {
        let truth = self.play.aurora().truth();
        Facts {
            running: Pair::each(|region| self.play.stage.servers.get(region).is_running()),
            roles: Pair::each(|region| truth.clusters.get(region).role),
            synchronized: Pair::each(|region| {
                let cluster = truth.clusters.get(region);
                cluster.synchronized || cluster.role == Role::Detached
            }),
            moving: self.play.aurora().is_busy(),
            switches: self.switches.clone(),
        }
    }

    /// That moment in milliseconds since 1970, for a browser.
    pub(crate) fn unix_ms(&self, at: Instant) -> i64 {
        let (instant, wall) = self.began;
        let since = i64::try_from(at.saturating_duration_since(instant).as_millis()).unwrap_or(i64::MAX);
        let before = i64::try_from(instant.saturating_duration_since(at).as_millis()).unwrap_or(i64::MAX);
        let began = i64::try_from(wall.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
        began.saturating_add(since).saturating_sub(before)
    }

    /// Drops what happened before then.
    pub(crate) fn forget(&mut self, before: Instant) {
        let forgotten = self.play.forget(before);
        lock(&self.tally).moved(forgotten);
    }

    /// Stops all of it. A transition that is under way would start a server that it had stopped, and so it is waited for.
    pub(crate) async fn end(self) {
        self.ending.cancel();
        let began = Instant::now();
        self.kill_servers().await;
        while self.play.aurora().is_busy() && began.elapsed() < END {
            tokio::time::sleep(LOOK).await;
        }
        self.kill_servers().await;
    }

    async fn kill_servers(&self) {
        for region in Region::ALL {
            // One that does not run needs no kill, and whatever is left dies with its handle.
            let _ = self.play.stage.servers.get(region).kill().await;
        }
    }
}
