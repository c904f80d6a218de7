//! From the last health alarm's event to the call that starts a failover, with the writer's Region black-holed.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use responder_core::words::timestamp::Timestamp;
use responder_core::world::attempt::{Journal, Looks};
use serde_json::json;
use time::OffsetDateTime;

use crate::cloud::Cloud;
use crate::error::BenchError;
use crate::fleet::{self, Fleet, OSAKA, SEOUL, schedule};
use crate::report::data::Start;
use crate::seed;
use crate::stats::{Stats, ms};
use crate::subject::{Process, Programs, Subject};

const DELAY: Duration = Duration::from_millis(35);
const TIME_LIMIT: Duration = Duration::from_mins(1);
const NAME: &str = "db0000";
/// How long the schedule's looks have found the Region silent when the last alarm comes: longer than the policy asks for.
const SILENT: i64 = 45_000;
/// How many looks these were: one a minute, and those of the alarms before.
const LOOKS: u32 = 5;

/// Measures both cases `runs` times, in turn.
pub(crate) async fn measure(
    programs: &Programs,
    ministack: SocketAddr,
    runs: usize,
) -> Result<Vec<Start>, BenchError> {
    eprintln!("bench: from the last alarm to the call");
    let (mut warm, mut cold) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        warm.push(one_run(programs, ministack, false).await?);
        cold.push(one_run(programs, ministack, true).await?);
    }
    let row = |name, calls, at_most_ms| Start { name, called: Stats::of(calls), at_most_ms };
    Ok(vec![
        row("warm: event to FailoverGlobalCluster", warm, 1_500.0),
        row("cold: process start to FailoverGlobalCluster", cold, 2_000.0),
    ])
}

async fn one_run(programs: &Programs, ministack: SocketAddr, is_cold: bool) -> Result<f64, BenchError> {
    let fleet = Fleet::automatic(1)?;
    let cloud = Cloud::with_alarms(&fleet, ministack).await?;
    cloud.front.round_trip(DELAY);
    seed::alarms(ministack, &fleet).await?;
    seed::lag(ministack, NAME).await?;
    let [(local, first), (witness, second)] = fleet::alarms(NAME);
    let mut process = Process::start(Subject::Failover, programs, &cloud.front.endpoint()).await?;
    process.expect(schedule(), TIME_LIMIT).await?;
    cloud.front.cut_region(SEOUL);
    seed::alarm_goes_off(ministack, local, &first).await?;
    // The first look that finds the Region silent; the ones until the last alarm are written, not waited for.
    process.expect(schedule(), TIME_LIMIT).await?;
    remember_silence(&cloud, &fleet)?;
    seed::alarm_goes_off(ministack, witness, &second).await?;
    let mut began = Instant::now();
    if is_cold {
        process.stop().await?;
        process = Process::start(Subject::Failover, programs, &cloud.front.endpoint()).await?;
        began = process.started;
    }
    let called = async {
        let called = cloud.called("FailoverGlobalCluster", TIME_LIMIT).await;
        cloud.transition(OSAKA);
        called
    };
    let (answer, called) = tokio::join!(process.invoke(event(witness, &second), TIME_LIMIT * 2), called);
    let answer = answer?;
    process.stop().await?;
    if !is_cold {
        began = answer.handed;
    }
    called.map(|called| ms(called - began)).ok_or_else(|| BenchError::Wrong {
        subject: Subject::Failover.name().to_owned(),
        what: "started no failover",
        detail: answer.body.chars().take(4_000).collect(),
    })
}

/// What the function remembers of the silence is as old as if the schedule had looked since.
fn remember_silence(cloud: &Cloud, fleet: &Fleet) -> Result<(), BenchError> {
    let database = fleet.databases.first().ok_or_else(|| BenchError::Seed("no database".to_owned()))?;
    let now = OffsetDateTime::now_utc().unix_timestamp() * 1_000;
    let at = Timestamp::from_ms;
    let silence = Looks { first: at(now - SILENT), last: at(now - 1_000), count: LOOKS };
    let mut found = false;
    cloud.change_parameter(OSAKA, &database.attempt_parameter(), |text| {
        let journal = Journal::of_json(text).unwrap_or_default();
        found = journal.silence.is_some();
        Journal { silence: Some(silence), ..journal }.to_json()
    });
    found.then_some(()).ok_or_else(|| BenchError::Seed("the first look remembered no silence".to_owned()))
}

/// What EventBridge sends when an alarm goes off.
fn event(region: &str, alarm: &str) -> String {
    let arn = format!("arn:aws:cloudwatch:{region}:{}:alarm:{alarm}", drill_emulator::rds::model::ACCOUNT);
    json!({
        "version": "0", "id": "00000000-0000-0000-0000-000000000000", "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change", "region": region, "resources": [arn],
        "detail": { "alarmName": alarm, "state": { "value": "ALARM", "timestamp": "2026-01-02T00:00:00.000+0000" } }
    })
    .to_string()
}
