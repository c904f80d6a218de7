//! The databases: configured the same everywhere, published consistently, with a standby that could take over.

use std::collections::{BTreeMap, BTreeSet};

use aws_config::SdkConfig;
use responder_core::config::Database;
use responder_core::config::installation::Installation;
use responder_core::judge::checks::versions_may_differ;
use responder_core::operator::status::{Status, Statuses};
use responder_core::words::failure::sentence;
use responder_core::words::names::Region;
use serde_json::Value;

use super::Finding;
use crate::invoke::in_region;

/// A record that is cached longer than this makes clients late.
const TTL_SECONDS_MAX: u64 = 30;
/// A replica that is further behind makes a failover lose more than people expect, in milliseconds.
const LAG_MS_MAX: u64 = 5_000;

/// Each configuration parameter's value, by its name.
pub(super) type Configurations = BTreeMap<String, String>;

pub(super) async fn read(config: &SdkConfig, region: &str, prefix: &str) -> Result<Configurations, String> {
    let client = aws_sdk_ssm::Client::new(&in_region(config, region));
    let path = format!("{prefix}/databases/");
    let mut pages = client.get_parameters_by_path().path(path).into_paginator().send();
    let mut found = Configurations::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| sentence(&error))?;
        let pairs = page.parameters.unwrap_or_default();
        found.extend(pairs.into_iter().filter_map(|it| Some((it.name?, it.value?))));
    }
    Ok(found)
}

/// The databases that are configured rightly in the first Region that answers.
pub(crate) async fn installed(config: &SdkConfig, regions: &[String], prefix: &str) -> Vec<Database> {
    for region in regions {
        let (Ok(found), Ok(own)) = (read(config, region, prefix).await, region.parse()) else { continue };
        let pairs = found.iter().map(|(name, json)| (name.as_str(), json.as_str()));
        return Installation::from_parameters(prefix, &own, pairs).databases;
    }
    Vec::new()
}

/// The Region of the published writer, by the drill function's status.
pub(super) fn writer(statuses: &Statuses, database: &Database) -> Option<Region> {
    statuses.databases.iter().find(|it| it.database == database.name().as_str())?.writer.clone()
}

/// Whether every Region has the same configuration parameters.
pub(super) async fn configurations(
    config: &SdkConfig,
    regions: &[String],
    prefix: &str,
    findings: &mut Vec<Finding>,
) {
    let mut first: Option<(&String, Configurations)> = None;
    for region in regions {
        let here = match read(config, region, prefix).await {
            Ok(here) => here,
            Err(why) => {
                findings.push(Finding::fail(
                    region,
                    format!("Parameter Store: {why}"),
                    "look again when it answers",
                ));
                continue;
            }
        };
        if here.is_empty() {
            let mend = format!("put {prefix}/databases/<database>, or give --prefix");
            findings.push(Finding::fail(region, "no database is configured", mend));
        }
        match &first {
            None => {
                for (name, json) in &here {
                    findings.push(ttl(name, json));
                }
                first = Some((region, here));
            }
            Some((other, there)) if *there == here => {
                findings.push(Finding::ok(region, format!("is configured as {other} is")));
            }
            Some((other, there)) => {
                let differs = |name: &&String| there.get(*name) != here.get(*name);
                let names: BTreeSet<&str> =
                    there.keys().chain(here.keys()).filter(differs).map(String::as_str).collect();
                let names = Vec::from_iter(names).join(", ");
                let what = format!("is configured otherwise than {other}: {names}");
                findings.push(Finding::fail(region, what, "put the same value in each Region"));
            }
        }
    }
}

fn ttl(name: &str, json: &str) -> Finding {
    let value: Value = serde_json::from_str(json).unwrap_or_default();
    match value.pointer("/record/ttl_seconds").and_then(Value::as_u64) {
        Some(seconds) if seconds <= TTL_SECONDS_MAX => {
            Finding::ok(name, format!("the record's TTL is {seconds} s"))
        }
        Some(seconds) => Finding::warn(
            name,
            format!("the record's TTL is {seconds} s: clients are late by as much"),
            "set record.ttl_seconds to 5 in each Region",
        ),
        None => Finding::fail(name, "has no record.ttl_seconds", "mend the parameter's JSON"),
    }
}

/// What the drill function's status shows.
pub(super) fn status(statuses: &Statuses, findings: &mut Vec<Finding>) {
    for error in &statuses.errors {
        findings.push(Finding::fail("configuration", error, "mend the parameter in each Region"));
    }
    for database in &statuses.databases {
        one(database, findings);
    }
}

