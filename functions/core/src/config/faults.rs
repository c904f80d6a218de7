//! What is wrong with a configuration, all of it at once: what Parameter Store, Route 53 or RDS would refuse is refused
//! when it is read, and not in the middle of a failover.

use std::collections::BTreeSet;

use super::{Fault, MEMBERS_MAX, Raw, alarm, drills, topic};
use crate::words::names::{DatabaseName, NameError, Region, is_host_name};

/// Most characters of a TXT value's one string, by the DNS.
const TXT_MAX: usize = 255;
/// The least `settle_seconds` where a third Region may still claim by what it said before the last publication.
const SETTLE_SECONDS_MIN_OF_THREE: u32 = 10;
/// The least `cooldown_seconds`: RDS resynchronizes the old writer for minutes, and until then there is no standby.
const COOLDOWN_SECONDS_MIN: u32 = 60;
/// Most levels of a parameter's name, by Parameter Store.
const PARAMETER_LEVELS_MAX: usize = 15;
/// Most characters of a parameter's name, its ARN's other parts left out.
const PARAMETER_MAX: usize = 900;

/// All faults.
pub(super) fn all(raw: &Raw, prefix: &str, name: &DatabaseName, own: &Region) -> Vec<Fault> {
    let mut faults = members(raw, own);
    faults.extend(record(raw, prefix, name));
    faults.extend(parameter(raw, prefix));
    faults.extend(endpoints(raw));
    faults.extend(failover(raw, own));
    faults.extend(drills::faults(raw));
    faults
}

fn members(raw: &Raw, own: &Region) -> Vec<Fault> {
    let mut faults = Vec::new();
    if raw.global_cluster.is_empty() {
        faults.push(Fault::new("global_cluster", "is empty"));
    }
    if !(2..=MEMBERS_MAX).contains(&raw.members.len()) {
        faults.push(Fault::new("members", format!("a global database has 2 to {MEMBERS_MAX} members here")));
    }
    let strangers = raw.members.iter().filter(|(region, arn)| arn.region() != *region);
    faults.extend(strangers.map(|(region, arn)| {
        Fault::new(
            format!("members.{region}"),
            format!("{arn} is a cluster of {}, not of {region}", arn.region()),
        )
    }));
    let others = raw.members.keys().filter(|region| region.partition() != own.partition());
    faults.extend(others.map(|region| Fault::new(format!("members.{region}"), elsewhere(region, own))));
    if !raw.members.contains_key(own) {
        faults.push(Fault::new("members", format!("this function runs in {own}, which has no member")));
    }
    if raw.members.len() > 2 && raw.settle_seconds < SETTLE_SECONDS_MIN_OF_THREE {
        let problem = format!("is less than {SETTLE_SECONDS_MIN_OF_THREE}, which three or more Regions need");
        faults.push(Fault::new("settle_seconds", problem));
    }
    faults
}

fn record(raw: &Raw, prefix: &str, name: &DatabaseName) -> Vec<Fault> {
    let mut faults = Vec::new();
    let zone = &raw.record.zone_id;
    if zone.is_empty() || zone.len() > 32 || !zone.bytes().all(|it| it.is_ascii_alphanumeric()) {
        faults.push(Fault::new(
            "record.zone_id",
            format!("{zone:?} is not a hosted zone's id such as Z0123456789"),
        ));
    }
    if !is_host_name(&raw.record.name) {
        faults.push(Fault::new("record.name", format!("{:?} is not a DNS name", raw.record.name)));
    }
    if !(1..=86_400).contains(&raw.record.ttl_seconds) {
        faults.push(Fault::new("record.ttl_seconds", "is not between 1 and 86400"));
    }
    // As long as the ownership text can become: the largest epoch, the longest Region.
    let writer = raw.members.keys().map(|region| region.as_str().len()).max().unwrap_or_default();
    let fixed = "heritage=failover-responder,owner=,database=,epoch=18446744073709551615,writer=,at=2026-11-22T22:31:04Z";
    let length = fixed.len() + prefix.len() + name.as_str().len() + writer;
    if length > TXT_MAX {
        let problem = format!(
            "the ownership record's text would have {length} characters with this installation's prefix and the database's name; Route 53 takes {TXT_MAX}"
        );
        faults.push(Fault::new("record", problem));
    }
    faults
}

