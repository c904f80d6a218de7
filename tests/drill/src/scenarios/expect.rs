//! Expectations that several scenarios share.

use std::time::Instant;

use drill_cloud::Region;
use drill_report::{Expectation, Leg, PhaseName};
use serde_json::Value;

use super::Name;
use crate::error::DrillError;
use crate::play::Play;

/// How long after the promotion the record may move, in milliseconds.
pub(crate) const RECORD_MS_MAX: u64 = 2_000;

/// A second pass right after everything makes no write call, in either Region.
pub(crate) async fn second_pass_changes_nothing(play: &mut Play<'_>) {
    // The first of these passes may still have something to remember; the second may not.
    for region in Region::ALL {
        play.delivery.invoke(region, "final pass").await;
    }
    let since = Instant::now();
    let mut decisions = Vec::new();
    for region in Region::ALL {
        let invoked = play.delivery.invoke(region, "pass after the final pass").await;
        decisions.push(decision(&invoked.payload));
    }
    let writes = play.writes_since(since).len();
    play.expect(Expectation::exactly("A pass after the last one writes nothing", 0, Some(writes)));
    let all = decisions.iter().all(|decision| decision == "unchanged");
    play.expect(Expectation::judged("Both functions end with", "unchanged", decisions.join(", "), all));
}

/// The apps followed without a restart.
pub(crate) fn apps_never_restarted(play: &mut Play<'_>) {
    let seoul = play.stage.apps.seoul.never_stopped();
    let osaka = play.stage.apps.osaka.never_stopped();
    let measured = if seoul && osaka { "both still run" } else { "one stopped" };
    play.expect(Expectation::judged("The apps need no restart", "both still run", measured, seoul && osaka));
}

/// Sessions that still reached a demoted writer, by the apps' own count.
pub(crate) async fn stale_sessions(play: &Play<'_>) -> Result<u64, DrillError> {
    let failed = |source| DrillError::Http { operation: "read the apps' metrics", source };
    let mut total = 0;
    for region in Region::ALL {
        let app = play.stage.apps.get(region);
        let http = reqwest::Client::builder().no_proxy().build().map_err(failed)?;
        let answer = http.get(format!("{}/metrics.json", app.url)).send().await.map_err(failed)?;
        let metrics: Value = answer.json().await.map_err(failed)?;
        let counted = metrics.get("stale_sessions").and_then(Value::as_u64);
        total += counted.ok_or_else(|| DrillError::App {
            region: region.id(),
            problem: "does not count stale_sessions".to_owned(),
        })?;
    }
    Ok(total)
}

/// What every leg in which the writer moved has to show.
pub(crate) fn transitions(play: &mut Play<'_>, name: Name, legs: &[Leg]) {
    for leg in legs.iter().filter(|leg| leg.at_ms(&PhaseName::Promoted).is_some()) {
        let took = |to: &PhaseName| {
            leg.between_ms(&PhaseName::Promoted, to).and_then(|ms| u64::try_from(ms.max(0)).ok())
        };
        let record = took(&PhaseName::RecordAccepted);
        let parameter = took(&PhaseName::ParameterAccepted);
        match name {
            Name::Switchover
            | Name::Failover
            | Name::FailoverWithLag
            | Name::RegionDown
            | Name::SplitBrain
            | Name::AlarmAutomatic
            | Name::DatabaseFailure
            | Name::RegionFailure
            | Name::Failback => {
                let what = format!("{}: the record moves after the promotion within", leg.name);
                play.expect(Expectation::within_ms(what, RECORD_MS_MAX, record));
            }
            Name::Steady
            | Name::LostEvent
            | Name::DuplicateEvents
            | Name::Route53Down
            | Name::AlarmAdvise
            | Name::AlarmFlapping
            | Name::AlarmBlocked
            | Name::ByHand
            | Name::AppFailure => {}
        }
        let lost = leg.writes.as_ref().map(|writes| writes.lost);
        match name {
            Name::Switchover | Name::DuplicateEvents | Name::Failback => {
                let what = format!("{}: acknowledged writes that were lost", leg.name);
                play.expect(Expectation::exactly(what, 0, lost));
            }
            Name::FailoverWithLag => {
                play.expect(Expectation::at_least("The counter finds writes that were lost", 1, lost));
            }
            _ => {}
        }
        let what = format!("{}: the parameter was published", leg.name);
        play.expect(Expectation::judged(what, "yes", word(parameter.is_some()), parameter.is_some()));
    }
}

/// The decision of an answer: a hold by its name.
pub(crate) fn decision(payload: &Value) -> String {
    let result = payload.pointer("/results/0");
    let text = |key: &str| result.and_then(|it| it.get(key)).and_then(Value::as_str);
    text("hold").or_else(|| text("decision")).unwrap_or("failed").to_owned()
}

/// `yes` or `no`.
pub(crate) const fn word(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
