//! The command line.

use std::path::PathBuf;

use clap::Parser;
use clap::builder::{PossibleValue, PossibleValuesParser};

use crate::scenarios::{ALL, TOUR};
use crate::script::Script;
use crate::stage::pace::Pace;

/// Plays failures on this machine: two real PostgreSQL servers, the real function binaries, real DNS, an
/// emulated AWS and a todo app that writes all the time. Says how long writes were out and which were lost.
///
/// The exit status is the verdict: 0 when every expectation held, 1 when one did not, 2 when the drill could not
/// be played, 130 after Ctrl-C. Usually started by `make drill`.
#[derive(Debug, Parser)]
#[command(name = "local-drill", version)]
pub(crate) struct Args {
    /// Play only this scenario, or all; may be given several times
    /// [default: switchover, failover, region-down, by-hand and region-failure]
    #[arg(long = "scenario", value_parser = names())]
    scenarios: Vec<String>,

    /// How quick AWS is played; scenarios that have no other pace are played quickly
    #[arg(long, value_enum, default_value_t)]
    pub(crate) pace: Pace,

    /// The Python environment with the AWS emulator (and the embedded PostgreSQL)
    #[arg(long, default_value = "target/venv")]
    pub(crate) venv: PathBuf,

    /// The folder with the binaries of the functions follow, failover and drill [default: this program's own]
    #[arg(long)]
    pub(crate) functions: Option<PathBuf>,

    /// What `make setup-clients` installed, for the scenario `clients`
    #[arg(long, default_value = "target/clients")]
    pub(crate) clients: PathBuf,

    /// Where report.json and report.html go
    #[arg(long, default_value = "target/drill")]
    pub(crate) out: PathBuf,

    /// Play on what Terraform makes instead: this command, the rest of the line, runs it a step at a time
    /// (infra/emulator/installation.py)
    #[arg(long, value_name = "COMMAND", num_args = 1.., allow_hyphen_values = true)]
    pub(crate) installed: Vec<PathBuf>,

    /// Play a soak instead: so many switchovers and failovers in turn, with a kill -9 of a process of ours in each
    #[arg(long, value_name = "ROUNDS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) soak: Option<u32>,

    /// Which moves and kills the soak draws; the same seed draws the same [default: another each time]
    #[arg(long, requires = "soak")]
    pub(crate) seed: Option<u64>,

    /// Play no scenario: keep the whole stage up until Ctrl-C, with a page on loopback that shows it and plays on it
    #[arg(long, conflicts_with_all = ["scenarios", "installed", "soak", "check", "stage_env"])]
    pub(crate) stage: bool,

    /// Print what points a shell at the stage whose reports go to the same folder
    #[arg(long)]
    pub(crate) stage_env: bool,

    /// Play nothing; check that this report shows the named scenarios, all of them passed
    #[arg(long, value_name = "REPORT")]
    pub(crate) check: Option<PathBuf>,
}

/// In the place of a scenario's name.
const EVERY: &str = "all";

fn names() -> PossibleValuesParser {
    let scenarios = ALL.map(|script| PossibleValue::new(script.name).help(script.title));
    scenarios.into_iter().chain([PossibleValue::new(EVERY).help("Every one of these")]).into()
}

impl Args {
    /// The scenarios to play, in the order of the list.
    pub(crate) fn wanted(&self) -> Vec<&'static Script> {
        let has = |name: &str| self.scenarios.iter().any(|wanted| wanted == name);
        if self.scenarios.is_empty() {
            return TOUR.to_vec();
        }
        ALL.into_iter().filter(|script| has(script.name) || has(EVERY)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(arguments: &[&str]) -> Vec<&'static str> {
        let args = Args::try_parse_from([&["local-drill"], arguments].concat()).unwrap();
        args.wanted().into_iter().map(|script| script.name).collect()
    }

    #[test]
    fn the_tour_is_played_unless_something_is_named() {
        assert_eq!(wanted(&[]), ["switchover", "failover", "region-down", "by-hand", "region-failure"]);
        assert_eq!(wanted(&["--scenario", "by-hand", "--scenario", "steady"]), ["steady", "by-hand"]);
        assert_eq!(wanted(&["--scenario", "all"]).len(), ALL.len());
        assert!(Args::try_parse_from(["local-drill", "--scenario", "failback"]).is_err());
    }

    #[test]
    fn the_pace_is_quick_unless_the_real_one_is_asked_for() {
        let pace = |arguments: &[&str]| {
            Args::try_parse_from([&["local-drill"], arguments].concat()).map(|args| args.pace)
        };
        assert_eq!(pace(&[]).unwrap(), Pace::Quick);
        assert_eq!(pace(&["--pace", "real"]).unwrap(), Pace::Real);
        let said = pace(&["--pace", "slow"]).unwrap_err().to_string();
        assert!(said.contains("'slow'") && said.contains("[possible values: quick, real]"), "{said}");
    }

    #[test]
    fn a_stage_plays_no_scenario() {
        let parsed = |arguments: &[&str]| Args::try_parse_from([&["local-drill"], arguments].concat());
        assert!(parsed(&["--stage", "--pace", "real"]).unwrap().stage);
        assert!(parsed(&["--stage", "--scenario", "steady"]).is_err());
        assert!(parsed(&["--stage", "--stage-env"]).is_err());
    }

    #[test]
    fn a_scenario_without_a_real_pace_is_played_quickly() {
        let real: Vec<_> = ALL
            .into_iter()
            .filter(|script| script.pace(Pace::Real) == Pace::Real)
            .map(|it| it.name)
            .collect();
        assert_eq!(real, ["probe-says-no", "network-cut", "database-failure", "region-failure"]);
        assert!(ALL.into_iter().all(|script| script.pace(Pace::Quick) == Pace::Quick));
    }
}
