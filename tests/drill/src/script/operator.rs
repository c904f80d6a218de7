//! The person at the terminal: the real `failoverctl` against the function `drill` in both Regions.

use std::fmt::Write;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use drill_cloud::Region;
use drill_report::{EventKind, Lane};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::script::play::Play;
use crate::stage::Stage;
use crate::stage::error::DrillError;
use crate::stage::functions::deploy;
use crate::stage::installation::PREFIX;
use crate::stage::lock::lock;
use crate::stage::props::Props;

/// How long one invocation of the drill function may take.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How long one command may take.
const COMMAND: Duration = Duration::from_mins(2);
/// Exit statuses of `failoverctl`.
pub(crate) const DONE: i32 = 0;
pub(crate) const MENDS: i32 = 1;
pub(crate) const REFUSED: i32 = 3;
pub(crate) const NOT_CONFIRMED: i32 = 6;
/// Who asks.
pub(crate) const WHO: &str = "operator";

/// What an exit status of `failoverctl` means.
const fn meaning(code: i32) -> &'static str {
    match code {
        DONE => "done",
        MENDS => "done, and something is to be mended",
        2 => "the command line is wrong",
        REFUSED => "refused, nothing was changed",
        4 => "it ended without a new writer",
        5 => "no function answers",
        NOT_CONFIRMED => "not confirmed, nothing was changed",
        7 => "still in progress",
        8 => "a file could not be read or written",
        9 => "the functions are busy",
        _ => "no exit status of its own",
    }
}

/// The person at the terminal.
pub(crate) struct Operator {
    props: Arc<Props>,
    endpoint: String,
    /// The whole session, as it stood in the terminal.
    transcript: Mutex<String>,
}

/// What a command said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) error: String,
}

impl Said {
    /// How it exited.
    pub(crate) fn exit(&self) -> String {
        self.code.map_or_else(|| "ended by a signal".to_owned(), exit)
    }

    /// How it exited, and the line that says the word, or else its last line on standard error or first on standard output.
    pub(crate) fn line(&self, word: &str) -> String {
        let mut lines = self.out.lines().chain(self.error.lines());
        let said = lines.find(|line| line.contains(word)).or_else(|| self.error.lines().last());
        let line = said.or_else(|| self.out.lines().next()).unwrap_or_default();
        format!("{}: {}", self.exit(), line.trim())
    }
}

/// Such as `exit 0 (done)`.
pub(crate) fn exit(code: i32) -> String {
    format!("exit {code} ({})", meaning(code))
}

/// Types a command and expects how it exits and what it says.
pub(crate) async fn step(
    play: &mut Play,
    operator: &Operator,
    arguments: &[&str],
    answer: &str,
    code: i32,
    word: &str,
) -> Result<Said, DrillError> {
    let command = format!("failoverctl {}", arguments.join(" "));
    play.act(Lane::Other("person".to_owned()), EventKind::Action, &command);
    let said = operator.types(arguments, answer).await?;
    let says = said.out.contains(word) || said.error.contains(word);
    let wanted = format!("{}, saying {word:?}", exit(code));
    play.expect_that(command, wanted, said.line(word), said.code == Some(code) && says);
    Ok(said)
}

impl Operator {
    /// Deploys the function in both Regions, and says where home is.
    pub(crate) async fn prepare(stage: &Stage) -> Result<Self, DrillError> {
        Box::pin(deploy(&stage.props, &stage.cloud, "drill", TIMEOUT)).await?;
        say_objectives(stage).await?;
        let (props, endpoint) = (Arc::clone(&stage.props), stage.cloud.front.endpoint());
        Ok(Self { props, endpoint, transcript: Mutex::default() })
    }

    /// Types a command, and what it asks for.
    pub(crate) async fn types(&self, arguments: &[&str], answer: &str) -> Result<Said, DrillError> {
        let failed = || DrillError::io(format!("run failoverctl {}", arguments.join(" ")));
        let mut child = Command::new(self.props.programs.join("failoverctl"))
            .args(["--region", Region::Seoul.id(), "--peer-region", Region::Osaka.id(), "--patience", "10"])
            .args(arguments)
            .env_clear()
            .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("USER", WHO)])
            .envs([("AWS_CONFIG_FILE", "/dev/null"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")])
            .envs([("AWS_ENDPOINT_URL", self.endpoint.as_str()), ("AWS_EC2_METADATA_DISABLED", "true")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed())?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that does not ask closes its standard input: that is no failure.
            let _ = stdin.write_all(answer.as_bytes()).await;
        }
        let output = tokio::time::timeout(COMMAND, child.wait_with_output()).await;
        let output = output.map_err(|_| DrillError::Waited {
            what: format!("the end of failoverctl {}", arguments.join(" ")),
            within: COMMAND,
        })?;
        let output = output.map_err(failed())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said =
            Said { code: output.status.code(), out: text(&output.stdout), error: text(&output.stderr) };
        let mut transcript = lock(&self.transcript);
        let (out, error, exit) = (&said.out, &said.error, said.exit());
        // Writing to a string cannot fail.
        let _ = writeln!(transcript, "$ failoverctl {}\n{error}{out}[{exit}]\n", arguments.join(" "));
        drop(transcript);
        Ok(said)
    }

    /// Writes the session to a file beside the report.
    pub(crate) fn keep(&self) -> Result<(), DrillError> {
        let file = self.props.out.join("by-hand.txt");
        std::fs::write(&file, lock(&self.transcript).as_str())
            .map_err(DrillError::io(format!("write {}", file.display())))
    }
}

/// Says in the configuration where home is, and what a person wants of a move.
pub(crate) async fn say_objectives(stage: &Stage) -> Result<(), DrillError> {
    let (seed, name) = (stage.cloud.seed(), format!("{PREFIX}/databases/todo"));
    let json = seed.read_parameter(Region::Seoul, &name).await?.unwrap_or_default();
    let mut configuration: Value = serde_json::from_str(&json)
        .map_err(|error| DrillError::Unproven(format!("the configuration is not JSON: {error}")))?;
    if let Some(fields) = configuration.as_object_mut() {
        fields.insert("home_region".to_owned(), Value::from(Region::Seoul.id()));
        fields.insert("rto_seconds".to_owned(), Value::from(30));
        fields.insert("rpo_seconds".to_owned(), Value::from(5));
    }
    Ok(seed.parameter(&name, &configuration.to_string()).await?)
}
