//! What has to hold before a person's transition is called. No I/O; it cannot fail. What is unknown does not pass.
//!
//! The checks are those of the automatic policy where they mean the same for a person:
//!
//! | check | switchover, failback | failover |
//! | --- | --- | --- |
//! | `no_hold` | as in the policy | as in the policy |
//! | `no_transition` | as in the policy | as in the policy |
//! | `no_other_run` | no other run of a person is open | the same |
//! | `single_flight` | as in the policy | as in the policy |
//! | `writer_claims` | the published writer's own Region claims | not asked: it may be dead |
//! | `target_follows` | the target's own Region names the published writer | the same |
//! | `target_ready` | as in the policy | as in the policy |
//! | `versions_equal` | as in the policy | as in the policy |
//! | `replication_lag` | as in the policy | `allow_data_loss` overrides it |
//! | `settled` | the last publication is older than `settle_seconds` | the same |
//!
//! The policy's alarms are what wakes an automatic failover, and its cooldown is what keeps one from flapping: neither
//! is asked of a person. `settled` stands in the cooldown's place, because the record could not follow sooner anyhow.

use crate::answer::result::Check;
use crate::answer::result::CheckVerdict;
use crate::judge::case::Case;
use crate::judge::checks::{no_hold, no_transition, single_flight, target_ready, versions_equal};
use crate::judge::permit::Authorized;
use crate::judge::permit::Switchover;
use crate::judge::replication::replication_lag;
use crate::world::publication::settling_ms;
use crate::world::run::{Kind, Override, Run};
use crate::world::topology::{RegionView, Word};

/// The field of a failover's request that overrides the check of the lag.
const DATA_LOSS: &str = "allow_data_loss";

/// What the preflight came to.
#[derive(Debug)]
pub struct Preflight {
    /// Every check.
    pub checks: Vec<Check>,
    /// Those that did not pass and that the request overrides.
    pub overrides: Vec<Override>,
    /// What may be called; `None` when a check refuses it.
    pub go: Option<Go>,
}

/// A call that may be made.
#[derive(Debug)]
pub enum Go {
    /// The planned one.
    Switchover(Switchover),
    /// The one that may lose data.
    Failover(Authorized),
}

/// Judges a transition of this kind to `case.candidate`, which is the target here: the policy's checks are about the Region that
/// takes over. `other` is the last run, unless it is the one that is to go on.
pub fn preflight(case: Case<'_>, kind: Kind, other: Option<&Run>) -> Preflight {
    let mut checks = vec![no_hold(case), no_transition(case), no_other_run(case, other), single_flight(case)];
    if kind.is_planned() {
        checks.push(writer_claims(case));
    }
    checks.extend([
        target_follows(case),
        target_ready(case),
        versions_equal(case),
        replication_lag(case),
        settled(case),
    ]);
    let overridable = |check: &&Check| !kind.is_planned() && check.name == "replication_lag";
    let failed = || checks.iter().filter(|check| !check.pass);
    let overrides = failed().filter(overridable).map(|check| Override {
        check: check.name.clone(),
        value: check.value.clone(),
        by: DATA_LOSS.to_owned(),
    });
    let overrides = overrides.collect();
    let passes = failed().all(|check| overridable(&check));
    let go = if passes { go(case, kind) } else { None };
    Preflight { checks, overrides, go }
}

fn go(case: Case<'_>, kind: Kind) -> Option<Go> {
    let published = case.evidence.published()?;
    if kind.is_planned() {
        return Switchover::of(case.database, &published.writer, case.candidate).map(Go::Switchover);
    }
    Authorized::of(case.database, case.candidate).map(Go::Failover)
}

fn check(name: &str, value: impl Into<String>, limit: &str, pass: bool) -> Check {
    Check::new(name, value, Some(limit), if pass { CheckVerdict::Pass } else { CheckVerdict::Fail })
}

fn no_other_run(case: Case<'_>, other: Option<&Run>) -> Check {
    let epoch = case.evidence.published().map(|published| published.epoch).unwrap_or_default();
    let open = other.filter(|run| run.is_open(epoch, case.now));
    let value = open
        .map_or_else(|| "none is open".to_owned(), |run| format!("{} to {} is not over", run.id, run.target));
    check("no_other_run", value, "no other run is open", open.is_none())
}

fn writer_claims(case: Case<'_>) -> Check {
    let published = case.evidence.published();
    let writer = published.map(|published| &published.writer);
    let (value, pass) = match writer.map(|writer| (writer, case.evidence.view(writer))) {
        Some((writer, Some(view))) if view.claims(writer) => (format!("{writer} claims the writer"), true),
        Some((writer, Some(_))) => (format!("{writer} itself does not claim the writer"), false),
        Some((writer, None)) => (format!("unknown: {writer}'s RDS endpoint does not answer"), false),
        None => ("unknown: nothing is known to be published".to_owned(), false),
    };
    check("writer_claims", value, "the published writer's own Region says that it is the writer", pass)
}

fn target_follows(case: Case<'_>) -> Check {
    let target = case.candidate;
    let writer = case.evidence.published().map(|published| &published.writer);
    let word = case.evidence.view(target).map(RegionView::word);
    let (value, pass) = match (writer, word) {
        (None, _) => ("unknown: nothing is known to be published".to_owned(), false),
        (_, None) => (format!("unknown: {target}'s RDS endpoint does not answer"), false),
        (Some(writer), Some(Word::Writer(named))) if named == writer => {
            (format!("{target} names {writer}"), true)
        }
        (Some(writer), Some(_)) => (format!("{target} itself does not name {writer} as the writer"), false),
    };
    check("target_follows", value, "the target's own Region names the published writer", pass)
}

fn settled(case: Case<'_>) -> Check {
    let limit = format!("at least {} s since the last publication", case.database.settle_ms() / 1000);
    let Some(published) = case.evidence.published() else {
        return check("settled", "unknown: nothing is known to be published", &limit, false);
    };
    let value = format!("published {} ago", case.now.age_of(published.at));
    match settling_ms(case.database, published, case.now) {
        None => check("settled", value, &limit, true),
        Some(left_ms) => {
            let value = format!("{value}; try again in {} s", left_ms.div_euclid(1000) + 1);
            check("settled", value, &limit, false)
        }
    }
}
