//! The drill on what Terraform made: its zone, record, parameters, rules, schedule and functions, not the drill's own.
//!
//! The drill starts the emulated AWS with its database. Terraform is run against it by a command of its own, a step at a
//! time; in between, the same scripts as ever are played on what is there then.

mod driver;
mod made;
mod part;
mod published;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use drill_cloud::Region;
use drill_report::{Environment, Expectation, NamedValue, Report, Scenario, Verdict};
use time::OffsetDateTime;

use self::driver::Driver;
use self::made::Made;
use self::part::Part;
use crate::findings::write::{unplayed, write};
use crate::scenarios::{failback, failover, play_on, switchover};
use crate::script::Script;
use crate::script::progress::Progress;
use crate::stage::error::DrillError;
use crate::stage::pace::Pace;
use crate::stage::props::Props;
use crate::stage::{Ground, Stage};

/// What is done, in order.
const PARTS: [&str; 6] = ["apply", "switchover", "failover", "apply-after-failover", "failback", "destroy"];
/// The schedule's period, and what a tick may be late.
const SCHEDULE: Duration = Duration::from_secs(75);
/// How often the functions' logs are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Plays all of it; `command` runs Terraform.
pub(crate) async fn run(command: &[PathBuf], props: &Arc<Props>) -> Result<Verdict, DrillError> {
    let progress = Progress::new();
    let (started_at, started) = (OffsetDateTime::now_utc(), Instant::now());
    let mut run = Run { props, progress: &progress, scenarios: Vec::new(), settings: Vec::new() };
    if let Err(error) = Box::pin(run.play(command)).await {
        let part = PARTS.get(run.scenarios.len()).copied().unwrap_or("end");
        run.scenarios.push(unplayed(part, &error));
    }
    for scenario in &run.scenarios {
        progress.done(&format!("{:21} {}", scenario.name, scenario.verdict().as_str()));
    }
    progress.finish();
    let report = Report {
        emulated: true,
        started_at,
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        environment: environment(props, run.settings),
        scenarios: run.scenarios,
    };
    write(&report, props)?;
    Ok(report.verdict())
}

fn environment(props: &Props, settings: Vec<NamedValue>) -> Environment {
    let mut details = vec![
        NamedValue::new("PostgreSQL", format!("{} ({})", props.binaries.version(), props.binaries.origin())),
        NamedValue::new("AWS emulator", "ministack 1.5.33, with an Aurora of our own in front"),
        NamedValue::new("installation", "made by Terraform: the example existing_database"),
        NamedValue::new(
            "RDS events",
            "put to the patterns of the rules in the emulated EventBridge, delivered to the targets of those that they meet; \
             neither tried again nor put into dead-letter queues",
        ),
        NamedValue::new("schedule", "the rule's own, played by the emulator, each minute"),
    ];
    details.extend(settings);
    Environment { tls_exercised: props.binaries.has_tls(), details }
}

struct Run<'a> {
    props: &'a Arc<Props>,
    progress: &'a Progress,
    scenarios: Vec<Scenario>,
    settings: Vec<NamedValue>,
}

