//! What one cell is played on: an emulated AWS of its own, the alarms, somebody who listens, and the functions.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use drill_cloud::{Alarm, AlarmState, AuroraSettings, Function, Inbox, Installation, Region, Shape};
use serde_json::{Value, json};

use crate::call::{ATTEMPT, WITNESS_REGION};
use crate::error::ChaosError;
use crate::scene::Scene;

/// Osaka's own view of the writer.
pub(crate) const LOCAL: Alarm = Alarm { name: "todo-writer-unreachable", region: Region::Osaka.id() };
/// The witness's, in a Region where no member is.
pub(crate) const WITNESS: Alarm = Alarm { name: "todo-writer-witness", region: WITNESS_REGION };
/// How long an invocation of `follow` may take; the last eight seconds are for one whole pass.
const FOLLOW_TIMEOUT: Duration = Duration::from_secs(30);
/// The same of `failover`, which watches what it started.
const FAILOVER_TIMEOUT: Duration = Duration::from_mins(3);
/// The probe's function, the same name in each Region.
const PROBE: &str = "todo-probe";
/// How many minutes before the move have samples of the lag.
const MINUTES_BEFORE: u64 = 20;

/// Where the programs are.
#[derive(Debug, Clone)]
pub(crate) struct Props {
    pub(crate) ministack: PathBuf,
    pub(crate) functions: PathBuf,
}

/// The stage of one cell; dropping it ends all of it.
pub(crate) struct Stage {
    pub(crate) installation: Installation,
    pub(crate) inbox: Inbox,
    pub(crate) follow: Vec<Function>,
    pub(crate) failover: Option<Function>,
}

impl Stage {
    /// The writer is in Seoul, published long ago; the functions are as warm as the scene has them.
    pub(crate) async fn set(scene: Scene, props: &Props) -> Result<Self, ChaosError> {
        let aurora = AuroraSettings {
            view_delay: Duration::ZERO,
            peer_lag: Duration::from_millis(10),
            step: Duration::from_millis(1),
            promotion: Duration::from_millis(500),
            ..AuroraSettings::default()
        };
        let installation = Installation::bare(&props.ministack, aurora).await?;
        let inbox = installation.cloud.inbox(Region::Osaka, "todo-failover").await?;
        installation.publish(&configuration(&installation, inbox.topic_arn(), scene)).await?;
        installation.cloud.front.play_probes(scene.words());
        for alarm in [LOCAL, WITNESS] {
            installation.cloud.alarms().create(alarm).await?;
        }
        if scene.has_alarms() {
            for minutes in 0..MINUTES_BEFORE {
                let at = SystemTime::now() - Duration::from_mins(minutes);
                installation.cloud.lag().put_at(Region::Osaka, Duration::from_millis(80), at).await?;
            }
        }
        let mut stage = Self { installation, inbox, follow: Vec::new(), failover: None };
        stage.deploy(scene, &props.functions).await?;
        Ok(stage)
    }

    async fn deploy(&mut self, scene: Scene, programs: &Path) -> Result<(), ChaosError> {
        let follow = programs.join("follow");
        for region in scene.followers() {
            let name = "follow".to_owned();
            self.follow.push(self.installation.deploy(&follow, *region, name, FOLLOW_TIMEOUT).await?);
        }
        if scene.has_alarms() {
            let failover = programs.join("failover");
            let deployed =
                self.installation.deploy(&failover, Region::Osaka, "failover".to_owned(), FAILOVER_TIMEOUT);
            self.failover = Some(deployed.await?);
        }
        Ok(())
    }

    /// Lets each question be asked once before the move, so that there is an answer of then; warms the functions of a
    /// switchover by that. What starts cold in the move has somebody else ask for it.
    pub(crate) async fn look_before(
        &self,
        scene: Scene,
        props: &Props,
        remember: bool,
    ) -> Result<(), ChaosError> {
        if !scene.is_warm() && !remember {
            return Ok(());
        }
        let front = &self.installation.cloud.front;
        front.remember_answers(remember);
        match scene {
            Scene::Switchover | Scene::Recovery => {
                for follow in &self.follow {
                    follow.invoke(&json!({})).await?;
                }
            }
            Scene::RegionDeath => {
                self.scout(&props.functions.join("follow"), &json!({})).await?;
            }
            Scene::Outage | Scene::ProbedOutage => {
                let well = self.installation.cloud.alarms().set(LOCAL, AlarmState::Ok).await?;
                self.scout(&props.functions.join("failover"), &well.event(Shape::EventBridge)).await?;
                // That there has been no attempt nobody asks before alarms go off.
                let ssm = self.installation.cloud.clients().ssm(Region::Osaka);
                drop(ssm.get_parameter().name(ATTEMPT).send().await);
            }
        }
        front.remember_answers(false);
        Ok(())
    }

    async fn scout(&self, program: &Path, event: &Value) -> Result<(), ChaosError> {
        let (name, timeout) = ("scout".to_owned(), FOLLOW_TIMEOUT);
        let scout = self.installation.deploy(program, Region::Osaka, name, timeout).await?;
        scout.invoke(event).await?;
        Ok(scout.delete().await?)
    }
}

fn configuration(installation: &Installation, topic_arn: &str, scene: Scene) -> Value {
    let alarms = [LOCAL.arn(), WITNESS.arn()];
    let mut configuration = installation.configuration();
    if let Some(fields) = configuration.as_object_mut() {
        let failover = json!({
            "mode": "automatic", "health_alarms": alarms, "writer_alarms": alarms, "topic_arn": topic_arn,
        });
        fields.extend([("settle_seconds".to_owned(), json!(60)), ("failover".to_owned(), failover)]);
        if !scene.words().is_empty() {
            let probe = json!({ Region::Seoul.id(): PROBE, Region::Osaka.id(): PROBE });
            fields.insert("probe".to_owned(), probe);
        }
    }
    configuration
}
