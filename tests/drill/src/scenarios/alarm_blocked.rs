//! alarm-blocked: for one reason after the other, and for that reason alone, nothing is started.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use drill_cloud::aurora::ENGINE_VERSION;
use drill_cloud::front::{Fault, Scope};
use drill_cloud::{AlarmChange, AlarmState, Region, Shape};
use drill_report::{Check, EventKind, Lane};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::script::alarms::{MAIL, check, is, is_refused, words};
use crate::script::lag::LagMeter;
use crate::script::play::Play;
use crate::script::{Action, Expects, Script};
use crate::stage::delivery::Invoked;
use crate::stage::error::DrillError;
use crate::stage::installation::PREFIX;
use crate::stage::policy::{LOCAL, Policy, WITNESS, WRITER_ALARMS, WRITER_FROM_OSAKA};

pub(crate) const SCRIPT: Script = Script {
    name: "alarm-blocked",
    title: "One check after the other keeps a failover from being started",
    story: "Mode automatic, and both alarms stay in ALARM while the writer works. For one reason after the other, and for that reason \
            alone, the failover must not be started, and the answer must name it.",
    policy: Some(POLICY),
    expects: Expects::NOTHING_MOVES,
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(blocked(play))),
};

/// The writer works all the while, so that a failover that is started shows.
const POLICY: Policy = Policy { max_lag_seconds: 2, ..Policy::of("automatic").with_writer_alarms() };
/// A hundred years: longer ago than any publication.
const CENTURY_S: u32 = 3_155_760_000;
/// Longer than the emulated RDS takes to show a change, in seconds.
const SHOWN: f64 = 0.15;
/// Longer than one look and the pause until the next one, in seconds.
const SEVERAL_LOOKS: f64 = 7.0;

async fn blocked(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Both alarms stay in ALARM, one reason after the other", None);
    for alarm in WRITER_ALARMS.into_iter().chain([WITNESS]) {
        play.set_alarm(alarm, AlarmState::Alarm).await?;
    }
    let change = play.set_alarm(LOCAL, AlarmState::Alarm).await?;
    play.alarmed();
    let mut cases = Cases { play, change, asked: 0, told: Vec::new() };
    cases.unknown("no sample of the lag", "replication_lag").await?;
    let lag = cases.play.measure_lag().await?;
    cases.by_the_operator().await?;
    cases.by_the_target().await?;
    cases.by_another_attempt().await?;
    cases.by_the_region().await;
    cases.by_the_alarms().await?;
    cases.by_the_database().await?;
    // The last, because CloudWatch tells the greatest lag of a minute.
    cases.by_the_lag(&lag).await?;
    let told = std::mem::take(&mut cases.told);
    play.rest(MAIL).await;
    play.end_leg();
    play.expect_messages("Messages, one for each change of a reason that is sure", told.len());
    for name in told.iter().collect::<BTreeSet<_>>() {
        play.expect_one_message(&format!("todo: no failover to ap-northeast-3 from ap-northeast-2: {name}"));
    }
    play.expect_failover_calls(0);
    play.expect_record_changes(0);
    Ok(())
}

/// The cases, told of by one event each.
struct Cases<'a> {
    play: &'a mut Play,
    change: AlarmChange,
    asked: usize,
    /// What people have to hear of, in order: each change of the reason, and nothing that nobody can be sure of yet.
    told: Vec<String>,
}

