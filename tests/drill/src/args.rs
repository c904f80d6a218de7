//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::scenarios::Name;

/// Plays every failure on this machine: two real PostgreSQL servers, the real function binaries, real DNS, an
/// emulated AWS and a todo app that writes all the time. Says how long writes were out and which were lost.
///
/// The exit status is the verdict: 0 when every expectation held, 1 when one did not, 2 when the drill could not
/// be played, 130 after Ctrl-C. Usually started by `make drill`.
#[derive(Debug, Parser)]
#[command(name = "local-drill", version)]
pub(crate) struct Args {
    /// Play only this scenario; may be given several times [default: all]
    #[arg(long = "scenario", value_enum)]
    pub(crate) scenarios: Vec<Name>,

    /// The Python environment with the AWS emulator (and the embedded PostgreSQL)
    #[arg(long, default_value = "target/venv")]
    pub(crate) venv: PathBuf,

    /// The release binary of the function `follow`
    #[arg(long, default_value = "target/release/follow")]
    pub(crate) follow: PathBuf,

    /// The release binary of the function `failover`
    #[arg(long, default_value = "target/release/failover")]
    pub(crate) failover: PathBuf,

    /// The release binary of the function `drill`
    #[arg(long, default_value = "target/release/drill")]
    pub(crate) drill: PathBuf,

    /// The operator's command
    #[arg(long, default_value = "target/debug/failoverctl")]
    pub(crate) failoverctl: PathBuf,

    /// The binary of the todo app
    #[arg(long, default_value = "target/debug/todo")]
    pub(crate) todo: PathBuf,

    /// Where report.json and report.html go
    #[arg(long, default_value = "target/drill")]
    pub(crate) out: PathBuf,

    /// Play on what Terraform makes instead: this command, the rest of the line, runs it a step at a time
    /// (infra/emulator/installation.py)
    #[arg(long, value_name = "COMMAND", num_args = 1.., allow_hyphen_values = true)]
    pub(crate) installed: Vec<PathBuf>,

    /// Play nothing; check that this report shows the named scenarios, all of them passed
    #[arg(long, value_name = "REPORT")]
    pub(crate) check: Option<PathBuf>,
}

impl Args {
    /// The scenarios to play, in the order of the list.
    pub(crate) fn wanted(&self) -> Vec<Name> {
        Name::ALL
            .into_iter()
            .filter(|name| self.scenarios.is_empty() || self.scenarios.contains(name))
            .collect()
    }
}
