//! Runs the command that drives Terraform, a step at a time.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use crate::stage::error::DrillError;

/// A dead man's switch, as the emulator has one: when the pipe of which only we hold the other end closes, because the
/// step is over or because we were killed, the whole process group goes, Terraform and its plugins among it.
const DEAD_MANS_SWITCH: &str = r#"exec 3<&0
"$@" 3<&- </dev/null & step=$!
{ read -r _ <&3; kill -KILL 0; } >/dev/null 2>&1 &
wait "$step""#;

/// Runs steps against one endpoint.
#[derive(Debug)]
pub(crate) struct Driver {
    command: Vec<PathBuf>,
    work: PathBuf,
    endpoint: String,
}

impl Driver {
    /// Runs `command` with that folder for its files and that endpoint for AWS.
    pub(crate) fn new(command: &[PathBuf], work: &Path, endpoint: String) -> Self {
        Self { command: command.to_vec(), work: work.to_owned(), endpoint }
    }

    /// Runs a step and answers the JSON document that it prints. What it prints on standard error is for people.
    pub(crate) async fn step(&self, step: &str, more: &[&str]) -> Result<Value, DrillError> {
        let operation = || DrillError::io(format!("run the step {step} of Terraform"));
        let mut child = Command::new("sh")
            .args(["-c", DEAD_MANS_SWITCH, "dead-mans-switch"])
            .args(&self.command)
            .args(["--endpoint", &self.endpoint, "--work"])
            .arg(&self.work)
            .arg(step)
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(operation())?;
        let switch = child.stdin.take();
        let output = child.wait_with_output().await.map_err(operation())?;
        drop(switch);
        let failed = |problem: String| DrillError::Terraform { step: step.to_owned(), problem };
        if !output.status.success() {
            return Err(failed(format!("{}; what it says is above", output.status)));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| failed(format!("answers no JSON: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn driver(script: &str) -> Driver {
        let command = ["sh", "-c", script, "driver"].map(PathBuf::from);
        Driver::new(&command, Path::new("/nowhere"), "http://127.0.0.1:9".to_owned())
    }

    #[tokio::test]
    async fn a_step_answers_what_it_prints() {
        let told = driver(r#"echo "{\"arguments\": \"$*\"}""#).step("plan", &["--log", "x"]).await.unwrap();
        assert_eq!(told["arguments"], "--endpoint http://127.0.0.1:9 --work /nowhere plan --log x");
    }

    #[tokio::test]
    async fn a_failed_step_is_an_error_that_names_it() {
        let failed = driver("exit 3").step("destroy", &[]).await.unwrap_err().to_string();
        assert!(failed.contains("destroy") && failed.contains("exit status: 3"), "{failed}");
    }

    #[tokio::test]
    async fn a_step_that_is_given_up_ends_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let script = format!("sleep 60 & echo $! > {}; wait", file.display());
        let driver = driver(&script);
        let step = driver.step("apply", &[]);
        assert!(tokio::time::timeout(std::time::Duration::from_millis(500), step).await.is_err());
        let pid = std::fs::read_to_string(&file).unwrap();
        let status = PathBuf::from(format!("/proc/{}", pid.trim()));
        for _ in 0..100 {
            // One that nobody has waited for yet is a zombie: as dead.
            let state = std::fs::read_to_string(status.join("stat")).unwrap_or_default();
            if state.is_empty() || state.contains(") Z ") {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the step's own child still runs");
    }
}
