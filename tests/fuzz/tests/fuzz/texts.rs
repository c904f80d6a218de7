//! What stands in Parameter Store and in the ownership record, and the words of which all of them are made.

use std::error::Error;
use std::fmt::Display;
use std::str::FromStr;

use responder_aws::Environment;
use responder_core::config::Database;
use responder_core::probe::settings::Settings;
use responder_core::words::failure::visible;
use responder_core::words::names::{ClusterArn, DatabaseName, Epoch, Region};
use responder_core::words::timestamp::Timestamp;
use responder_core::world::attempt::{Attempt, Journal, Refusals};
use responder_core::world::evidence::RegionParameters;
use responder_core::world::known::OwnRegion;
use responder_core::world::ownership::Ownership;
use responder_core::world::run::Run;
use responder_core::world::state::State;
use responder_fuzz::{Target, failure, sentence};
use serde_json::json;

use crate::world::{PREFIX, configuration, osaka, seoul};

const NOW: Timestamp = Timestamp::from_ms(1_795_386_664_000);
const AT: &str = "2026-11-22T22:31:04Z";
/// What a probe reads.
const PROBE_VARIABLES: [&str; 9] = [
    "AWS_REGION",
    "PROBE_DATABASES",
    "PROBE_USER",
    "PROBE_PASSWORD",
    "PROBE_EVERY_SECONDS",
    "PROBE_FOR_SECONDS",
    "PROBE_CA_FILE",
    "PROBE_TLS",
    "PROBE_NAMESERVER",
];

pub(crate) fn targets() -> Vec<Target> {
    let target = |name, seeds: Vec<String>, check: fn(&str) -> Result<(), String>| Target {
        name,
        weight: 100,
        seeds: seeds.into_iter().map(String::into_bytes).collect(),
        check: Box::new(move |text| check(&String::from_utf8_lossy(text))),
    };
    vec![
        target("configuration", vec![full(), configuration("todo", &[])], configured),
        target("state", vec![state(), declared()], remembered),
        target("journal", vec![journal()], journaled),
        target("run", vec![run()], ran),
        target("listing", vec![listing()], listed),
        target("ownership", vec![ownership()], owned),
        target(
            "name",
            vec![osaka().to_string(), crate::world::SEOUL_ARN.to_owned(), AT.to_owned(), "todo".to_owned()],
            named,
        ),
        target("prefix", vec![PREFIX.to_owned(), "/team/todo".to_owned()], prefixed),
        target("probe-settings", vec![probe_settings(), databases()], probe_set),
    ]
}

/// A configuration with every field.
pub(crate) fn full() -> String {
    let alarm = |region: &str, name: &str| format!("arn:aws:cloudwatch:{region}:123456789012:alarm:{name}");
    json!({
        "format": 2, "global_cluster": "todo", "members": { seoul().as_str(): crate::world::SEOUL_ARN, osaka().as_str(): crate::world::OSAKA_ARN },
        "record": { "zone_id": "Z0123456789", "name": "writer.todo.internal", "ttl_seconds": 5 },
        "parameter": "/todo/database/writer", "settle_seconds": 60, "adopt": false, "priority": 3,
        "probe": { seoul().as_str(): "failover-responder-probe", osaka().as_str(): "failover-responder-probe" },
        "endpoints": { seoul().as_str(): "proxy.seoul.example", osaka().as_str(): "proxy.osaka.example" },
        "failover": {
            "mode": "automatic", "health_alarms": [alarm("ap-northeast-3", "todo"), alarm("us-east-1", "todo")],
            "writer_alarms": [alarm("ap-northeast-3", "writer")], "max_lag_seconds": 5, "unknown_lag": "refuse", "cooldown_seconds": 3600,
            "targets": [osaka(), seoul()], "topic_arns": {
                seoul().as_str(): "arn:aws:sns:ap-northeast-2:123456789012:people", osaka().as_str(): "arn:aws:sns:ap-northeast-3:123456789012:people",
            },
        },
        "home_region": seoul(), "rto_seconds": 120, "rpo_seconds": 5, "min_capacity": 8,
    })
    .to_string()
}

pub(crate) fn state() -> String {
    json!({
        "epoch": 7, "writer": seoul(), "endpoint": "todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com", "at": AT,
        "memory": { "writer": seoul(), "epoch": 7 },
        "owns": { "parameter": "/todo/database/writer", "record": "Z0123456789/writer.todo.internal" }, "record_pending": true,
        "write_block": { "outcome": "timed_out", "at": AT, "told": true }, "no_standby_since": AT, "disconnected_since": AT, "conflict_since": AT,
    })
    .to_string()
}

fn declared() -> String {
    json!({ "region": osaka(), "epoch": 7 }).to_string()
}

