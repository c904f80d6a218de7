//! The probes: the real binary, as a function in both members' Regions and in the witness's, woken by the schedule; and the
//! CloudWatch that makes metrics and alarms of what they print.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use drill_cloud::aurora::Names;
use drill_cloud::{
    Alarm, AlarmChange, AlarmState, Cloud, Function, FunctionSpec, PROBE_PERIOD_S, Package, ProbeWatch,
    Region, WatchSettings,
};
use drill_postgres::{Access, Server};
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::task::AbortOnDropHandle;

use super::error::DrillError;
use super::lock::lock;
use super::pace::Pace;
use super::policy::{WITNESS_PLACE, WRITER_ALARMS};
use super::processes;

/// The function's name in each Region.
pub(crate) const PROBE: &str = "failover-responder-probe";
/// Where there is one.
pub(crate) const PLACES: [&str; 3] = [Region::Seoul.id(), Region::Osaka.id(), WITNESS_PLACE];

/// What the probes are started with.
pub(crate) struct ProbeSettings<'a> {
    pub(crate) cloud: &'a Cloud,
    /// The server that takes writes now.
    pub(crate) writer: &'a Server,
    /// The probe's binary.
    pub(crate) program: PathBuf,
    /// The operator's command, which prints what is to be run on the writer.
    pub(crate) failoverctl: PathBuf,
    /// The folder for what they print.
    pub(crate) output: PathBuf,
    /// The certificate authority, where the servers have TLS.
    pub(crate) ca: Option<PathBuf>,
    pub(crate) record: &'a str,
    /// Whom Osaka's probe asks for names; the others ask the drill's own DNS server.
    pub(crate) osakas_nameserver: SocketAddr,
    pub(crate) pace: Pace,
}

/// The running probes; dropping them ends the schedule and the CloudWatch. The processes end with the emulator.
#[derive(Debug)]
pub(crate) struct Probes {
    pub(crate) watch: ProbeWatch,
    /// The pace of their looks.
    pub(crate) every: Duration,
    endpoint: String,
    dark: Arc<Mutex<BTreeSet<&'static str>>>,
    changes: Arc<Mutex<Vec<(Instant, AlarmChange)>>>,
    _tasks: [AbortOnDropHandle<()>; 2],
}

impl Probes {
    /// Installs their role, deploys them, and wakes them for the first time.
    pub(crate) async fn start(settings: ProbeSettings<'_>) -> Result<Self, DrillError> {
        install(settings.writer, &settings.failoverctl).await?;
        std::fs::create_dir_all(&settings.output)
            .map_err(DrillError::io(format!("create {}", settings.output.display())))?;
        let deployed = PLACES.map(|place| deploy(&settings, place));
        let functions = futures_util::future::try_join_all(deployed).await?;
        let (cloud, pace) = (settings.cloud, settings.pace);
        for alarm in WRITER_ALARMS {
            cloud.alarms().create_of_probe(alarm, "todo").await?;
        }
        let watch = ProbeWatch::start(
            &cloud.emulator,
            WatchSettings {
                database: "todo".to_owned(),
                output: PLACES.map(|place| (place, output(&settings.output, place))).into(),
                alarms: WRITER_ALARMS.into(),
                period: pace.probe_time(PROBE_PERIOD_S),
                late: pace.embedded_metric_late(),
            },
        );
        let (dark, changes) = (Arc::default(), Arc::default());
        let schedule = tokio::spawn(wake(functions, Arc::clone(&dark), pace.probe_schedule()));
        let keep = tokio::spawn(keep(watch.changes(), Arc::clone(&changes)));
        let every = Duration::from_secs(pace.probe_every_seconds());
        let endpoint = cloud.front.endpoint();
        let tasks = [schedule, keep].map(AbortOnDropHandle::new);
        Ok(Self { watch, every, endpoint, dark, changes, _tasks: tasks })
    }

    /// A dark Region's probe is killed and not woken; what it printed last is lost, and so is its alarm's next evaluation.
    pub(crate) fn set_dark(&self, region: Region, dark: bool) -> Result<(), DrillError> {
        let mut places = lock(&self.dark);
        if dark {
            places.insert(region.id())
        } else {
            places.remove(region.id())
        };
        self.watch.set_dark(region.id(), dark);
        if dark {
            for pid in processes::of_probes(&self.endpoint, region.id()) {
                processes::kill_9(pid)?;
            }
        }
        Ok(())
    }

