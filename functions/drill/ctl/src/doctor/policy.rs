//! Whether what is configured would work on the day it is needed: who could not be heard, and who could not be told.

use std::collections::BTreeSet;

use responder_core::config::{Database, FailoverMode, alarm_region, topic_region};
use responder_core::words::names::Region;

use super::Finding;

/// What the configuration itself tells; `writer` is the published writer's Region, where it is known.
pub(super) fn look(database: &Database, writer: Option<&Region>) -> Vec<Finding> {
    let name = database.name().as_str();
    let mend = "publish the functions of that version in each Region, or take the field out";
    let mut findings: Vec<Finding> =
        database.warnings().iter().map(|what| Finding::warn(name, what, mend)).collect();
    let failover = database.failover();
    if failover.mode == FailoverMode::Off {
        return findings;
    }
    if failover.mode == FailoverMode::Automatic && failover.writer_alarms.is_empty() {
        findings.push(Finding::warn(
            name,
            "is automatic without writer_alarms: a dead database in a living Region starts nothing by itself",
            "name alarms on the database itself in failover.writer_alarms",
        ));
    }
    findings.extend(witness(database, writer));
    if let Some(region) = together(&failover.writer_alarms, alarm_region).filter(|it| Some(it) == writer) {
        findings.push(Finding::warn(
            name,
            format!("every writer alarm lives in {region}, the writer's Region: its silence takes them away"),
            "add one in another Region",
        ));
    }
    let topics: Vec<&str> = database.regions().next().map(|it| database.topics(it)).unwrap_or_default();
    if let Some(region) = together(&topics, topic_region).filter(|it| is_members(database, it)) {
        findings.push(Finding::warn(
            name,
            format!(
                "its only topic lives in {region}, where a member is: nobody is told while {region} is silent"
            ),
            "give each Region a topic in failover.topic_arns",
        ));
    }
    findings
}

/// Whether a health alarm can be read whichever member's Region is dead, and by somebody who is in neither.
fn witness(database: &Database, writer: Option<&Region>) -> Option<Finding> {
    let alarms = &database.failover().health_alarms;
    let name = database.name().as_str();
    if let Some(region) = together(alarms, alarm_region)
        && is_members(database, &region)
    {
        let whose = if writer == Some(&region) { "the writer's Region" } else { "where a member is" };
        let what = format!(
            "every health alarm lives in {region}, {whose}: while {region} is silent none can be read, and nothing is started"
        );
        return Some(Finding::warn(name, what, "add one in a Region without a member"));
    }
    let regions: Vec<Region> = alarms.iter().filter_map(|arn| alarm_region(arn)).collect();
    let is_alone = !regions.is_empty() && regions.iter().all(|region| is_members(database, region));
    is_alone.then(|| {
        let what = "no health alarm lives outside the members' Regions: without a witness two sites guess about each other";
        Finding::warn(name, what, "add one in a Region without a member")
    })
}

/// The Region in which all of these live.
fn together<T: AsRef<str>>(arns: &[T], region: fn(&str) -> Option<Region>) -> Option<Region> {
    let regions: BTreeSet<Region> = arns.iter().filter_map(|arn| region(arn.as_ref())).collect();
    if regions.len() == 1 { regions.into_iter().next() } else { None }
}

fn is_members(database: &Database, region: &Region) -> bool {
    database.members().contains_key(region)
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::Level;
    use super::*;

    pub(in super::super) const DAY: i64 = 86_400_000;

    /// A database of Seoul and Osaka with this `failover`.
    pub(in super::super) fn configured(failover: &str) -> Database {
        let json = format!(
            r#"{{"global_cluster": "todo", "parameter": "/todo/writer",
            "members": {{"ap-northeast-2": "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul",
                        "ap-northeast-3": "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"}},
            "record": {{"zone_id": "Z0123456789", "name": "writer.todo.internal", "ttl_seconds": 5}},
            "failover": {failover}}}"#
        );
        let (name, own) = ("todo".parse().unwrap(), "ap-northeast-3".parse().unwrap());
        Database::parse("/failover-responder", &name, &json, &own).unwrap()
    }

    fn alarms(regions: &[&str]) -> String {
        let arn = |region: &&str| format!("\"arn:aws:cloudwatch:{region}:123456789012:alarm:todo\"");
        format!("[{}]", regions.iter().map(arn).collect::<Vec<_>>().join(","))
    }

    fn warned(failover: &str) -> Vec<String> {
        let findings = look(&configured(failover), Some(&"ap-northeast-2".parse().unwrap()));
        assert!(findings.iter().all(|it| it.level == Level::Warn && !it.mend.is_empty()), "{findings:?}");
        findings.into_iter().map(|it| it.what).collect()
    }

    /// One warning with this word, or none.
    fn expect(failover: &str, word: Option<&str>) {
        let warned = warned(failover);
        assert_eq!(warned.len(), usize::from(word.is_some()), "{failover}: {warned:?}");
        assert!(word.is_none_or(|word| warned[0].contains(word)), "{failover}: {warned:?}");
    }

    #[test]
    fn health_alarms_need_a_witness_that_no_members_death_takes_away() {
        for (regions, word) in [
            (&["us-east-1", "ap-northeast-3"][..], None),
            (&["us-east-1"], None),
            (&["ap-northeast-2"], Some("the writer's Region: while ap-northeast-2 is silent")),
            (&["ap-northeast-3"], Some("ap-northeast-3, where a member is")),
            (&["ap-northeast-2", "ap-northeast-3"], Some("without a witness")),
            (&[], None),
        ] {
            let alarms = alarms(regions);
            expect(&format!(r#"{{"mode": "advise", "health_alarms": {alarms}}}"#), word);
            expect(&format!(r#"{{"mode": "off", "health_alarms": {alarms}}}"#), None);
        }
    }

    #[test]
    fn automatic_without_a_look_at_the_database_itself_is_said() {
        let automatic =
            |regions: &[&str]| format!(r#"{{"mode": "automatic", "writer_alarms": {}}}"#, alarms(regions));
        expect(&automatic(&[]), Some("a dead database in a living Region starts nothing by itself"));
        expect(&automatic(&["ap-northeast-3"]), None);
        expect(&automatic(&["ap-northeast-2"]), Some("every writer alarm lives in ap-northeast-2"));
        expect(&automatic(&["ap-northeast-2", "us-east-1"]), None);
        expect(r#"{"mode": "advise"}"#, None);
    }

    #[test]
    fn one_topic_in_a_members_region_tells_nobody_when_it_dies() {
        let topic = |region: &str| format!("arn:aws:sns:{region}:123456789012:todo");
        let one = |region| format!(r#"{{"mode": "advise", "topic_arn": "{}"}}"#, topic(region));
        expect(&one("ap-northeast-2"), Some("its only topic lives in ap-northeast-2"));
        expect(&one("eu-west-1"), None);
        let (seoul, osaka) = (topic("ap-northeast-2"), topic("ap-northeast-3"));
        let each = format!(r#"{{"ap-northeast-2": "{seoul}", "ap-northeast-3": "{osaka}"}}"#);
        expect(&format!(r#"{{"mode": "advise", "topic_arns": {each}}}"#), None);
    }

    #[test]
    fn a_configuration_of_a_later_version_is_said() {
        let text = configured(r#"{"mode": "off"}"#).text().replacen('{', r#"{"format": 99, "later": 1, "#, 1);
        let (name, own) = ("todo".parse().unwrap(), "ap-northeast-3".parse().unwrap());
        let database = Database::parse("/failover-responder", &name, &text, &own).unwrap();
        assert_eq!(look(&database, None).len(), 1);
    }
}
