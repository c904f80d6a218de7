//! A look as log lines that are CloudWatch's embedded metrics at the same time: one line a database, one a member.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::answer::{DatabaseLook, MemberLook, RecordLook};
use crate::invocation::log_line::NAMESPACE;
use crate::words::names::{DatabaseName, Region};
use crate::words::timestamp::Timestamp;

/// How far a replica is behind, in milliseconds, by `Database`, `Member` and `Source`: a failover is judged by it.
pub const REPLICATION_LAG: &str = "ReplicationLag";

/// The lines of one database's look, which began at `at`.
pub fn lines(database: &DatabaseName, look: &DatabaseLook, at: Timestamp) -> Vec<Value> {
    let members = look.members.iter().map(|(region, it)| member(database, region, it, at));
    std::iter::once(record(database, &look.record, at)).chain(members).collect()
}

fn record(database: &DatabaseName, look: &RecordLook, at: Timestamp) -> Value {
    let writable = look.writable.map(u64::from);
    let metrics = [("WriterWritable", "None", writable), ("WriteLatency", "Milliseconds", look.write_ms)];
    let level = if look.writable == Some(true) { "INFO" } else { "ERROR" };
    let message = format!("{database}: {}: {}", look.name, look.said);
    let dimensions = [("Database", database.as_str())];
    line(level, &message, look, at, &[(&dimensions, &metrics)])
}

fn member(database: &DatabaseName, region: &Region, look: &MemberLook, at: Timestamp) -> Value {
    let age = [("HeartbeatAge", "Milliseconds", look.heartbeat.as_ref().map(|it| it.age_ms))];
    let lag = [(REPLICATION_LAG, "Milliseconds", look.lag.map(|lag| lag.ms))];
    // A replica is as it should be where it shows heartbeats: that it takes no writes is what it is for.
    let is_well = look.writable == Some(true) || (look.in_recovery == Some(true) && look.heartbeat.is_some());
    let level = if is_well { "INFO" } else { "WARN" };
    let message = format!("{database}: {region}: {}", look.said);
    let own = [("Database", database.as_str()), ("Member", region.as_str())];
    let source = look.lag.map_or("", |lag| lag.source.as_str());
    let sourced = [own[0], own[1], ("Source", source)];
    line(level, &message, look, at, &[(&own, &age), (&sourced, &lag)])
}

/// Some dimensions with their metrics; a metric without a value is left out, for CloudWatch refuses it.
type Directive<'a> = (&'a [(&'static str, &'a str)], &'a [(&'static str, &'static str, Option<u64>)]);

fn line(
    level: &str,
    message: &str,
    look: &impl Serialize,
    at: Timestamp,
    directives: &[Directive<'_>],
) -> Value {
    let mut line = Map::new();
    let mut directed = Vec::new();
    for (dimensions, metrics) in directives {
        let known: Vec<_> = metrics.iter().filter_map(|it| Some((it.0, it.1, it.2?))).collect();
        if known.is_empty() {
            continue;
        }
        let names: Vec<_> = dimensions.iter().map(|(name, _)| *name).collect();
        let metric = |(name, unit, _): &(&str, &str, u64)| json!({ "Name": name, "Unit": unit, "StorageResolution": 1 });
        directed.push(json!({
            "Namespace": NAMESPACE,
            "Dimensions": [names],
            "Metrics": known.iter().map(metric).collect::<Vec<_>>(),
        }));
        line.extend(dimensions.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
        line.extend(known.iter().map(|(name, _, value)| ((*name).to_owned(), json!(value))));
    }
    if !directed.is_empty() {
        let aws = json!({ "Timestamp": at.as_ms(), "CloudWatchMetrics": directed });
        line.insert("_aws".to_owned(), aws);
    }
    // What has no metric is found by its database all the same.
    for (name, value) in
        directives.iter().flat_map(|(dimensions, _)| *dimensions).filter(|it| !it.1.is_empty())
    {
        line.insert((*name).to_owned(), json!(value));
    }
    line.insert("level".to_owned(), json!(level));
    line.insert("message".to_owned(), json!(message));
    line.insert("look".to_owned(), serde_json::to_value(look).unwrap_or_default());
    Value::Object(line)
}
