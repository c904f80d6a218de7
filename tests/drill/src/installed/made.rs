//! What Terraform made, read back from its outputs and from the emulated AWS.

use std::sync::Arc;

use drill_cloud::{Cloud, Deployment, Function, Inbox, Pair, Region, Rules};
use drill_report::{Expectation, NamedValue};
use serde_json::Value;

use super::part::Part;
use crate::stage::error::DrillError;
use crate::stage::functions::{DRILL, Functions};
use crate::stage::installation::Installation;
use crate::stage::wakes::{Switchboard, Wakes, job_of};

/// A slot of each function that is left to the schedule, whose invocations are the emulator's own: the drill's must not take
/// all that are reserved.
const SCHEDULES_SLOT: usize = 1;
/// What is counted on where nothing is reserved.
const UNRESERVED: usize = 2;

/// The installation, as it was found.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) installation: Installation,
    pub(crate) functions: Functions,
    pub(crate) inbox: Inbox,
    deployments: Vec<(Region, String, Deployment)>,
    rules: Rules,
}

impl Made {
    /// Reads it back; `told` is what the step `apply` says.
    pub(crate) async fn read(cloud: &Cloud, told: &Value) -> Result<Self, DrillError> {
        let name = |function: &str| text(told, &format!("/outputs/function_names/{function}"));
        let (follow, seouls, osakas) = found(cloud, name("follow")?).await?;
        let (failover, one, other) = found(cloud, name("failover")?).await?;
        let (_, third, fourth) = found(cloud, name("drill")?).await?;
        let rules = Rules::read(&cloud.emulator).await?;
        let topic = text(told, "/outputs/topic_arns/secondary")?;
        let inbox = Inbox::listen(&cloud.emulator, Region::Osaka, topic).await?;
        let functions = Functions {
            follow,
            failover,
            follow_slots: slots(&seouls)?,
            failover_slots: slots(&one)?,
            wakes: Wakes::Rules(Arc::new(Switchboard::of(rules.clone()))),
        };
        let installation = installation(cloud, told, &seouls).await?;
        let both = |name: &str, seoul: Deployment, osaka: Deployment| {
            [(Region::Seoul, name.to_owned(), seoul), (Region::Osaka, name.to_owned(), osaka)]
        };
        let deployments =
            [both("follow", seouls, osakas), both("failover", one, other), both("drill", third, fourth)];
        let deployments = deployments.into_iter().flatten().collect();
        Ok(Self { installation, functions, inbox, deployments, rules })
    }

    /// What has to hold of it before anything is played.
    pub(crate) fn expect(&self, part: &mut Part, told: &Value) {
        let resources = told.get("resources").and_then(Value::as_u64);
        part.expect(Expectation::at_least("Resources that Terraform made", 90, resources));
        let packages = &told["packages"];
        let of_another = self.listed(|name, deployment| packages[name] != deployment.code_sha256.as_str());
        part.expect_none("Functions that do not run the package that was built", Some(&of_another));
        let told_where =
            self.listed(|_, it| it.environment.keys().any(|key| key.starts_with("AWS_ENDPOINT")));
        part.expect_none("Functions that are told where AWS is", Some(&told_where));
        let pageless = self.listed(|name, it| {
            let keeps =
                it.environment.get("REPORT_BUCKET").is_some_and(|bucket| bucket.starts_with("reports-"));
            keeps == (name == "follow")
        });
        part.expect_none(
            "Functions that do not know where to keep a page, or do and move nothing",
            Some(&pageless),
        );
        let outputs = [
            ("/outputs/record_name", &self.installation.record),
            ("/outputs/parameter_name", &self.installation.parameter),
            ("/outputs/writer_endpoint/zone_id", &self.installation.zone),
        ];
        let others: Vec<&str> = outputs
            .into_iter()
            .filter(|(pointer, value)| told.pointer(pointer).and_then(Value::as_str) != Some(value))
            .map(|(pointer, _)| pointer)
            .collect();
        part.expect_none("Outputs that the configuration parameter contradicts", Some(&others.into()));
        part.expect_none("Rules that deliver nowhere", Some(&self.deaf_rules()));
        self.rules_as_notes().into_iter().for_each(|note| part.note(note));
    }

    /// What it was made with, for the report.
    pub(crate) fn settings(&self) -> Vec<NamedValue> {
        let installation = &self.installation;
        let mut settings = vec![
            NamedValue::new("record TTL", format!("{} s", installation.ttl_seconds)),
            NamedValue::new("settle_seconds", installation.settle_seconds.to_string()),
            NamedValue::new("PARAMETER_PREFIX", &installation.prefix),
        ];
        settings.extend(self.deployments.iter().filter(|(region, ..)| *region == Region::Seoul).map(
            |(_, name, it)| {
                let reserved = it.reserved_concurrency.map_or("nothing".to_owned(), |it| it.to_string());
                let (memory, timeout) = (it.memory_mb, it.timeout.as_secs());
                NamedValue::new(name, format!("{memory} MB, {timeout} s, {reserved} at once"))
            },
        ));
        settings
    }