fn parameter(raw: &Raw, prefix: &str) -> Vec<Fault> {
    let name = &raw.parameter;
    let levels = name.split('/').count().saturating_sub(1);
    let plain = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'_' | b'-' | b'/');
    let reserved = |part: &str| ["aws", "ssm"].iter().any(|word| part.to_ascii_lowercase().starts_with(word));
    let first = name.trim_start_matches('/').split('/').next().unwrap_or_default();
    let problem = if name.is_empty() || !name.bytes().all(plain) {
        format!("{name:?} is not the name of an SSM parameter: letters, digits, '.', '_', '-' and '/' only")
    } else if levels > 0 && !name.starts_with('/') {
        format!("{name:?} has levels and does not begin with '/': Parameter Store refuses it")
    } else if name.ends_with('/') || name.contains("//") {
        format!("{name:?} has an empty level")
    } else if levels > PARAMETER_LEVELS_MAX || name.len() > PARAMETER_MAX {
        format!(
            "{name:?} is longer than Parameter Store takes: {PARAMETER_LEVELS_MAX} levels, {PARAMETER_MAX} characters"
        )
    } else if reserved(first) {
        format!("{name:?} begins with a word that AWS keeps for itself")
    } else if name.starts_with(&format!("{prefix}/")) {
        "lies below the installation's own prefix, where its configuration and state live".to_owned()
    } else {
        return Vec::new();
    };
    vec![Fault::new("parameter", problem)]
}

fn endpoints(raw: &Raw) -> Vec<Fault> {
    let mut faults = Vec::new();
    let names: BTreeSet<String> = raw.endpoints.values().map(|name| name.to_ascii_lowercase()).collect();
    if !raw.endpoints.is_empty() && !raw.endpoints.keys().eq(raw.members.keys()) {
        faults.push(Fault::new("endpoints", "has to name every member's Region, and no other"));
    }
    if names.len() < raw.endpoints.len() {
        faults.push(Fault::new("endpoints", "two Regions have the same name: nobody could tell them apart"));
    }
    for (region, name) in raw.endpoints.iter().filter(|(_, name)| !is_host_name(name)) {
        faults.push(Fault::new(format!("endpoints.{region}"), format!("{name:?} is not a DNS name")));
    }
    for region in raw.probe.keys().filter(|region| !raw.members.contains_key(*region)) {
        faults.push(Fault::new(format!("probe.{region}"), "has no member"));
    }
    for (region, name) in raw.probe.iter().filter(|(_, name)| !is_function_name(name)) {
        let problem = format!("{name:?} is not the name of a Lambda function");
        faults.push(Fault::new(format!("probe.{region}"), problem));
    }
    faults
}

/// Whether a Lambda function can have this name.
fn is_function_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_'))
}

/// Why something in `region` cannot belong to what a function in `own` looks after.
fn elsewhere(region: &Region, own: &Region) -> String {
    let (its, ours) = (region.partition().name, own.partition().name);
    format!("{region} is in the partition {its}, and {own}, where this function runs, in {ours}")
}

/// What is wrong with the ARN of `what`, whose Region this is.
fn arn_problem(
    what: &str,
    arn: &str,
    region: Result<Option<Region>, NameError>,
    own: &Region,
) -> Option<String> {
    match region {
        Ok(Some(region)) => (region.partition() != own.partition()).then(|| elsewhere(&region, own)),
        Ok(None) => Some(format!("{arn:?} is not the ARN of {what}")),
        Err(error) => Some(error.to_string()),
    }
}

fn failover(raw: &Raw, own: &Region) -> Vec<Fault> {
    let mut faults = Vec::new();
    let config = &raw.failover;
    for (field, arns) in [("health_alarms", &config.health_alarms), ("writer_alarms", &config.writer_alarms)]
    {
        let problem = |arn| arn_problem("a CloudWatch alarm", arn, alarm(arn), own);
        let problems = arns.iter().enumerate().filter_map(|(at, arn)| Some((at, problem(arn)?)));
        faults.extend(problems.map(|(at, problem)| Fault::new(format!("failover.{field}[{at}]"), problem)));
    }
    let mut seen = BTreeSet::new();
    for (at, region) in config.targets.iter().enumerate() {
        if !raw.members.contains_key(region) {
            faults.push(Fault::new(format!("failover.targets[{at}]"), format!("{region} has no member")));
        }
        if !seen.insert(region) {
            faults.push(Fault::new(format!("failover.targets[{at}]"), format!("{region} is named twice")));
        }
    }
    if config.cooldown_seconds < COOLDOWN_SECONDS_MIN {
        let problem = format!("is less than {COOLDOWN_SECONDS_MIN}");
        faults.push(Fault::new("failover.cooldown_seconds", problem));
    }
    let regional =
        config.topic_arns.iter().map(|(region, arn)| (format!("failover.topic_arns.{region}"), arn));
    let topics = config.topic_arn.iter().map(|arn| ("failover.topic_arn".to_owned(), arn)).chain(regional);
    let problem = |arn| arn_problem("an SNS topic", arn, topic(arn), own);
    faults.extend(topics.filter_map(|(field, arn)| Some(Fault::new(field, problem(arn)?))));
    faults
}