fn one(status: &Status, findings: &mut Vec<Finding>) {
    let name = status.database.as_str();
    findings.push(if status.decision == "unchanged" {
        Finding::ok(name, &status.reason)
    } else {
        let what = format!("{}: {}", status.decision, status.reason);
        Finding::fail(name, what, "see the runbook, by the hold's name")
    });
    if status.held.is_some() {
        findings.push(Finding::warn(name, "is held", format!("failoverctl release {name}")));
    }
    let wanted = status.epoch.map(|epoch| format!(" at epoch {epoch}"));
    findings.push(match wanted.filter(|wanted| status.record.ends_with(wanted)) {
        Some(wanted) => Finding::ok(name, format!("the zone answers, and the record is ours{wanted}")),
        None => Finding::fail(
            name,
            format!("the record: {}", status.record),
            "Route 53's zone, the ownership record and the role's permissions",
        ),
    });
    if status.drift {
        findings.push(Finding::warn(
            name,
            "a channel has drifted",
            "the next pass repairs it; find out who writes it",
        ));
    }
    findings.push(match status.standby {
        Some(true) => Finding::ok(name, "another Region's cluster could take over"),
        _ => Finding::fail(
            name,
            "no other Region's cluster could take over",
            "add an instance to the secondary cluster",
        ),
    });
    versions(status, findings);
    for (region, it) in &status.regions {
        let place = format!("{name} {region}");
        if it.epoch != status.epoch {
            findings.push(Finding::warn(
                &place,
                "its state is of another epoch",
                "the next pass repairs it; if not, its Parameter Store",
            ));
        }
        if let Some(lag_ms) = it.lag_ms.filter(|lag_ms| *lag_ms > LAG_MS_MAX) {
            let what = format!("is far behind: {lag_ms} ms");
            findings.push(Finding::warn(&place, what, "find out what the replica waits for"));
        }
    }
}

fn versions(status: &Status, findings: &mut Vec<Finding>) {
    let versions: BTreeSet<&str> =
        status.regions.values().filter_map(|it| it.engine_version.as_deref()).collect();
    let versions = Vec::from_iter(versions);
    let name = status.database.as_str();
    findings.push(match versions.as_slice() {
        [one] => Finding::ok(name, format!("every cluster that answers runs {one}")),
        [first, rest @ ..] if rest.iter().all(|other| versions_may_differ(first, other)) => Finding::warn(
            name,
            format!("patch versions differ, which RDS accepts: {}", versions.join(", ")),
            "upgrade the clusters to the same version when it suits",
        ),
        several => Finding::fail(
            name,
            format!("engine versions differ or are unknown: {}", several.join(", ")),
            "upgrade the clusters to the same version; a transition is refused until then",
        ),
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is found where the status says so much otherwise.
    fn found(otherwise: &[(&str, Value)]) -> Vec<String> {
        let region = json!({ "cluster": "c", "says": "s", "takes_writes": "yes", "could_take_over": "no", "epoch": 7,
            "engine_version": "16.8", "parameter": null, "memory": null, "lag_ms": 80, "lag_age_seconds": 1 });
        let mut status = json!({ "database": "todo", "decision": "unchanged", "reason": "as it is", "epoch": 7,
            "writer": "ap-northeast-2", "endpoint": "e", "last_transition": null, "record": "e at epoch 7", "drift": false,
            "held": null, "standby": true, "checks": [], "failover": null, "run": null,
            "regions": { "ap-northeast-2": region, "ap-northeast-3": region } });
        for (place, value) in otherwise {
            *status.pointer_mut(place).unwrap() = value.clone();
        }
        let statuses =
            Statuses { databases: vec![serde_json::from_value(status).unwrap()], errors: Vec::new() };
        let database = super::super::policy::tests::configured(r#"{"mode": "off"}"#);
        let writer = writer(&statuses, &database);
        assert_eq!(writer.unwrap().as_str(), "ap-northeast-2", "that database's and no other's");
        let mut findings = Vec::new();
        super::status(&statuses, &mut findings);
        let bad = findings.iter().filter(|it| it.level != super::super::Level::Ok);
        bad.map(|it| format!("{}: {}", it.place, it.what)).collect()
    }

    #[test]
    fn each_thing_that_a_status_shows_and_should_not_is_found() {
        assert_eq!(found(&[]), [""; 0]);
        let far = LAG_MS_MAX + 1;
        for (place, value, finding) in [
            ("/decision", json!("hold"), "todo: hold: as it is".to_owned()),
            ("/held", json!("an upgrade"), "todo: is held".to_owned()),
            ("/record", json!("does not exist"), "todo: the record: does not exist".to_owned()),
            ("/drift", json!(true), "todo: a channel has drifted".to_owned()),
            ("/standby", json!(false), "todo: no other Region's cluster could take over".to_owned()),
            ("/standby", json!(null), "todo: no other Region's cluster could take over".to_owned()),
            (
                "/regions/ap-northeast-3/epoch",
                json!(6),
                "todo ap-northeast-3: its state is of another epoch".to_owned(),
            ),
            (
                "/regions/ap-northeast-3/lag_ms",
                json!(far),
                format!("todo ap-northeast-3: is far behind: {far} ms"),
            ),
            (
                "/regions/ap-northeast-3/engine_version",
                json!("16.7"),
                "todo: engine versions differ or are unknown: 16.7, 16.8".to_owned(),
            ),
        ] {
            assert_eq!(found(&[(place, value)]), [finding], "{place}");
        }
        assert_eq!(found(&[("/regions/ap-northeast-3/lag_ms", json!(LAG_MS_MAX))]), [""; 0]);
    }
}