    fn listed(&self, is_meant: impl Fn(&str, &Deployment) -> bool) -> Value {
        let meant = self.deployments.iter().filter(|(_, name, deployment)| is_meant(name, deployment));
        meant.map(|(region, name, _)| Value::from(format!("{name} in {region}"))).collect()
    }

    /// Enabled rules without a target that the drill knows how to wake.
    fn deaf_rules(&self) -> Value {
        let all = Region::ALL
            .into_iter()
            .flat_map(|region| self.rules.of(region).iter().map(move |rule| (region, rule)));
        let deaf = all.filter(|(region, rule)| {
            !rule.enabled || !rule.targets.iter().any(|arn| job_of(arn, *region).is_ok())
        });
        deaf.map(|(region, rule)| Value::from(format!("{} in {region}", rule.name))).collect()
    }

    fn rules_as_notes(&self) -> Vec<String> {
        let rules = self.rules.of(Region::Seoul).iter();
        let note = |rule: &drill_cloud::Rule| {
            let when = rule.schedule.as_ref().or(rule.pattern.as_ref()).map_or("never", String::as_str);
            format!("Rule {}: {when}, to {}.", rule.name, rule.targets.join(", "))
        };
        rules.map(note).collect()
    }
}

/// The function of that name in both Regions, and how it is deployed in each.
async fn found(cloud: &Cloud, name: &str) -> Result<(Pair<Function>, Deployment, Deployment), DrillError> {
    let (seoul, osaka) = tokio::try_join!(
        Function::find(&cloud.emulator, Region::Seoul, name),
        Function::find(&cloud.emulator, Region::Osaka, name),
    )?;
    Ok((Pair { seoul: seoul.0, osaka: osaka.0 }, seoul.1, osaka.1))
}

/// How many invocations at once are the drill's. Where nothing is reserved for the function it has what a new account's quota of
/// ten leaves it, beside the others of ours and whatever else runs there.
fn slots(deployment: &Deployment) -> Result<usize, DrillError> {
    let too_few = || DrillError::Unproven("a function reserves less than two invocations at once".to_owned());
    let Some(reserved) = deployment.reserved_concurrency else { return Ok(UNRESERVED) };
    reserved.checked_sub(SCHEDULES_SLOT).filter(|left| *left > 0).ok_or_else(too_few)
}

/// From the function's environment to the configuration that it will find there, the same in both Regions.
async fn installation(cloud: &Cloud, told: &Value, follow: &Deployment) -> Result<Installation, DrillError> {
    if text(told, "/outputs/function_names/drill")? != DRILL {
        return Err(DrillError::Unproven(format!("the function drill is not called {DRILL}")));
    }
    let prefix = follow.environment.get("PARAMETER_PREFIX").cloned();
    let prefix = prefix.ok_or_else(|| DrillError::Unproven("follow has no PARAMETER_PREFIX".to_owned()))?;
    let database = text(told, "/database")?.to_owned();
    let name = format!("{prefix}/databases/{database}");
    let seed = cloud.seed();
    let (seoul, osaka) = tokio::try_join!(
        seed.read_parameter(Region::Seoul, &name),
        seed.read_parameter(Region::Osaka, &name)
    )?;
    if seoul != osaka {
        return Err(DrillError::Unproven(format!("the parameter {name} differs between the Regions")));
    }
    let configuration = seoul.and_then(|json| serde_json::from_str::<Value>(&json).ok());
    let configuration =
        configuration.ok_or_else(|| DrillError::Unproven(format!("the parameter {name} holds no JSON")))?;
    Ok(Installation {
        prefix,
        database,
        zone: text(&configuration, "/record/zone_id")?.to_owned(),
        record: text(&configuration, "/record/name")?.to_owned(),
        parameter: text(&configuration, "/parameter")?.to_owned(),
        ttl_seconds: number(&configuration, "/record/ttl_seconds")?,
        settle_seconds: number(&configuration, "/settle_seconds")?,
    })
}

fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str, DrillError> {
    let missing = || DrillError::Unproven(format!("what Terraform made has no {pointer}"));
    value.pointer(pointer).and_then(Value::as_str).ok_or_else(missing)
}

fn number(value: &Value, pointer: &str) -> Result<u32, DrillError> {
    let missing = || DrillError::Unproven(format!("what Terraform made has no number {pointer}"));
    value.pointer(pointer).and_then(Value::as_u64).and_then(|it| u32::try_from(it).ok()).ok_or_else(missing)
}