pub(crate) fn journal() -> String {
    let looks = json!({ "first": AT, "last": AT, "count": 3 });
    json!({
        "attempt": { "at": AT, "target": osaka(), "epoch": 7, "started": "unknown", "quiet": looks, "by": "4a1e" },
        "refusals": { "count": 4, "last": AT }, "said": "advise", "said_by": "4a1e", "outage": { "onset": AT, "epoch": 7, "noted": AT },
        "silence": looks, "without_writer": looks, "operation": { "status": "failing-over", "first": AT }, "overwritten": AT,
    })
    .to_string()
}

pub(crate) fn run() -> String {
    let phases = json!([{ "name": "injected", "ms": 12 }, { "name": "record_accepted", "ms": 3400 }]);
    let check = |name: &str, pass: bool| json!({ "name": name, "value": "80 ms", "limit": "5 s", "pass": pass, "verdict": "unknown" });
    json!({
        "id": "todo-failover-20261122T223104.000", "kind": "failover", "from": seoul(), "target": osaka(), "epoch": 7,
        "began_ms": 1_795_386_664_000_i64, "called": "accepted", "caller": { "who": "alice", "why": "the drill", "request_id": "4a1e" },
        "checks": [check("replication_lag", true), check("no_hold", false)],
        "overrides": [{ "check": "lag", "value": "9 s", "by": "allow_data_loss" }], "lag_ms": 80, "phases": phases,
        "ended": { "ms": 3600, "done": true, "why": "published and read back" },
        "previous": { "id": "todo-switchover-1", "kind": "switchover", "target": seoul(), "done": true, "phases": phases },
    })
    .to_string()
}

fn ownership() -> String {
    format!(
        "\"heritage=failover-responder,owner={PREFIX},database=todo,epoch=7,writer=ap-northeast-3,at={AT}\""
    )
}

/// What a probe looks at, with every field.
fn databases() -> String {
    let member = |city: &str, region: Region| format!("todo-{city}.cluster-abc.{region}.rds.amazonaws.com");
    json!({ "todo": {
        "record": "writer.db.todo.internal", "port": 6432, "dbname": "app",
        "members": { seoul().as_str(): member("seoul", seoul()), osaka().as_str(): member("osaka", osaka()) },
        "endpoints": { seoul().as_str(): "proxy.seoul.example", osaka().as_str(): "proxy.osaka.example" },
    }})
    .to_string()
}

