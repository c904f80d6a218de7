//! Cold starts, warm events and memory: each subject in turn, so that what else the machine does befalls all of them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use drill_emulator::Region;

use crate::cloud::Cloud;
use crate::error::BenchError;
use crate::fleet::{Fleet, OSAKA, SEOUL, event};
use crate::report::data::Row;
use crate::rows::cost;
use crate::stats::{Stats, ms};
use crate::subject::{Process, Programs, Subject};

/// The round trips in front of each API call.
pub(crate) const DELAYS_MS: [u64; 3] = [0, 10, 35];
/// Warm events of each process: an odd number, so that each cold start finds the writer in the other Region and moves it to
/// its own, as the function does that is nearest to what happened.
const WARM: usize = 3;
const TIME_LIMIT: Duration = Duration::from_secs(30);
const NAME: &str = "db0000";

#[derive(Debug, Default)]
struct Series {
    start: Vec<f64>,
    cold: Vec<f64>,
    cold_answer: Vec<f64>,
    warm: Vec<f64>,
    warm_answer: Vec<f64>,
    memory: Vec<f64>,
}

/// Measures every subject `runs` times with each delay.
pub(crate) async fn measure(
    programs: &Programs,
    ministack: SocketAddr,
    fleet: &Fleet,
    runs: usize,
) -> Result<Vec<Row>, BenchError> {
    let mut rows = Vec::new();
    let mut flip = Flip::default();
    for delay in DELAYS_MS {
        eprintln!("bench: one database, {delay} ms a round trip");
        let cloud = Cloud::start(fleet, Some(ministack)).await?;
        cloud.front.round_trip(Duration::from_millis(delay));
        let mut series: BTreeMap<Subject, Series> = BTreeMap::new();
        for run in 0..=runs {
            for subject in Subject::ALL {
                let mut fresh = Series::default();
                // The first run of all warms the machine's caches and is not counted.
                let counted = run > 0;
                let series = if counted { series.entry(subject).or_default() } else { &mut fresh };
                one_run(programs, &cloud, subject, &mut flip, series).await?;
            }
        }
        rows.extend(rows_of(delay, &series));
    }
    Ok(rows)
}

/// Which Region is the writer now.
#[derive(Debug, Default)]
struct Flip(bool);

impl Flip {
    fn next(&mut self) -> Region {
        self.0 = !self.0;
        if self.0 { OSAKA } else { SEOUL }
    }
}

async fn one_run(
    programs: &Programs,
    cloud: &Cloud,
    subject: Subject,
    flip: &mut Flip,
    series: &mut Series,
) -> Result<(), BenchError> {
    let to = flip.next();
    cloud.transition(to);
    cloud.reset_ledger();
    let process = Process::start(subject, programs, &cloud.front.endpoint()).await?;
    let answer = process.expect(event(NAME), TIME_LIMIT).await?;
    series.start.push(ms(process.cold_start));
    series.cold.push(ms(accepted_at(cloud, subject)? - process.started));
    series.cold_answer.push(ms(answer.answered - answer.handed));
    for _ in 0..WARM {
        let to = flip.next();
        cloud.transition(to);
        cloud.reset_ledger();
        let answer = process.expect(event(NAME), TIME_LIMIT).await?;
        series.warm.push(ms(accepted_at(cloud, subject)? - answer.handed));
        series.warm_answer.push(ms(answer.answered - answer.handed));
    }
    #[expect(clippy::cast_precision_loss, reason = "a process has less memory than 2^52 bytes")]
    series.memory.push(process.peak_memory()? as f64);
    process.stop().await
}

/// When the record was accepted; an error when none was.
pub(super) fn accepted_at(cloud: &Cloud, subject: Subject) -> Result<Instant, BenchError> {
    let ledger = cloud.ledger();
    ledger.accepted.first().copied().ok_or_else(|| BenchError::Wrong {
        subject: subject.name().to_owned(),
        what: "moved no record",
        detail: format!("{:?}", ledger.calls),
    })
}

fn rows_of(delay: u64, series: &BTreeMap<Subject, Series>) -> Vec<Row> {
    let figures = |values: &dyn Fn(&Series) -> Vec<f64>| {
        series.iter().map(|(subject, series)| (subject.name(), Stats::of(values(series)))).collect()
    };
    let row = |name, unit, limit, values: &dyn Fn(&Series) -> Vec<f64>| {
        Row::new(name, unit, Some(delay), figures(values), limit)
    };
    #[expect(clippy::cast_precision_loss, reason = "a few milliseconds")]
    let trips = |count: u64| (delay > 0).then_some((count * delay) as f64);
    let mut rows = vec![
        row("cold start: process to first /next", "ms", None, &|it| it.start.clone()),
        row("cold start to record accepted", "ms", trips(3), &|it| it.cold.clone()),
        row("warm event to record accepted", "ms", trips(2), &|it| it.warm.clone()),
        row("warm event to answer", "ms", None, &|it| it.warm_answer.clone()),
        row("peak memory", "bytes", None, &|it| it.memory.clone()),
    ];
    rows.push(row("a million cold invocations", "USD", None, &|it| {
        let billed = it.start.iter().zip(&it.cold_answer).map(|(start, answer)| start + answer);
        billed.map(cost::of_a_million).collect()
    }));
    rows.push(row("a million warm invocations", "USD", None, &|it| {
        it.warm_answer.iter().copied().map(cost::of_a_million).collect()
    }));
    rows
}
