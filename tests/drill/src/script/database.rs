//! What happens to the databases and to their Regions.

use std::time::Instant;

use drill_cloud::Region;
use drill_cloud::aurora::Moment;
use drill_report::{Check, EventKind, Lane};
use serde_json::Value;

use super::expect::decision;
use super::play::Play;
use crate::stage::delivery::Invoked;
use crate::stage::error::DrillError;

/// How many seconds until the emulated Aurora notices and promotes. The real one takes minutes; the drill times what comes after.
const NOTICED: f64 = 0.5;

impl Play {
    /// A planned move, until Aurora says that it is over; answers when it was asked for.
    pub(crate) async fn switch_over(&mut self, target: Region, text: &str) -> Result<Instant, DrillError> {
        let since = self.act(Lane::Database, EventKind::Action, text);
        self.injected(since);
        self.aurora().switchover(target).map_err(DrillError::refused("switch over"))?;
        self.wait_for_moment(&Moment::Finished, since).await?;
        Ok(since)
    }

    /// Kills Seoul's server; answers when.
    pub(crate) async fn kill_seouls_server(&mut self) -> Result<Instant, DrillError> {
        let since = self.act(Lane::Database, EventKind::Fault, "kill -9 of Seoul's database server");
        self.injected(since);
        self.stage.servers.seoul.kill().await?;
        Ok(since)
    }

    /// Kills Seoul's server and has Osaka promoted; answers when the server was killed.
    pub(crate) async fn kill_and_promote(&mut self) -> Result<Instant, DrillError> {
        let since = self.kill_seouls_server().await?;
        self.fail_over_to_osaka().await?;
        self.wait_for_moment(&Moment::Promoted(Region::Osaka), since).await?;
        Ok(since)
    }

    /// Aurora begins to promote Osaka.
    pub(crate) async fn fail_over_to_osaka(&mut self) -> Result<(), DrillError> {
        self.rest(NOTICED).await;
        self.act(Lane::Database, EventKind::Action, "Aurora fails over to Osaka, data loss allowed");
        self.aurora().failover(Region::Osaka).map_err(DrillError::refused("fail over"))
    }

    /// The former writer is rewound and follows.
    pub(crate) async fn seoul_rejoins(&mut self) -> Result<(), DrillError> {
        self.wait_for_transition().await?;
        self.act(Lane::Database, EventKind::Action, "Seoul is rewound and follows Osaka");
        self.aurora().rejoin(Region::Seoul).await.map_err(DrillError::refused("take Seoul back"))
    }

    /// Waits until no transition is under way.
    pub(crate) async fn wait_for_transition(&self) -> Result<(), DrillError> {
        self.wait("the transition's end", |play| (!play.aurora().is_busy()).then_some(())).await
    }

    /// All of Seoul is gone at once; answers when.
    pub(crate) async fn seoul_goes_dark(&mut self) -> Result<Instant, DrillError> {
        let since = self.goes_dark(Region::Seoul)?;
        self.stage.servers.seoul.freeze().await?;
        Ok(since)
    }

    /// The Region's services and functions are gone at once; its servers are whoever's to freeze. Answers when.
    pub(crate) fn goes_dark(&mut self, region: Region) -> Result<Instant, DrillError> {
        let text = format!("all of {} goes dark: RDS, SSM, functions, database", region.city());
        let since = self.act(Lane::Database, EventKind::Fault, &text);
        self.injected(since);
        self.delivery.set_dark(region, true);
        if let Some(probes) = &self.stage.probes {
            probes.set_dark(region, true)?;
        }
        self.stage.cloud.cut_region(region);
        Ok(since)
    }

    /// Seoul's services answer again, with what they knew before; answers when.
    pub(crate) fn seoul_answers(&mut self, text: &str) -> Result<Instant, DrillError> {
        self.answers(Region::Seoul, text)
    }

    /// The same of any Region.
    pub(crate) fn answers(&mut self, region: Region, text: &str) -> Result<Instant, DrillError> {
        let back = self.act(Lane::Database, EventKind::Action, text);
        self.stage.cloud.reconnect_region(region);
        self.delivery.set_dark(region, false);
        if let Some(probes) = &self.stage.probes {
            probes.set_dark(region, false)?;
        }
        Ok(back)
    }

    /// Seoul's control plane learns of the promotion, and its database follows.
    pub(crate) async fn seoul_learns(&mut self) -> Result<(), DrillError> {
        self.act(Lane::Database, EventKind::Action, "Seoul learns of the promotion");
        self.aurora().heal(Region::Seoul);
        self.seoul_rejoins().await
    }

    /// Expects that every one of these passes held with `WriterConflict`.
    pub(crate) fn expect_held(&mut self, what: &str, passes: &[Invoked]) {
        let decisions: Vec<String> = passes.iter().map(|it| decision(&it.payload)).collect();
        let held = !decisions.is_empty() && decisions.iter().all(|decision| decision == "WriterConflict");
        self.expect_that(what, "WriterConflict", decisions.join(", "), held);
        let checks =
            passes.last().and_then(|it| it.payload.pointer("/results/0/checks")).and_then(Value::as_array);
        for check in checks.into_iter().flatten() {
            let text = |key: &str| check.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let pass = check.get("pass").and_then(Value::as_bool).unwrap_or_default();
            self.checks.push(Check { name: text("name"), value: text("value"), pass });
        }
    }

    /// Expects that the record was not moved back to Seoul since then.
    pub(crate) fn expect_not_moved_back(&mut self, since: Instant) {
        let moved_back = self.record_accepted(Region::Seoul, since).is_some();
        self.expect_no("The record moved back", moved_back);
    }
}
