//! The functions that are measured, each as a real process.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use drill_emulator::Region;
use tempfile::NamedTempFile;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::error::BenchError;
use crate::fleet::{OSAKA, PREFIX, REGIONS, TABLE};
use crate::runtime::{Answer, Runtime};

/// What a process may take to ask for its first event.
const READY: Duration = Duration::from_secs(30);
/// The memory that the functions are configured with, in MB.
pub(crate) const MEMORY_MB: u32 = 128;

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// `follow`, the release binary.
    Follow,
    /// `failover`, the release binary.
    Failover,
    /// `probe`, the release binary.
    Probe,
    /// The baseline: one UPSERT.
    Record,
    /// The baseline that also writes the parameter in both Regions.
    RecordAndParameter,
}

/// Where the programs are.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    pub(crate) follow: PathBuf,
    pub(crate) failover: PathBuf,
    pub(crate) probe: PathBuf,
    pub(crate) python: PathBuf,
    pub(crate) baseline: PathBuf,
}

impl Subject {
    /// Those that are compared.
    pub(crate) const ALL: [Self; 3] = [Self::Follow, Self::Record, Self::RecordAndParameter];

    /// Its name in the report.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Follow => "follow",
            Self::Failover => "failover",
            Self::Probe => "probe",
            Self::Record => "boto3: record",
            Self::RecordAndParameter => "boto3: record and parameters",
        }
    }

    fn command(self, programs: &Programs) -> Command {
        let python = |handler: &str| {
            let mut command = Command::new(&programs.python);
            command
                .args(["-m", "awslambdaric", handler])
                .current_dir(&programs.baseline)
                .env("PYTHONPATH", &programs.baseline)
                .env("LAMBDA_TASK_ROOT", &programs.baseline)
                .env("AWS_DEFAULT_REGION", OSAKA.id())
                .env("TABLE", TABLE)
                .env("REGIONS", REGIONS.map(Region::id).join(","));
            command
        };
        match self {
            Self::Follow => Command::new(&programs.follow),
            Self::Failover => Command::new(&programs.failover),
            Self::Probe => Command::new(&programs.probe),
            Self::Record => python("record.handler"),
            Self::RecordAndParameter => python("record_and_parameter.handler"),
        }
    }
}

/// A running function.
pub(crate) struct Process {
    pub(crate) subject: Subject,
    child: Child,
    runtime: Runtime,
    log: NamedTempFile,
    /// From the process's start to its first question for an event.
    pub(crate) cold_start: Duration,
    /// When it was started.
    pub(crate) started: Instant,
}

impl Process {
    /// Starts it in an environment of its own, against this endpoint, and waits until it asks for its first event.
    pub(crate) async fn start(
        subject: Subject,
        programs: &Programs,
        endpoint: &str,
    ) -> Result<Self, BenchError> {
        Self::start_with(subject, programs, endpoint, &[]).await
    }

    /// The same, with these variables beside the others.
    pub(crate) async fn start_with(
        subject: Subject,
        programs: &Programs,
        endpoint: &str,
        variables: &[(&str, &OsStr)],
    ) -> Result<Self, BenchError> {
        let mut runtime = Runtime::start().await?;
        let log = NamedTempFile::new().map_err(BenchError::io("make a log"))?;
        let mut command = subject.command(programs);
        environment(&mut command, endpoint, &runtime);
        command.envs(variables.iter().copied());
        let output = || log.reopen().map(Stdio::from).map_err(BenchError::io("open the log"));
        command.stdin(Stdio::null()).stdout(output()?).stderr(output()?).kill_on_drop(true);
        let started = Instant::now();
        let child = command
            .spawn()
            .map_err(BenchError::io(format!("start {command:?}", command = subject.name())))?;
        let asked = timeout(READY, runtime.first_asked()).await.ok().flatten();
        let Some(asked) = asked else {
            return Err(silent(subject, "ask for an event", READY, log.path()));
        };
        Ok(Self { subject, child, runtime, log, cold_start: asked.duration_since(started), started })
    }

    /// Hands it an event; fails when it does not answer in twice its time limit.
    pub(crate) async fn invoke(&self, event: String, time_limit: Duration) -> Result<Answer, BenchError> {
        let patience = time_limit * 2;
        let answer = timeout(patience, self.runtime.invoke(event, time_limit)).await.ok().flatten();
        answer.ok_or_else(|| silent(self.subject, "answer", patience, self.log.path()))
    }

    /// The same, where an error is a failed measurement.
    pub(crate) async fn expect(&self, event: String, time_limit: Duration) -> Result<Answer, BenchError> {
        let answer = self.invoke(event, time_limit).await?;
        if answer.is_ok {
            return Ok(answer);
        }
        let detail = answer.body.chars().take(2_000).collect();
        Err(BenchError::Wrong { subject: self.subject.name().to_owned(), what: "failed", detail })
    }

    /// The most memory that it had so far, in bytes.
    pub(crate) fn peak_memory(&self) -> Result<u64, BenchError> {
        let status = self.of_kernel("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
        kilobytes.map(|kilobytes| kilobytes * 1024).ok_or_else(|| self.without("no VmHWM", status))
    }

    /// How much it has written to its log, in bytes.
    pub(crate) fn log_bytes(&self) -> Result<u64, BenchError> {
        let log = fs::metadata(self.log.path()).map_err(BenchError::io("read a log's size"))?;
        Ok(log.len())
    }

    /// How much processor time it has used so far, from the ticks of a hundredth of a second.
    pub(crate) fn cpu(&self) -> Result<Duration, BenchError> {
        let stat = self.of_kernel("stat")?;
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks: Vec<u64> =
            fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse().ok()).collect();
        match ticks.as_slice() {
            [user, system] => Ok(Duration::from_millis((user + system) * 10)),
            _ => Err(self.without("no processor time", stat)),
        }
    }

    /// What the kernel says of it; nothing once it has ended.
    fn of_kernel(&self, file: &str) -> Result<String, BenchError> {
        let path = format!("/proc/{}/{file}", self.child.id().unwrap_or_default());
        fs::read_to_string(&path).map_err(BenchError::io(format!("read {path}")))
    }

    fn without(&self, what: &'static str, detail: String) -> BenchError {
        BenchError::Wrong { subject: self.subject.name().to_owned(), what, detail }
    }

    /// Ends it.
    pub(crate) async fn stop(mut self) -> Result<(), BenchError> {
        self.child.kill().await.map_err(BenchError::io("end a function"))
    }
}

fn environment(command: &mut Command, endpoint: &str, runtime: &Runtime) {
    let kept: Vec<(_, _)> = command
        .as_std()
        .get_envs()
        .map(|(key, value)| (key.to_owned(), value.map(ToOwned::to_owned)))
        .collect();
    command.env_clear();
    for (key, value) in kept {
        if let Some(value) = value {
            command.env(key, value);
        }
    }
    command
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("AWS_LAMBDA_RUNTIME_API", runtime.address().to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", MEMORY_MB.to_string())
        .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
        .env("AWS_REGION", OSAKA.id())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("PARAMETER_PREFIX", PREFIX);
}

fn silent(subject: Subject, what: &'static str, waited: Duration, log: &Path) -> BenchError {
    let log = fs::read_to_string(log).unwrap_or_default();
    let end: Vec<char> = log.chars().rev().take(2_000).collect();
    BenchError::Silent {
        subject: subject.name().to_owned(),
        what,
        waited,
        log: end.into_iter().rev().collect(),
    }
}
