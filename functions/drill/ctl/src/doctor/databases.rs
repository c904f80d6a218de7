//! The databases: configured the same everywhere, published consistently, with a standby that could take over.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_lambda::error::DisplayErrorContext;
use responder_core::config::Database;
use responder_core::config::installation::Installation;
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
        let page = page.map_err(|error| DisplayErrorContext(&error).to_string())?;
        let pairs = page.parameters.unwrap_or_default();
        found.extend(pairs.into_iter().filter_map(|it| Some((it.name?, it.value?))));
    }
    Ok(found)
}

/// The databases that are configured rightly in the first Region that answers.
pub(super) async fn installed(config: &SdkConfig, regions: &[String], prefix: &str) -> Vec<Database> {
    for region in regions {
        let (Ok(found), Ok(own)) = (read(config, region, prefix).await, region.parse()) else { continue };
        let pairs = found.iter().map(|(name, json)| (name.as_str(), json.as_str()));
        return Installation::from_parameters(prefix, &own, pairs).databases;
    }
    Vec::new()
}

/// The Region of the published writer, by the drill function's status.
pub(super) fn writer(status: &Value, database: &Database) -> Option<Region> {
    let all = status.get("databases")?.as_array()?;
    let is_it = |it: &&Value| it.get("database").and_then(Value::as_str) == Some(database.name().as_str());
    all.iter().find(is_it)?.get("writer")?.as_str()?.parse().ok()
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
                let names: Vec<&str> =
                    there.keys().chain(here.keys()).filter(differs).map(String::as_str).collect();
                let what = format!("is configured otherwise than {other}: {}", names.join(", "));
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
pub(super) fn status(status: &Value, findings: &mut Vec<Finding>) {
    for error in status.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let what = error.as_str().unwrap_or_default();
        findings.push(Finding::fail("configuration", what, "mend the parameter in each Region"));
    }
    for database in status.get("databases").and_then(Value::as_array).into_iter().flatten() {
        one(database, findings);
    }
}

fn one(database: &Value, findings: &mut Vec<Finding>) {
    let text =
        |value: &Value, field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = text(database, "database");
    let name = name.as_str();
    let decision = text(database, "decision");
    findings.push(if decision == "unchanged" {
        Finding::ok(name, text(database, "reason"))
    } else {
        Finding::fail(
            name,
            format!("{decision}: {}", text(database, "reason")),
            "see the runbook, by the hold's name",
        )
    });
    if database.get("held").is_some_and(Value::is_string) {
        findings.push(Finding::warn(name, "is held", format!("failoverctl release {name}")));
    }
    let record = text(database, "record");
    let epoch = database.get("epoch").and_then(Value::as_u64);
    let wanted = epoch.map(|epoch| format!(" at epoch {epoch}")).unwrap_or_default();
    findings.push(if !wanted.is_empty() && record.ends_with(&wanted) {
        Finding::ok(name, format!("the zone answers, and the record is ours{wanted}"))
    } else {
        Finding::fail(
            name,
            format!("the record: {record}"),
            "Route 53's zone, the ownership record and the role's permissions",
        )
    });
    if database.get("drift") == Some(&Value::Bool(true)) {
        findings.push(Finding::warn(
            name,
            "a channel has drifted",
            "the next pass repairs it; find out who writes it",
        ));
    }
    findings.push(match database.get("standby").and_then(Value::as_bool) {
        Some(true) => Finding::ok(name, "another Region's cluster could take over"),
        _ => Finding::fail(
            name,
            "no other Region's cluster could take over",
            "add an instance to the secondary cluster",
        ),
    });
    let regions: Vec<(&String, &Value)> =
        database.get("regions").and_then(Value::as_object).into_iter().flatten().collect();
    versions(name, &regions, findings);
    for (region, it) in regions {
        let place = format!("{name} {region}");
        if it.get("epoch").and_then(Value::as_u64) != epoch {
            findings.push(Finding::warn(
                &place,
                "its state is of another epoch",
                "the next pass repairs it; if not, its Parameter Store",
            ));
        }
        if it.get("lag_ms").and_then(Value::as_u64).is_some_and(|ms| ms > LAG_MS_MAX) {
            findings.push(Finding::warn(
                &place,
                format!("is far behind: {} ms", it.get("lag_ms").unwrap_or(&Value::Null)),
                "find out what the replica waits for",
            ));
        }
    }
}

fn versions(name: &str, regions: &[(&String, &Value)], findings: &mut Vec<Finding>) {
    let mut versions: Vec<&str> =
        regions.iter().filter_map(|(_, it)| it.get("engine_version")?.as_str()).collect();
    versions.sort_unstable();
    versions.dedup();
    findings.push(match versions.as_slice() {
        [one] => Finding::ok(name, format!("every cluster that answers runs {one}")),
        several => Finding::fail(
            name,
            format!("engine versions differ or are unknown: {}", several.join(", ")),
            "upgrade the clusters to the same version; a transition is refused until then",
        ),
    });
}
