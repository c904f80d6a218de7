//! Follows what the probes print, and keeps the emulated CloudWatch up to date with it.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use aws_sdk_cloudwatch::{
    primitives::DateTime,
    types::{Dimension, MetricDatum, StandardUnit},
};
use drill_emulator::lock::lock;
use tokio::{
    sync::broadcast,
    time::{MissedTickBehavior, interval},
};
use tokio_util::task::AbortOnDropHandle;

use super::{
    board::{Place, Seen, Watched},
    embedded::{Sample, samples},
    names::{NAMESPACE, WRITER_WRITABLE},
};
use crate::{
    alarms::{Alarm, AlarmChange, AlarmState, Alarms},
    clients::Clients,
    clock::now,
};

/// How often the probes' output is read.
const POLL: Duration = Duration::from_millis(200);
/// Room for subscribers that fall behind.
const BACKLOG: usize = 256;

/// What is watched, and at which pace.
#[derive(Debug, Clone)]
pub struct WatchSettings {
    /// The database whose writer the alarms are about.
    pub database: String,
    /// Where each Region's probes print to, by the Region's name. CloudWatch Logs of the emulator has a function's lines only when its
    /// invocation is over, which for a probe is more than a minute later.
    pub output: Vec<(&'static str, PathBuf)>,
    /// The alarms.
    pub alarms: Vec<Alarm>,
    /// The alarms' period.
    pub period: Duration,
    /// How long after a line was printed CloudWatch has its datapoints, and how long after a period's end it evaluates it.
    pub late: Duration,
}

/// What the watching and whoever asks it share.
#[derive(Debug)]
struct Board {
    places: BTreeMap<&'static str, Place>,
    watched: Vec<Watched>,
}

/// The running CloudWatch of the probes; dropping it ends it.
#[derive(Debug)]
pub struct ProbeWatch {
    board: Arc<Mutex<Board>>,
    changes: broadcast::Sender<AlarmChange>,
    _watching: AbortOnDropHandle<()>,
}

impl ProbeWatch {
    /// Begins to watch; the alarms are there, in state OK.
    pub fn start(emulator: &Clients, settings: WatchSettings) -> Self {
        let places = settings.output.iter().map(|(place, _)| (*place, Place::default())).collect();
        let watched = settings.alarms.iter().map(|alarm| Watched::new(*alarm)).collect();
        let board = Arc::new(Mutex::new(Board { places, watched }));
        let changes = broadcast::Sender::new(BACKLOG);
        let tails = settings.output.iter().map(|(place, path)| Tail::new(place, path.clone())).collect();
        let watching = Watching {
            board: Arc::clone(&board),
            emulator: emulator.clone(),
            changes: changes.clone(),
            tails,
            settings,
        };
        Self { board, changes, _watching: AbortOnDropHandle::new(tokio::spawn(watching.run())) }
    }

    /// Every change of an alarm from now on; the emulated CloudWatch says the same by then.
    pub fn changes(&self) -> broadcast::Receiver<AlarmChange> {
        self.changes.subscribe()
    }

    /// The alarm's state.
    pub fn state(&self, alarm: Alarm) -> Option<AlarmState> {
        lock(&self.board).watched.iter().find(|it| it.alarm == alarm).map(|it| it.state)
    }

    /// A dead Region's lines are lost, and its alarms stay what they were.
    pub fn set_dark(&self, place: &str, dark: bool) {
        if let Some(place) = lock(&self.board).places.get_mut(place) {
            place.set_dark(dark);
        }
    }

    /// What CloudWatch has of that metric, in all Regions.
    pub fn seen(&self, metric: &str) -> Vec<Seen> {
        let board = lock(&self.board);
        let all = board.places.iter().flat_map(|(name, place)| place.seen(name));
        all.filter(|seen| seen.metric == metric).collect()
    }
}

struct Watching {
    board: Arc<Mutex<Board>>,
    emulator: Clients,
    changes: broadcast::Sender<AlarmChange>,
    tails: Vec<Tail>,
    settings: WatchSettings,
}

impl Watching {
    async fn run(mut self) {
        let mut ticks = interval(POLL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            for (place, arrived) in self.arrive() {
                self.put(place, arrived).await;
            }
            self.evaluate().await;
        }
    }