    /// Whether each of their alarms has seen its writer take writes.
    pub(crate) fn are_well(&self) -> bool {
        let seen = self.watch.seen("WriterWritable");
        let says = |alarm: Alarm| seen.iter().any(|it| it.place == alarm.region && it.value >= 1.0);
        WRITER_ALARMS.into_iter().all(|it| self.watch.state(it) == Some(AlarmState::Ok) && says(it))
    }

    /// All changes of their alarms so far, and when the emulated CloudWatch had each.
    pub(crate) fn changes(&self) -> Vec<(Instant, AlarmChange)> {
        lock(&self.changes).clone()
    }
}

/// As an operator does, but for the password: there is no IAM here.
async fn install(writer: &Server, failoverctl: &Path) -> Result<(), DrillError> {
    let printed = Command::new(failoverctl).args(["probe", "install"]).env_clear().output().await;
    let printed = printed.map_err(DrillError::io(format!("run {}", failoverctl.display())))?;
    if !printed.status.success() {
        let why = String::from_utf8_lossy(&printed.stderr).into_owned();
        return Err(DrillError::Unproven(format!("failoverctl probe install: {why}")));
    }
    let sql = String::from_utf8_lossy(&printed.stdout);
    let probe = &writer.config().access.probe;
    // A generated password is letters and digits.
    let password = format!("ALTER ROLE {} PASSWORD '{}';", probe.user, probe.password.expose());
    Ok(writer.execute_batch(&format!("{sql}\n{password}")).await?)
}

/// Where the probe of that Region prints to.
fn output(folder: &Path, place: &str) -> PathBuf {
    folder.join(format!("{place}.log"))
}

async fn deploy(
    settings: &ProbeSettings<'_>,
    place: &'static str,
) -> Result<Function<&'static str>, DrillError> {
    let (program, output) = (settings.program.display(), output(&settings.output, place));
    let script = format!("#!/bin/sh\nexec '{program}' >>'{}'\n", output.display());
    let package = Package::of_bootstrap(script.as_bytes())?;
    let spec = FunctionSpec {
        name: PROBE.to_owned(),
        environment: environment(settings, place, &settings.writer.config().access),
        timeout: settings.pace.probe_timeout(),
    };
    Ok(Function::create(&settings.cloud.emulator, place, &package, &spec).await?)
}

/// What the module `probe` tells it, with this machine's ports and authority.
fn environment(settings: &ProbeSettings<'_>, place: &str, access: &Access) -> BTreeMap<String, String> {
    let members: serde_json::Map<String, Value> = Region::ALL
        .into_iter()
        .map(|region| (region.id().to_owned(), json!(Names::of(region).endpoint())))
        .collect();
    let port = settings.writer.config().port;
    let databases = json!({ "todo": {
        "record": settings.record, "members": members, "port": port, "dbname": access.database,
    } });
    let osaka = place == Region::Osaka.id();
    let nameserver = if osaka { settings.osakas_nameserver } else { settings.cloud.dns.address() };
    let mut environment = BTreeMap::from([
        // It makes no call; the soak tells by it whose process it is.
        ("AWS_ENDPOINT_URL", settings.cloud.front.endpoint()),
        ("PROBE_DATABASES", databases.to_string()),
        ("PROBE_USER", access.probe.user.clone()),
        ("PROBE_PASSWORD", access.probe.password.expose().to_owned()),
        ("PROBE_EVERY_SECONDS", settings.pace.probe_every_seconds().to_string()),
        ("PROBE_FOR_SECONDS", settings.pace.probe_for_seconds().to_string()),
        ("PROBE_NAMESERVER", nameserver.to_string()),
    ]);
    match &settings.ca {
        Some(ca) => environment.insert("PROBE_CA_FILE", ca.display().to_string()),
        None => environment.insert("PROBE_TLS", "off".to_owned()),
    };
    environment.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The schedule: an invocation in each Region, which goes on for longer than until the next one.
async fn wake(
    functions: Vec<Function<&'static str>>,
    dark: Arc<Mutex<BTreeSet<&'static str>>>,
    every: Duration,
) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for function in &functions {
            if lock(&dark).contains(function.region()) {
                continue;
            }
            let function = function.clone();
            // What it says is in its lines; one that was killed has no answer.
            tokio::spawn(async move { function.invoke(&json!({})).await });
        }
    }
}

async fn keep(
    mut changes: tokio::sync::broadcast::Receiver<AlarmChange>,
    kept: Arc<Mutex<Vec<(Instant, AlarmChange)>>>,
) {
    while let Ok(change) = changes.recv().await {
        lock(&kept).push((Instant::now(), change));
    }
}
