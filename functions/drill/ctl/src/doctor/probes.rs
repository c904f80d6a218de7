//! The probes that a database's configuration names: there, able to do what they are for, and heard by somebody.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::types::Dimension;
use responder_core::config::Database;
use responder_core::probe::answer::{DatabaseLook, Look, MemberLook, RecordLook};
use responder_core::words::failure::sentence;
use responder_core::words::names::Region;
use serde_json::json;

use super::Finding;
use crate::invoke::{ask, in_region, read};

/// Heartbeats come each minute at the latest; one that is older than two is late, in milliseconds.
const AGE_MS_MAX: u64 = 120_000;

/// Each probe's look, by its Region and function: one probe may look at many databases.
type Looks = BTreeMap<(String, String), Result<Look, String>>;

pub(super) async fn look(config: &SdkConfig, installed: &[Database], patience: Duration) -> Vec<Finding> {
    let mut looks = Looks::new();
    let mut findings = Vec::new();
    for database in installed {
        for region in database.regions() {
            let Some(function) = database.probe_in(region) else { continue };
            let key = (region.to_string(), function.to_owned());
            if !looks.contains_key(&key) {
                let answer = ask(config, region.as_str(), function, &json!({ "look": true }), patience).await;
                let look = answer.and_then(|answer| read(&answer).map_err(|error| error.to_string()));
                looks.insert(key.clone(), look);
            }
            let place = format!("{} probe {region}", database.name());
            if let Some(look) = looks.get(&key) {
                findings.extend(judge(database, &place, function, look));
            }
            findings.push(alarms(config, database, region, &place).await);
        }
    }
    findings
}

fn judge(database: &Database, place: &str, function: &str, look: &Result<Look, String>) -> Vec<Finding> {
    let look = match look {
        Ok(look) => look,
        Err(why) => {
            let mend = "deploy it: terraform apply; where it is, its log says more";
            return vec![Finding::fail(place, format!("{function}: {why}"), mend)];
        }
    };
    let Some(look) = look.databases.get(database.name()) else {
        let mend = "name the database in its PROBE_DATABASES";
        return vec![Finding::fail(place, format!("{function} does not look at it"), mend)];
    };
    let DatabaseLook { record, members } = look;
    std::iter::once(of_record(place, record))
        .chain(members.iter().map(|(region, it)| of_member(place, region, it)))
        .collect()
}

/// Whether writes are taken where the record leads: role, network and certificate are in the sentence.
fn of_record(place: &str, look: &RecordLook) -> Finding {
    let what = format!("the record: {}", look.said);
    match look.writable {
        Some(true) => Finding::ok(place, what),
        Some(false) => {
            let mend = "see to the writer, or to the security groups and routes from the probe to it";
            Finding::fail(place, what, mend)
        }
        None => Finding::fail(place, what, "give the probe what it lacks: docs/probe.md has each sentence"),
    }
}

/// Whether heartbeats are seen at a member.
fn of_member(place: &str, region: &Region, look: &MemberLook) -> Finding {
    let said = |what: &str| format!("{region}: {what}: {}", look.said);
    match &look.heartbeat {
        Some(it) if it.age_ms <= AGE_MS_MAX => {
            Finding::ok(place, format!("{region} shows a heartbeat of {} ms ago", it.age_ms))
        }
        Some(it) => {
            let what = format!("the newest heartbeat is {} s old", it.age_ms / 1000);
            Finding::warn(place, said(&what), "enable the probe's schedule, or see to the replication")
        }
        None => Finding::warn(place, said("no heartbeat is seen"), "docs/probe.md has each sentence"),
    }
}

/// Whether an alarm listens to what the probe says, and a failover to the alarm.
async fn alarms(config: &SdkConfig, database: &Database, region: &Region, place: &str) -> Finding {
    let client = aws_sdk_cloudwatch::Client::new(&in_region(config, region.as_str()));
    let dimension = Dimension::builder().name("Database").value(database.name().as_str()).build();
    let asked =
        client.describe_alarms_for_metric().namespace("FailoverResponder").metric_name("WriterWritable");
    let found = match asked.dimensions(dimension).send().await {
        Ok(found) => found,
        Err(error) => {
            let mend = "allow cloudwatch:DescribeAlarmsForMetric to whoever runs this";
            let what =
                format!("whether an alarm is on WriterWritable could not be read: {}", sentence(&error));
            return Finding::warn(place, what, mend);
        }
    };
    let arns: Vec<&str> = found.metric_alarms().iter().filter_map(|it| it.alarm_arn()).collect();
    let listened = &database.failover().writer_alarms;
    if arns.is_empty() {
        let mend = "create it: the module probe does";
        return Finding::warn(place, "no alarm is on WriterWritable", mend);
    }
    if arns.iter().any(|arn| listened.iter().any(|it| it == arn)) {
        return Finding::ok(place, "an alarm on WriterWritable is one of the writer_alarms");
    }
    let mend = format!("add to failover.writer_alarms: {}", arns.join(", "));
    Finding::warn(place, "no alarm on WriterWritable is one of the writer_alarms", mend)
}

#[cfg(test)]
mod tests {
    use responder_core::probe::sight::Heartbeat;

    use super::super::Level;
    use super::*;

    #[test]
    fn a_heartbeat_is_fresh_for_two_minutes() {
        let seoul: Region = "ap-northeast-2".parse().unwrap();
        let beat = |age_ms| Heartbeat { region: seoul.to_string(), sequence: 7, age_ms };
        for (heartbeat, level, word) in [
            (Some(beat(AGE_MS_MAX)), Level::Ok, "a heartbeat of 120000 ms ago"),
            (Some(beat(AGE_MS_MAX + 1_000)), Level::Warn, "the newest heartbeat is 121 s old"),
            (None, Level::Warn, "no heartbeat is seen"),
        ] {
            let look = MemberLook {
                endpoint: "e".to_owned(),
                writable: Some(true),
                in_recovery: Some(false),
                heartbeat,
                lag: None,
                lsn: None,
                took_ms: 4,
                said: "takes writes".to_owned(),
            };
            let found = of_member("todo", &seoul, &look);
            assert!(found.level == level && found.what.contains(word), "{found:?}");
        }
    }

    #[test]
    fn a_record_that_takes_no_writes_and_one_that_nobody_could_ask_are_both_failures() {
        for (writable, level) in [(Some(true), Level::Ok), (Some(false), Level::Fail), (None, Level::Fail)] {
            let (name, said) = ("writer".to_owned(), "so".to_owned());
            let (leads_to, region, write_ms) = (None, None, None);
            let look = RecordLook { name, leads_to, region, writable, write_ms, took_ms: 4, said };
            assert_eq!(of_record("todo", &look).level, level);
        }
    }
}