    /// Reads what was printed, and answers what CloudWatch has from now on.
    fn arrive(&mut self) -> Vec<(&'static str, Vec<Sample>)> {
        let now = Instant::now();
        let mut board = lock(&self.board);
        let mut arrived = Vec::new();
        for tail in &mut self.tails {
            let printed = tail.lines().iter().flat_map(|line| samples(line)).collect();
            if let Some(place) = board.places.get_mut(tail.place) {
                place.printed(printed, now + self.settings.late);
                arrived.push((tail.place, place.arrive(now)));
            }
        }
        arrived
    }

    /// Functions read the lag from the emulator itself. What the alarms are on stays here: the emulator would evaluate them
    /// too, by rules of its own.
    async fn put(&self, place: &'static str, arrived: Vec<Sample>) {
        let data: Vec<MetricDatum> = arrived.into_iter().filter_map(datum).collect();
        if data.is_empty() {
            return;
        }
        let put = self.emulator.cloudwatch(place).put_metric_data().namespace(NAMESPACE);
        if let Err(error) = put.set_metric_data(Some(data)).send().await {
            tracing::warn!(%error, place, "datapoints were lost");
        }
    }

    async fn evaluate(&self) {
        let (at, alarms) = (now(), Alarms::new(self.emulator.clone()));
        let changed: Vec<_> = {
            let mut board = lock(&self.board);
            let Board { places, watched } = &mut *board;
            let times = (self.settings.period, self.settings.late);
            let evaluated = watched.iter_mut().filter_map(|watched| {
                let place = places.get(watched.alarm.region)?;
                let changed = watched.evaluate(place, &self.settings.database, at, times)?;
                Some((watched.alarm, changed))
            });
            evaluated.collect()
        };
        for (alarm, (state, reason)) in changed {
            match alarms.set_because(alarm, state, at, &reason).await {
                // Nobody listening is no error.
                Ok(change) => drop(self.changes.send(change)),
                Err(error) => tracing::warn!(%error, alarm = alarm.name, "an alarm's state was lost"),
            }
        }
    }
}

fn datum(sample: Sample) -> Option<MetricDatum> {
    if sample.namespace != NAMESPACE || sample.metric == WRITER_WRITABLE {
        return None;
    }
    let dimensions = sample.dimensions.iter();
    let dimensions = dimensions.map(|(name, value)| Dimension::builder().name(name).value(value).build());
    Some(
        MetricDatum::builder()
            .set_dimensions(Some(dimensions.collect()))
            .timestamp(DateTime::from_millis(sample.at_ms))
            .set_unit(sample.unit.as_deref().map(StandardUnit::from))
            .value(sample.value)
            .storage_resolution(if sample.by_the_second { 1 } else { 60 })
            .metric_name(sample.metric)
            .build(),
    )
}

/// A file that grows.
#[derive(Debug)]
struct Tail {
    place: &'static str,
    path: PathBuf,
    read: u64,
    /// The beginning of a line that is not whole yet.
    begun: Vec<u8>,
}

impl Tail {
    const fn new(place: &'static str, path: PathBuf) -> Self {
        Self { place, path, read: 0, begun: Vec::new() }
    }

    /// The whole lines that are new; none while there is no file.
    fn lines(&mut self) -> Vec<String> {
        let mut bytes = Vec::new();
        let read = File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.read))?;
            file.read_to_end(&mut bytes)
        });
        self.read += read.unwrap_or_default() as u64;
        self.begun.append(&mut bytes);
        let Some(end) = self.begun.iter().rposition(|byte| *byte == b'\n') else { return Vec::new() };
        let rest = self.begun.split_off(end + 1);
        let whole = std::mem::replace(&mut self.begun, rest);
        String::from_utf8_lossy(&whole).lines().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_line_counts_when_it_is_whole() {
        let path = std::env::temp_dir().join(format!("drill-probe-tail-{}", std::process::id()));
        let mut tail = Tail::new("ap-northeast-1", path.clone());
        assert_eq!(tail.lines(), [""; 0]);
        let mut file = File::create(&path).unwrap();
        file.write_all(b"one\ntw").unwrap();
        assert_eq!(tail.lines(), ["one"]);
        file.write_all(b"o\nthree\n").unwrap();
        assert_eq!(tail.lines(), ["two", "three"]);
        assert_eq!(tail.lines(), [""; 0]);
        std::fs::remove_file(&path).unwrap();
    }
}
