//! What a probe is told by its environment: the defaults, and a sentence for each slip.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use responder_core::probe::pace::Pace;
use responder_core::probe::settings::Settings;
use responder_core::words::names::Region;
use serde_json::json;

const SEOUL: &str = "todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com";
const OSAKA: &str = "todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com";

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

fn databases() -> String {
    json!({ "todo": {
        "record": "Writer.DB.todo.internal",
        "members": { "ap-northeast-2": SEOUL.to_uppercase(), "ap-northeast-3": OSAKA }
    }})
    .to_string()
}

fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
    let databases = databases();
    let plain = [("AWS_REGION", "ap-northeast-2"), ("PROBE_DATABASES", databases.as_str())];
    let variable = |name: &str| {
        let found = variables.iter().chain(&plain).find(|(it, _)| *it == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Settings::read(variable).map_err(|error| error.to_string())
}

#[test]
fn settings_have_defaults_and_are_all_read() {
    let plain = read(&[]).unwrap();
    let todo = &plain.databases[&"todo".parse().unwrap()];
    assert_eq!(
        (todo.port, todo.dbname.as_str(), todo.record.as_str()),
        (5432, "todo", "writer.db.todo.internal")
    );
    assert_eq!(todo.members[&region("ap-northeast-2")], SEOUL);
    assert_eq!(plain.user, "failover_responder_probe");
    assert_eq!(plain.pace, Pace { every_ms: 5_000, for_ms: 75_000 });
    assert_eq!((plain.password, plain.ca_file, plain.tls, plain.nameserver), (None, None, true, None));
    for name in [
        "PROBE_USER",
        "PROBE_PASSWORD",
        "PROBE_CA_FILE",
        "PROBE_TLS",
        "PROBE_NAMESERVER",
        "PROBE_EVERY_SECONDS",
    ] {
        assert_eq!(read(&[(name, "")]), read(&[]), "{name}: what is empty is not set");
    }
    let all = json!({ "todo": {
        "record": "w.internal", "members": { "ap-northeast-2": SEOUL, "ap-northeast-3": OSAKA },
        "endpoints": { "ap-northeast-2": "a.proxy.internal", "ap-northeast-3": OSAKA }, "port": 6432, "dbname": "app"
    }});
    let full = read(&[
        ("PROBE_DATABASES", &all.to_string()),
        ("PROBE_USER", "watcher_1"),
        ("PROBE_PASSWORD", "s3cret"),
        ("PROBE_EVERY_SECONDS", "1"),
        ("PROBE_FOR_SECONDS", "600"),
        ("PROBE_CA_FILE", "/opt/ca.pem"),
        ("PROBE_TLS", "off"),
        ("PROBE_NAMESERVER", "[::1]:53"),
    ])
    .unwrap();
    let todo = &full.databases[&"todo".parse().unwrap()];
    assert_eq!((todo.port, todo.dbname.as_str()), (6432, "app"));
    assert_eq!(todo.endpoints.len(), 1, "a published name that is the member's own is no other endpoint");
    for (host, its) in [
        (SEOUL, Some("ap-northeast-2")),
        ("A.Proxy.internal.", Some("ap-northeast-2")),
        (OSAKA, Some("ap-northeast-3")),
        ("x.internal", None),
    ] {
        assert_eq!(todo.region_of(host), its.map(region).as_ref(), "{host}");
    }
    assert_eq!(full.password.as_ref().unwrap().expose(), "s3cret");
    assert!(!format!("{full:?}").contains("s3cret"));
    assert_eq!((full.ca_file.as_deref(), full.tls, full.pace.for_ms), (Some("/opt/ca.pem"), false, 600_000));
    assert!(full.nameserver.is_some());
}

#[test]
fn a_bad_setting_is_a_sentence_that_names_the_variable() {
    let with = |more: &str| databases().replace("\"record\"", &format!("{more}, \"record\""));
    let twice = databases().replace(OSAKA, SEOUL);
    for (name, value, problem) in [
        ("AWS_REGION", "", "\"\" is not an AWS Region such as ap-northeast-2"),
        ("PROBE_DATABASES", "[]", ".: invalid type: sequence, expected a map at line 1 column 0"),
        ("PROBE_DATABASES", "{}", "names no database"),
        ("PROBE_DATABASES", "{} x", "trailing characters at line 1 column 4"),
        (
            "PROBE_DATABASES",
            &with("\"colour\": 1"),
            "todo.colour: unknown field `colour`, expected one of `record`, `members`, `endpoints`, `port`, `dbname` at line 1 column 179",
        ),
        ("PROBE_DATABASES", &with("\"port\": 0"), "todo.port: is 0"),
        ("PROBE_DATABASES", &with("\"dbname\": \"\""), "todo.dbname: is no database's name"),
        (
            "PROBE_DATABASES",
            &with("\"endpoints\": {\"ap-northeast-2\": \"a.b\"}"),
            "todo.endpoints: has to name every member's Region, and no other",
        ),
        (
            "PROBE_DATABASES",
            &with("\"endpoints\": {\"ap-northeast-2\": \"a.b\", \"ap-northeast-3\": \"A.b\"}"),
            "todo.members: two names are the same: nobody could tell them apart",
        ),
        ("PROBE_DATABASES", &twice, "todo.members: two names are the same: nobody could tell them apart"),
        (
            "PROBE_DATABASES",
            &databases().replace(OSAKA, "a b"),
            "todo.members.ap-northeast-3: \"a b\" is not a DNS name",
        ),
        (
            "PROBE_DATABASES",
            r#"{"todo": {"record": "a.b", "members": {}}}"#,
            "todo.members: a global database has 1 to 11 of them here",
        ),
        ("PROBE_USER", "Watcher", "\"Watcher\" is not a role's name of small letters, digits and '_'"),
        ("PROBE_USER", "1x", "\"1x\" is not a role's name of small letters, digits and '_'"),
        ("PROBE_EVERY_SECONDS", "61", "\"61\" is not a number of seconds from 1 to 60"),
        ("PROBE_EVERY_SECONDS", "0", "\"0\" is not a number of seconds from 1 to 60"),
        ("PROBE_FOR_SECONDS", "901", "\"901\" is not a number of seconds from 1 to 900"),
        ("PROBE_TLS", "prefer", "\"prefer\" is neither verify-full nor off"),
        ("PROBE_NAMESERVER", "10.0.0.2", "\"10.0.0.2\" is not an address and a port such as 10.0.0.2:53"),
    ] {
        assert_eq!(read(&[(name, value)]), Err(format!("{name}: {problem}")));
    }
    for (name, why) in [
        ("AWS_REGION", "a function has to know its own Region"),
        ("PROBE_DATABASES", "a probe has to know what to look at"),
    ] {
        let others = |it: &str| (it != name && it == "AWS_REGION").then(|| "ap-northeast-2".to_owned());
        let error = Settings::read(others).unwrap_err().to_string();
        assert_eq!(error, format!("{name} is not set: {why}"));
    }
}