impl Cases<'_> {
    /// The function in Osaka refuses, names that check and no other, and shows what it found.
    async fn blocked(&mut self, why: &str, name: &str) {
        let invoked = self.ask(Region::Osaka, why).await;
        let refused = is_refused(&invoked, &[name]);
        self.note(why, name, &invoked, refused);
        if self.told.last().is_none_or(|last| last != name) {
            self.told.push(name.to_owned());
        }
    }

    /// The same where nobody can be sure yet: the function goes on looking, until the alarms are over.
    async fn unknown(&mut self, why: &str, name: &str) -> Result<(), DrillError> {
        self.play.act(Lane::Events, EventKind::Action, why);
        let shape = Shape::ALL.into_iter().cycle().nth(self.asked).unwrap_or(Shape::EventBridge);
        self.asked += 1;
        let over = async {
            self.play.rest(SEVERAL_LOOKS).await;
            let alarms = self.play.stage.cloud.alarms();
            alarms.set(LOCAL, AlarmState::Ok).await?;
            alarms.set(WITNESS, AlarmState::Ok).await
        };
        let looking = self.play.delivery.invoke_failover(Region::Osaka, &self.change, shape);
        let (invoked, over) = tokio::join!(looking, over);
        over?;
        let refused = is_refused(&invoked, &[name]);
        self.note(why, name, &invoked, refused);
        let looked = invoked.ended.map(|ended| ended.duration_since(invoked.began));
        let looked = looked.is_some_and(|looked| looked.as_secs_f64() >= SEVERAL_LOOKS);
        self.play.expect_yes(format!("{why}: it goes on looking while the alarms last"), looked);
        self.play.set_alarm(WITNESS, AlarmState::Alarm).await?;
        self.change = self.play.set_alarm(LOCAL, AlarmState::Alarm).await?;
        Ok(())
    }

    async fn ask(&mut self, region: Region, why: &str) -> Invoked {
        self.play.act(Lane::Events, EventKind::Action, why);
        let shape = Shape::ALL.into_iter().cycle().nth(self.asked).unwrap_or(Shape::EventBridge);
        self.asked += 1;
        self.play.delivery.invoke_failover(region, &self.change, shape).await
    }

    fn note(&mut self, why: &str, name: &str, invoked: &Invoked, refused: bool) {
        let (value, pass) = check(&invoked.payload, name).unwrap_or(("no such check", false));
        let held = refused && !pass;
        let measured = if held { value.to_owned() } else { words(invoked) };
        self.play.checks.push(Check { name: name.to_owned(), value: value.to_owned(), pass });
        let what = format!("{why}: refused by {name}");
        self.play.expect_that(what, "refused", measured, held);
    }

    /// The hold switch, and a transition that was too recent.
    async fn by_the_operator(&mut self) -> Result<(), DrillError> {
        let hold = format!("{PREFIX}/hold/todo");
        let seed = self.play.stage.cloud.seed();
        seed.parameter(&hold, "maintenance until noon").await?;
        self.blocked("the hold switch is set", "no_hold").await;
        for region in Region::ALL {
            seed.delete_parameter(region, &hold).await?;
        }
        let patient = Policy { cooldown_seconds: CENTURY_S, ..POLICY };
        self.play.stage.configure(Some(patient)).await?;
        self.blocked("the last transition is too recent", "cooldown").await;
        self.play.stage.configure(Some(POLICY)).await
    }

    /// No instance, another version, an operation under way.
    async fn by_the_target(&mut self) -> Result<(), DrillError> {
        let aurora = self.play.aurora().clone();
        aurora.set_headless(Region::Osaka, true);
        self.play.rest(SHOWN).await;
        self.blocked("the target has no instance", "target_ready").await;
        aurora.set_headless(Region::Osaka, false);
        aurora.set_engine_version(Region::Osaka, "16.4");
        self.play.rest(SHOWN).await;
        self.blocked("the target runs another version", "versions_equal").await;
        aurora.set_engine_version(Region::Osaka, ENGINE_VERSION);
        aurora.show_pending(Some(Region::Osaka)).map_err(DrillError::refused("show a transition"))?;
        self.play.rest(SHOWN).await;
        self.blocked("a transition is under way", "no_transition").await;
        aurora.show_pending(None).map_err(DrillError::refused("end a transition"))?;
        self.play.rest(SHOWN).await;
        Ok(())
    }

    /// A function that died between the call and its answer leaves an attempt whose end nobody knows.
    async fn by_another_attempt(&mut self) -> Result<(), DrillError> {
        let name = format!("{PREFIX}/attempt/todo");
        let at = OffsetDateTime::from(SystemTime::now()).replace_nanosecond(0);
        let at = at.ok().and_then(|at| at.format(&Rfc3339).ok());
        let seed = self.play.stage.cloud.seed();
        let before = seed.read_parameter(Region::Osaka, &name).await?;
        let mut journal: Value =
            before.as_deref().and_then(|it| serde_json::from_str(it).ok()).unwrap_or_else(|| json!({}));
        if let Some(fields) = journal.as_object_mut() {
            let attempt = json!({ "at": at, "target": Region::Osaka.id(), "epoch": 1, "started": "calling" });
            fields.insert("attempt".to_owned(), attempt);
        }
        seed.parameter_in(Region::Osaka, &name, &journal.to_string()).await?;
        self.unknown("an attempt is open", "single_flight").await?;
        match before {
            Some(before) => seed.parameter_in(Region::Osaka, &name, &before).await?,
            None => seed.delete_parameter(Region::Osaka, &name).await?,
        }
        Ok(())
    }

    /// The writer's own Region is told as well: that it has no standby of its own is a reason besides.
    async fn by_the_region(&mut self) {
        let why = "the writer's own Region is asked";
        let invoked = self.ask(Region::Seoul, why).await;
        let refused = is("refused", &invoked);
        self.note(why, "region_is_target", &invoked, refused);
    }

    /// One is over; one's Region does not answer; all of a Region's are muted.
    async fn by_the_alarms(&mut self) -> Result<(), DrillError> {
        self.play.set_alarm(WITNESS, AlarmState::Ok).await?;
        self.blocked("one alarm is over", "alarms_in_alarm").await;
        self.play.set_alarm(WITNESS, AlarmState::Alarm).await?;
        // The witness's check of the database would be missing as well, which is a reason of its own.
        let from_osaka = Policy { writer_alarms: &[WRITER_FROM_OSAKA], ..POLICY };
        self.play.stage.configure(Some(from_osaka)).await?;
        let front = &self.play.stage.cloud.front;
        let cut = front.inject(Scope::elsewhere(WITNESS.region), Fault::BlackHole);
        self.blocked("the witness's Region does not answer", "alarms_in_alarm").await;
        self.play.stage.cloud.front.heal(cut);
        self.play.stage.configure(Some(POLICY)).await?;
        let front = &self.play.stage.cloud.front;
        front.mute_alarms(LOCAL.region, Some("night-work"));
        self.unknown("an alarm is muted", "alarms_in_alarm").await?;
        let front = &self.play.stage.cloud.front;
        front.mute_alarms(LOCAL.region, None);
        Ok(())
    }

    /// The checks of the database itself: it takes writes, by the one from Osaka.
    async fn by_the_database(&mut self) -> Result<(), DrillError> {
        self.play.set_alarm(WRITER_FROM_OSAKA, AlarmState::Ok).await?;
        self.blocked("the database is well", "writer_down").await;
        self.play.set_alarm(WRITER_FROM_OSAKA, AlarmState::Alarm).await?;
        Ok(())
    }

    /// The standby receives nothing until it is further behind than is allowed, and was so when the outage began.
    async fn by_the_lag(&mut self, meter: &LagMeter) -> Result<(), DrillError> {
        let osaka = self.play.stage.servers.osaka.clone();
        osaka.pause_replication().await?;
        let far = Duration::from_secs(POLICY.max_lag_seconds.into());
        let lag =
            self.play.wait("a lag that is too great", |_| meter.last().filter(|lag| *lag > far)).await?;
        self.play.lag_before(lag).await?;
        self.blocked("the standby is too far behind", "replication_lag").await;
        Ok(osaka.resume_replication().await?)
    }
}