/// Every variable that a probe reads, one a line.
pub(crate) fn probe_settings() -> String {
    let databases = databases();
    let own = osaka();
    let values = [
        own.as_str(),
        &databases,
        "failover_responder_probe",
        "s3cret-of-the-probe",
        "5",
        "75",
        "/etc/ssl/certs/ca-certificates.crt",
        "verify-full",
        "10.0.0.2:53",
    ];
    let lines = PROBE_VARIABLES.iter().zip(values).map(|(name, value)| format!("{name}={value}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// All below a prefix: a parameter a line, its name and its value.
fn listing() -> String {
    let orders = full().replace("todo", "orders");
    let all = [
        ("databases/todo", full()),
        ("databases/orders", orders),
        ("databases/copy", full()),
        ("state/todo", state()),
        ("attempt/todo", journal()),
        ("hold/todo", "an upgrade".to_owned()),
        ("declared/todo", declared()),
        ("run/todo", run()),
    ];
    all.map(|(name, value)| format!("{PREFIX}/{name}\t{value}")).join("\n")
}

fn configured(text: &str) -> Result<(), String> {
    let name: DatabaseName = "todo".parse().unwrap();
    match Database::parse(PREFIX, &name, text, &osaka()) {
        Err(error) => {
            failure(&error, "configuration parameter /failover-responder/databases/todo: ", text.as_bytes())
        }
        Ok(database) => {
            database.warnings().iter().try_for_each(|warning| sentence(warning, text.as_bytes()))?;
            let longest = database.regions().max_by_key(|region| region.as_str().len()).unwrap();
            let owned = Ownership {
                owner: PREFIX.to_owned(),
                database: "todo".to_owned(),
                epoch: Epoch(u64::MAX),
                writer: longest.clone(),
                at: NOW,
            };
            if owned.to_string().len() > 255 {
                return Err(format!("an ownership that Route 53 refuses: {owned}"));
            }
            Ok(())
        }
    }
}

/// What is written of what was read is read as the same again.
fn again<T, E: Display>(
    value: &T,
    write: impl Fn(&T) -> String,
    read: impl Fn(&str) -> Result<T, E>,
) -> Result<(), String> {
    let written = write(value);
    let read =
        read(&written).map_err(|error| format!("what we wrote cannot be read: {error}: {written:.400}"))?;
    let twice = write(&read);
    if twice == written { Ok(()) } else { Err(format!("{written:.400} is read as {twice:.400}")) }
}

fn remembered(text: &str) -> Result<(), String> {
    let read =
        RegionParameters::from_values(Some(text), Some(text.to_owned()), Some(text.to_owned()), Some(text));
    for unreadable in &read.unreadable {
        sentence(unreadable, text.as_bytes())?;
        if !unreadable.starts_with("the state parameter ")
            && !unreadable.starts_with("the declaration parameter ")
        {
            return Err(format!("{unreadable:?} names no parameter"));
        }
    }
    read.declared.iter().try_for_each(|it| {
        again(it, |it| serde_json::to_string(it).unwrap(), |text| serde_json::from_str(text))
    })?;
    read.state.iter().try_for_each(|it| again(it, State::to_json, |text| serde_json::from_str::<State>(text)))
}

fn journaled(text: &str) -> Result<(), String> {
    let journal = match Journal::of_json(text) {
        // As the adapters say it.
        Err(error) => return sentence(&visible(&error.to_string()), text.as_bytes()),
        Ok(journal) => journal,
    };
    let is_open = |attempt: &Attempt| attempt.is_open(Epoch(7), NOW, i64::MAX);
    let _ = (journal.attempt.as_ref().map(is_open), journal.refusals.as_ref().map(Refusals::again_at));
    assert!(journal.has_same_attempt(&journal.clone()));
    again(&journal, Journal::to_json, Journal::of_json)
}

fn ran(text: &str) -> Result<(), String> {
    let run = match Run::of_json(text) {
        // As the adapters say it.
        Err(error) => return sentence(&visible(&error.to_string()), text.as_bytes()),
        Ok(run) => run,
    };
    let mut later = run.clone();
    later.note("a new moment", NOW);
    later.end(NOW, true, "it is over");
    let _ = (run.recovery_ms(), run.is_open(Epoch(7), NOW), later.past());
    again(&run, Run::to_json, Run::of_json)
}

fn listed(text: &str) -> Result<(), String> {
    let pairs = text.lines().filter_map(|line| line.split_once('\t'));
    let read = OwnRegion::from_parameters(PREFIX, &osaka(), pairs);
    for (name, error) in &read.installation.refused {
        failure(
            error,
            &format!("configuration parameter {PREFIX}/databases/{}", visible(name)),
            text.as_bytes(),
        )?;
    }
    let databases = read.installation.databases;
    if databases.iter().all(|database| read.listed.contains_key(database.name())) {
        return Ok(());
    }
    Err("a database is not listed".to_owned())
}

fn owned(text: &str) -> Result<(), String> {
    match text.parse::<Ownership>() {
        Err(error) => failure(&error, "is not an ownership such as ", text.as_bytes()),
        Ok(owned) => again(&owned, Ownership::to_string, Ownership::from_str),
    }
}

fn named(text: &str) -> Result<(), String> {
    fn one<T: FromStr<Err: Error> + Display>(text: &str) -> Result<(), String> {
        match text.parse::<T>() {
            Err(error) => failure(&error, "", text.as_bytes()),
            Ok(name) => again(&name, T::to_string, T::from_str),
        }
    }
    one::<Region>(text)?;
    one::<DatabaseName>(text)?;
    one::<ClusterArn>(text)?;
    one::<Timestamp>(text)
}

/// A whole environment; where no line is a variable of a probe's, the text is `PROBE_DATABASES`. A refusal names the variable, and
/// nothing shows the password, unless it stands elsewhere as well.
fn probe_set(text: &str) -> Result<(), String> {
    let lines: Vec<_> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let is_environment = lines.iter().any(|(name, _)| PROBE_VARIABLES.contains(name));
    let own = osaka();
    let whole = [("AWS_REGION", own.as_str()), ("PROBE_DATABASES", text)];
    let variables: &[(&str, &str)] = if is_environment { &lines } else { &whole };
    let find = |name: &str| variables.iter().find(|(it, _)| *it == name).map(|(_, value)| *value);
    let shown = match Settings::read(|name| find(name).map(str::to_owned)) {
        Err(error) => {
            let said = error.to_string();
            let named = said.split([':', ' ']).next().filter(|name| PROBE_VARIABLES.contains(name));
            failure(&error, named.unwrap_or("a variable"), text.as_bytes())?;
            said
        }
        Ok(settings) => format!("{settings:?}"),
    };
    let elsewhere =
        |secret: &str| variables.iter().any(|(name, it)| *name != "PROBE_PASSWORD" && it.contains(secret));
    let secret = find("PROBE_PASSWORD").filter(|it| it.len() > 8 && !elsewhere(it));
    if secret.is_some_and(|secret| shown.contains(secret)) {
        return Err(format!("the password is shown: {shown:.400}"));
    }
    Ok(())
}

fn prefixed(text: &str) -> Result<(), String> {
    match Environment::new(text, osaka()) {
        Err(error) => failure(&error, "PARAMETER_PREFIX: ", text.as_bytes()),
        Ok(_) => Ok(()),
    }
}
