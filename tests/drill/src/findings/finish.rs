//! After every script: what it is expected to show, and its part of the report.

use std::time::Instant;

use drill_cloud::Region;
use drill_report::{Expectation, Interval, NamedValue, Scenario};

use super::{expected, record};
use crate::cast::workload::{Stream, Write};
use crate::script::play::Play;
use crate::script::{Script, rules};
use crate::stage::app::channel;
use crate::stage::error::DrillError;

/// The functions run once more and must find nothing to do; then the writes are looked up.
pub(crate) async fn finish(script: &Script, play: &mut Play) -> Result<Scenario, DrillError> {
    let expects = &script.expects;
    play.delivery.set_schedule(None);
    play.wait_for_functions().await?;
    if expects.ends_unchanged {
        expected::second_pass_changes_nothing(play).await;
    }
    if expects.apps_run_on {
        expected::apps_never_restarted(play);
    }
    rules::expect_events_met_rules(play);
    let stale = expected::counted(play, "stale_sessions").await?;
    let named = play.aurora().truth().writer().unwrap_or(Region::Seoul);
    let writes = play.workload.writes();
    let present = record::present(play.stage.servers.get(expects.writes_are_in.unwrap_or(named)), 0).await?;
    let legs = record::legs(play, &writes, &present, stale);
    expected::of_legs(play, expects, &legs);
    let looked_up = legs.iter().filter_map(|leg| leg.writes.as_ref()).map(|writes| writes.acknowledged).sum();
    play.expect(Expectation::at_least("Acknowledged writes were looked up one by one", 1, Some(looked_up)));
    if !script.has_users() {
        play.notes.extend(per_app(play, &writes));
    }
    Ok(Scenario { legs, ..shown(script, play, &writes) })
}

/// What was seen until it broke off: whoever looks for why needs that more than anything.
pub(crate) fn broken_off(script: &Script, play: &mut Play, error: &DrillError) -> Scenario {
    play.expect(Expectation::judged("The scenario is played to its end", "yes", error.to_string(), false));
    let writes = play.workload.writes();
    shown(script, play, &writes)
}

pub(crate) fn shown(script: &Script, play: &mut Play, writes: &[Write]) -> Scenario {
    let log = play.delivery.log();
    let decisions = log.iter().filter(|it| it.began >= play.started).filter(|it| !it.payload.is_null());
    Scenario {
        name: script.name.to_owned(),
        title: script.title.to_owned(),
        pace: script.has_users().then(|| play.stage.pace.as_str().to_owned()),
        story: script.story.to_owned(),
        duration_ms: play.ms(Instant::now()),
        steady_state: steady_state(script),
        decisions: decisions.map(|it| it.payload.clone()).collect(),
        timeline: record::timeline(play, play.started),
        write_availability: Some(record::series(play, writes)),
        expectations: std::mem::take(&mut play.expectations),
        checks: std::mem::take(&mut play.checks),
        notes: std::mem::take(&mut play.notes),
        clients: std::mem::take(&mut play.clients),
        ..Scenario::default()
    }
}

/// How long each app was without an acknowledged write: they follow different channels.
fn per_app(play: &Play, writes: &[Write]) -> Vec<String> {
    let acknowledged: Vec<_> = writes.iter().filter(|it| it.is_acknowledged()).collect();
    let mut notes = Vec::new();
    for span in &play.legs {
        for region in Region::ALL {
            let within: Vec<&&_> = acknowledged.iter().filter(|it| span.covers(it.ended)).collect();
            let outage = record::outage(play, span, &within, Stream::App(region));
            let outage_ms = outage.map_or(0, Interval::length_ms);
            let (city, channel) = (region.city(), channel(region));
            notes.push(format!(
                "{}: the app in {city}, which follows the {channel}, was without writes for {outage_ms} ms.",
                span.name
            ));
        }
    }
    notes
}

fn steady_state(script: &Script) -> Vec<NamedValue> {
    let mut values = vec![
        NamedValue::new("writer", "Seoul (ap-northeast-2), published at epoch 1"),
        NamedValue::new("reader", "Osaka (ap-northeast-3), streaming"),
        NamedValue::new("app in Seoul", "follows the writer record"),
        NamedValue::new("app in Osaka", "follows the writer parameter"),
    ];
    let mut alarms = "one in Osaka, a witness in Tokyo, both OK";
    if script.has_users() {
        values.push(NamedValue::new("users", "know todo.example.com alone, and are led to Seoul's app"));
        values.push(NamedValue::new("health checks", "of /readyz of both apps, both healthy"));
        alarms = "those of both apps' health checks, in us-east-1, both OK";
    }
    values.extend(script.policy.into_iter().flat_map(|policy| {
        [
            NamedValue::new("health alarms", alarms),
            NamedValue::new("failover mode", policy.mode),
            NamedValue::new("largest lag", format!("{} s", policy.max_lag_seconds)),
            NamedValue::new("cooldown", format!("{} s", policy.cooldown_seconds)),
        ]
    }));
    values
}