impl Run<'_> {
    async fn play(&mut self, command: &[PathBuf]) -> Result<(), DrillError> {
        let mut apply = self.begin("What Terraform makes, and that a second plan is empty");
        let ground = Ground::start(self.props, Pace::Quick, true, None).await?;
        let driver = Driver::new(command, &self.props.out, ground.cloud.front.endpoint());
        let made = self.apply(&driver, &ground, &mut apply).await?;
        let Made { installation, functions, inbox, .. } = made;
        let mut stage = Stage::on(self.props, ground, installation, functions, inbox).await?;
        self.wait_for_schedule(&driver, &mut apply).await?;
        self.scenarios.push(apply.done());
        for script in [&switchover::SCRIPT, &failover::SCRIPT] {
            stage = self.scenario(script, stage).await?;
        }
        self.apply_after_failover(&driver, &stage).await?;
        stage = self.scenario(&failback::SCRIPT, stage).await?;
        self.destroy(&driver, stage).await
    }

    /// The next part.
    fn begin(&self, title: &str) -> Part {
        let number = self.scenarios.len();
        let name = PARTS.get(number).copied().unwrap_or("end");
        self.progress.done(&format!("{}/{} {name}", number + 1, PARTS.len()));
        Part::begin(name, title)
    }

    async fn apply(&mut self, driver: &Driver, ground: &Ground, part: &mut Part) -> Result<Made, DrillError> {
        self.progress.step("terraform apply of existing_database");
        let told = driver.step("apply", &[]).await?;
        self.progress.step("terraform plan");
        let plan = driver.step("plan", &["--log", "plan-after-apply"]).await?;
        part.expect_empty("A second plan changes", &plan);
        let made = Made::read(&ground.cloud, &told).await?;
        made.expect(part, &told);
        self.settings = made.settings();
        Ok(made)
    }

    /// The rule's schedule wakes `follow` in both Regions without any doing of the drill's.
    async fn wait_for_schedule(&self, driver: &Driver, part: &mut Part) -> Result<(), DrillError> {
        self.progress.step("waiting for the schedule's own tick in both Regions");
        let began = Instant::now();
        loop {
            let ticks = driver.step("ticks", &[]).await?;
            let seen = |region: Region| ticks.get(region.id()).and_then(serde_json::Value::as_u64);
            let all = Region::ALL.into_iter().all(|region| seen(region).is_some_and(|ticks| ticks > 0));
            if all || began.elapsed() > SCHEDULE {
                let expected = "at least 1 in each Region";
                part.expect(Expectation::judged(
                    "Passes that the rule's schedule started",
                    expected,
                    ticks.to_string(),
                    all,
                ));
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Plays a script of the drill on the stage, with apps that have not seen another.
    async fn scenario(&mut self, script: &Script, mut stage: Stage) -> Result<Stage, DrillError> {
        drop(self.begin(script.name));
        self.progress.step("waiting until the last publication has settled");
        published::wait_until_settled(&stage).await?;
        stage.restart_apps().await?;
        let epoch = published::epoch(&stage).await?;
        let writer = stage.cloud.aurora.truth().writer().unwrap_or(Region::Seoul);
        let (mut scenario, stage) = Box::pin(play_on(stage, script, self.progress)).await?;
        scenario.steady_state = steady_state(&stage, epoch, writer);
        self.scenarios.push(scenario);
        Ok(stage)
    }

    /// While the writer is where Terraform did not put it: neither a plan nor an apply may want it back.
    async fn apply_after_failover(&mut self, driver: &Driver, stage: &Stage) -> Result<(), DrillError> {
        let mut part = self.begin("Terraform after the failover, with the writer in Osaka");
        let (before, since) = (published::everything(stage).await?, Instant::now());
        self.progress.step("terraform plan");
        let plan = driver.step("plan", &["--log", "plan-after-failover"]).await?;
        part.expect_empty("A plan after the failover changes", &plan);
        self.progress.step("terraform apply");
        driver.step("reapply", &[]).await?;
        let after = published::everything(stage).await?;
        published::expect_untouched(&mut part, stage, &before, &after, since);
        self.scenarios.push(part.done());
        Ok(())
    }

    async fn destroy(&mut self, driver: &Driver, stage: Stage) -> Result<(), DrillError> {
        let mut part = self.begin("Terraform takes all of it away");
        self.progress.step("terraform destroy");
        let left = driver.step("destroy", &[]).await?;
        drop(stage);
        part.expect_none("What is left of the installation", left.get("left"));
        let stays = left.get("stays").and_then(serde_json::Value::as_array);
        for name in stays.into_iter().flatten().filter_map(serde_json::Value::as_str) {
            part.note(format!("{name} stays: a function wrote it, and Terraform does not know of it."));
        }
        self.scenarios.push(part.done());
        Ok(())
    }
}

fn steady_state(stage: &Stage, epoch: u64, writer: Region) -> Vec<NamedValue> {
    let reader = writer.peer();
    let installation = &stage.installation;
    vec![
        NamedValue::new("installation", "made by Terraform"),
        NamedValue::new("writer", format!("{} ({writer}), published at epoch {epoch}", writer.city())),
        NamedValue::new("reader", format!("{} ({reader}), streaming", reader.city())),
        NamedValue::new("app in Seoul", format!("follows the record {}", installation.record)),
        NamedValue::new("app in Osaka", format!("follows the parameter {}", installation.parameter)),
    ]
}

/// The absolute forms of the command's paths that name files here; others are found on the PATH.
pub(crate) fn absolute(command: &[PathBuf]) -> Vec<PathBuf> {
    let here = |path: &Path| path.is_file().then(|| std::path::absolute(path).ok()).flatten();
    command.iter().map(|part| here(part).unwrap_or_else(|| part.clone())).collect()
}
