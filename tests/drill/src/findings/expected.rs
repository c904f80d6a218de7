//! What a script's [`Expects`] asks of the stage when the script is over, and of the figures.

use std::time::Instant;

use drill_cloud::Region;
use drill_report::{Expectation, Leg, PhaseName};
use serde_json::Value;

use crate::script::expect::{RECORD_MS_MAX, decision};
use crate::script::play::Play;
use crate::script::{Expects, Losses};
use crate::stage::error::DrillError;

/// How much longer that may take where a probe is asked first, in milliseconds: as long as its answer is waited for.
const PROBE_MS_MAX: u64 = 1_000;

/// A second pass right after everything makes no write call, in either Region.
pub(crate) async fn second_pass_changes_nothing(play: &mut Play) {
    // The first of these passes may still have something to remember; the second may not.
    play.pass_in_each_region("final pass").await;
    let since = Instant::now();
    let passes = play.pass_in_each_region("pass after the final pass").await;
    let decisions: Vec<String> = passes.iter().map(|invoked| decision(&invoked.payload)).collect();
    let writes = play.writes_since(since).len();
    play.expect_exactly("A pass after the last one writes nothing", 0, writes);
    let all = decisions.iter().all(|decision| decision == "unchanged");
    play.expect_that("Both functions end with", "unchanged", decisions.join(", "), all);
}

/// The apps followed without a restart.
pub(crate) fn apps_never_restarted(play: &mut Play) {
    let seoul = play.stage.apps.seoul.never_stopped();
    let osaka = play.stage.apps.osaka.never_stopped();
    let measured = if seoul && osaka { "both still run" } else { "one stopped" };
    play.expect_that("The apps need no restart", "both still run", measured, seoul && osaka);
}

/// That counter of both apps together: such as `stale_sessions`, which still reached a demoted writer.
pub(crate) async fn counted(play: &Play, counter: &'static str) -> Result<u64, DrillError> {
    let failed = |source| DrillError::Http { operation: "read the apps' metrics", source };
    let mut total = 0;
    for region in Region::ALL {
        let app = play.stage.apps.get(region);
        let http = reqwest::Client::builder().no_proxy().build().map_err(failed)?;
        let answer = http.get(format!("{}/metrics.json", app.url)).send().await.map_err(failed)?;
        let metrics: Value = answer.json().await.map_err(failed)?;
        let of_app = metrics.get(counter).and_then(Value::as_u64);
        total += of_app.ok_or_else(|| DrillError::App {
            region: region.id(),
            problem: format!("does not count {counter}"),
        })?;
    }
    Ok(total)
}

/// What the legs have to show, when every write has been looked up.
pub(crate) fn of_legs(play: &mut Play, expects: &Expects, legs: &[Leg]) {
    let outages = (expects.outages)(play.stage.pace);
    for (index, leg) in legs.iter().enumerate() {
        if leg.at_ms(&PhaseName::Promoted).is_some() {
            of_promotion(play, expects, leg);
        }
        let lost = leg.writes.as_ref().map(|writes| writes.lost);
        match expects.losses {
            Losses::NoneFrom(first) if index >= first => {
                let what = format!("{}: acknowledged writes that were lost", leg.name);
                play.expect(Expectation::exactly(what, 0, lost));
            }
            Losses::Found => {
                play.expect(Expectation::at_least("The counter finds writes that were lost", 1, lost));
            }
            Losses::Counted | Losses::NoneFrom(_) => {}
        }
        if let Some(limit) = outages.get(index) {
            let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
            let what = format!("{}: the user worst off is out for", leg.name);
            let outage = leg.writes.as_ref().map(drill_report::Writes::outage_ms);
            play.expect(Expectation::within_ms(what, limit, outage));
        }
    }
}

/// What a leg has to show in which the writer moved.
fn of_promotion(play: &mut Play, expects: &Expects, leg: &Leg) {
    if expects.record_follows {
        let took = leg.between_ms(&PhaseName::Promoted, &PhaseName::RecordAccepted);
        let took = took.and_then(|ms| u64::try_from(ms.max(0)).ok());
        let what = format!("{}: the record moves after the promotion within", leg.name);
        let asked = if play.stage.probes.is_some() { PROBE_MS_MAX } else { 0 };
        play.expect(Expectation::within_ms(what, RECORD_MS_MAX + asked, took));
    }
    let published = leg.at_ms(&PhaseName::ParameterAccepted).is_some();
    play.expect_yes(format!("{}: the parameter was published", leg.name), published);
}
