//! The probe's pure part: what it is told, when it looks, what a sight means, and the lines that it prints, to the letter.

#![allow(
    clippy::cast_possible_wrap,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed; its figures are small"
)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use responder_core::probe::answer::{DatabaseLook, LagSight, LagSource, MemberLook, RecordLook};
use responder_core::probe::event::{self, Wanted};
use responder_core::probe::install;
use responder_core::probe::metrics;
use responder_core::probe::pace::Pace;
use responder_core::probe::sight::{Beat, Heartbeat, RecordSight, Seen, Sight};
use responder_core::probe::trouble::{Fault, Trouble};
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::probe::Question;
use serde_json::json;

const SEOUL: &str = "todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com";
const OSAKA: &str = "todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com";

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

#[test]
fn an_event_is_read_or_refused() {
    let question = Question { endpoint: SEOUL.to_owned(), port: 5432 };
    for (event, wanted) in [
        (json!({}), Some(Wanted::Watch)),
        (json!({"detail-type": "Scheduled Event", "source": "aws.events"}), Some(Wanted::Watch)),
        (json!({"look": true}), Some(Wanted::Look)),
        (json!({"endpoint": SEOUL, "port": 5432}), Some(Wanted::Word(question.clone()))),
        (json!({"endpoint": SEOUL, "port": 5432, "look": true}), Some(Wanted::Word(question))),
        (json!({"look": false}), None),
        (json!({"endpoint": SEOUL}), None),
        (json!({"endpoint": SEOUL, "port": 65_536}), None),
        (json!({"action": "status"}), None),
        (json!([]), None),
        (json!(null), None),
    ] {
        assert_eq!(event::read(&event).ok(), wanted, "{event}");
    }
    let error = event::read(&json!({"x": 1})).unwrap_err().to_string();
    assert_eq!(
        error,
        "not understood: a schedule's event, {\"look\": true} or {\"endpoint\": \"…\", \"port\": 5432} is wanted (it has none of their fields)"
    );
}

#[test]
fn looks_come_at_the_pace_and_end_before_the_invocation_does() {
    let pace = Pace { every_ms: 5_000, for_ms: 75_000 };
    assert_eq!(pace.budget_ms(), 2_500);
    assert_eq!(Pace { every_ms: 1_000, for_ms: 1 }.budget_ms(), 800);
    let at = |ms: i64| Timestamp::from_ms(1_000_000 + ms);
    let next = |now: i64, deadline: i64| pace.next(at(0), at(now), at(deadline)).map(|it| it.since_ms(at(0)));
    for (now, deadline, expected) in [
        (10, 90_000, Some(5_000)),
        (4_999, 90_000, Some(5_000)),
        (5_000, 90_000, Some(10_000)),
        (12_345, 90_000, Some(15_000)),
        (69_999, 90_000, Some(70_000)),
        (70_001, 90_000, None),
        (10, 8_000, Some(5_000)),
        (10, 7_999, None),
        (-50, 90_000, Some(5_000)),
    ] {
        assert_eq!(next(now, deadline), expected, "{now} of {deadline}");
    }
}

proptest! {
    /// However long looks take: none begins in the past, none off the pace, and the last one ends in time.
    #[test]
    fn no_look_is_late(every in 1_u64..=60, seconds in 1_u64..=900, took in 0_i64..2_000_000, life in 0_i64..2_000_000) {
        let pace = Pace { every_ms: every * 1000, for_ms: seconds * 1000 };
        let (began, now) = (Timestamp::from_ms(0), Timestamp::from_ms(took));
        if let Some(next) = pace.next(began, now, Timestamp::from_ms(life)) {
            let ms = next.as_ms();
            prop_assert!(ms > took && ms - took <= every as i64 * 1000 && ms % (every as i64 * 1000) == 0);
            prop_assert!(ms < seconds as i64 * 1000 && ms + pace.budget_ms() as i64 + 500 <= life);
        }
    }
}

fn seen(beat: Result<Beat, Trouble>, in_recovery: bool, age_ms: Option<u64>, aurora: Option<u64>) -> Sight {
    let heartbeat = |age_ms| Heartbeat { region: "ap-northeast-2".to_owned(), sequence: 41, age_ms };
    let newest = Ok(age_ms.map(heartbeat));
    Sight { took_ms: 9, seen: Ok(Seen { beat, in_recovery, newest, aurora_lag_ms: aurora, lsn: None }) }
}

const BEAT: Result<Beat, Trouble> = Ok(Beat { sequence: 42, took_ms: 3 });

#[test]
fn what_each_trouble_means() {
    assert_eq!(
        (seen(BEAT, false, None, None).writable(), seen(BEAT, false, None, None).word().writable),
        (Some(true), Some(true))
    );
    let x = || "x".to_owned();
    let no = (Some(false), None);
    let denied = (Some(false), Some(false));
    let rows = [
        (Trouble::Refused, no),
        (Trouble::NoRoute, no),
        (Trouble::Unreachable, no),
        (Trouble::Silent, no),
        (Trouble::Stuck, no),
        (Trouble::Closed, no),
        (Trouble::ShuttingDown, no),
        (Trouble::Foreign, no),
        (Trouble::Failing(x()), no),
        (Trouble::StartingUp, denied),
        (Trouble::Recovering, denied),
        (Trouble::InRecovery, denied),
        (Trouble::ReadOnly, denied),
    ];
    let means = [
        Trouble::NoAddress(x()),
        Trouble::NoRecord(x()),
        Trouble::NoAlias(x()),
        Trouble::Elsewhere(x()),
        Trouble::NotConfigured(x()),
        Trouble::NoTls,
        Trouble::InTheClear(x()),
        Trouble::UnknownIssuer,
        Trouble::WrongName(x()),
        Trouble::Expired,
        Trouble::BadCertificate,
        Trouble::Handshake,
        Trouble::Password,
        Trouble::TokenAsPassword,
        Trouble::Token,
        Trouble::NotAdmitted,
        Trouble::NoCredentials,
        Trouble::NoDatabase(x()),
        Trouble::NoTable,
        Trouble::NoRight,
        Trouble::TooManyConnections,
        Trouble::Busy,
        Trouble::Locked,
        Trouble::Other(x()),
    ];
    let rows: Vec<_> = rows.into_iter().chain(means.map(|it| (it, (None, None)))).collect();
    let sentences: std::collections::BTreeSet<String> = rows.iter().map(|(it, _)| it.to_string()).collect();
    assert_eq!(sentences.len(), rows.len(), "each has a sentence of its own");
    for (trouble, (metric, word)) in rows {
        let fault = if metric.is_some() { Fault::Server } else { Fault::Means };
        assert_eq!(trouble.fault(), fault, "{trouble}");
        for sight in [Sight::nothing(trouble.clone(), 9), seen(Err(trouble.clone()), false, None, None)] {
            assert_eq!((sight.writable(), sight.word().writable), (metric, word), "{trouble}");
            assert_eq!((sight.said(), sight.word().said), (trouble.to_string(), trouble.to_string()));
        }
    }
}

#[test]
fn a_sqlstate_is_told_by_its_code_and_where_that_is_not_enough_by_its_text() {
    for (code, text, with_token, trouble) in [
        ("57P03", "the database system is starting up", false, Trouble::StartingUp),
        ("57P03", "the database system is shutting down", false, Trouble::ShuttingDown),
        ("57P03", "the database system is in recovery mode", false, Trouble::Recovering),
        ("57P03", "the database system is not yet accepting connections", false, Trouble::Recovering),
        ("57P01", "", false, Trouble::ShuttingDown),
        ("57P02", "", false, Trouble::ShuttingDown),
        ("57P05", "", false, Trouble::Closed),
        ("25006", "", false, Trouble::ReadOnly),
        ("28P01", "", false, Trouble::Password),
        ("28P01", "", true, Trouble::TokenAsPassword),
        ("28000", "PAM authentication failed for user", true, Trouble::Token),
        ("28000", "PAM authentication failed for user", false, Trouble::NotAdmitted),
        ("28000", "no pg_hba.conf entry", true, Trouble::NotAdmitted),
        ("3D000", "", false, Trouble::NoDatabase("app".to_owned())),
        ("42P01", "", false, Trouble::NoTable),
        ("3F000", "", false, Trouble::NoTable),
        ("42501", "", false, Trouble::NoRight),
        ("53300", "", false, Trouble::TooManyConnections),
        ("55P03", "", false, Trouble::Locked),
        ("57014", "", false, Trouble::Locked),
        ("40001", "", false, Trouble::Locked),
        ("40P01", "", false, Trouble::Locked),
        ("53100", "", false, Trouble::Failing("53100".to_owned())),
        ("58030", "", false, Trouble::Failing("58030".to_owned())),
        ("XX001", "", false, Trouble::Failing("XX001".to_owned())),
        ("08P01", "", false, Trouble::Failing("08P01".to_owned())),
        ("22001", "", false, Trouble::Other("22001".to_owned())),
    ] {
        assert_eq!(Trouble::of_state(code, text, with_token, "app"), trouble, "{code} {text}");
    }
}

#[test]
fn a_replicas_lag_is_auroras_word_or_the_heartbeats_age_less_the_pace() {
    let in_recovery = || Err(Trouble::InRecovery);
    let lag = |sight: &Sight| MemberLook::of(OSAKA, sight, 5_000).lag;
    let (aurora, heartbeat) = (LagSource::AuroraGlobalDbStatus, LagSource::Heartbeat);
    for (sight, expected) in [
        (seen(in_recovery(), true, Some(6_200), Some(80)), Some((80, aurora))),
        (seen(in_recovery(), true, Some(6_200), None), Some((1_200, heartbeat))),
        (seen(in_recovery(), true, Some(4_999), None), Some((0, heartbeat))),
        (seen(in_recovery(), true, None, Some(80)), Some((80, aurora))),
        (seen(in_recovery(), true, None, None), None),
        (seen(BEAT, false, Some(6_200), Some(80)), None),
        (Sight::nothing(Trouble::Silent, 9), None),
    ] {
        assert_eq!(lag(&sight), expected.map(|(ms, source)| LagSight { ms, source }), "{sight:?}");
    }
    let blind = Sight {
        seen: Ok(Seen {
            beat: in_recovery(),
            in_recovery: true,
            newest: Err(Trouble::NoTable),
            aurora_lag_ms: None,
            lsn: None,
        }),
        took_ms: 9,
    };
    assert_eq!(MemberLook::of(OSAKA, &blind, 5_000).said, Trouble::NoTable.to_string());
}

/// Beside the old writer's last heartbeat, what a log says of how far it had come.
#[test]
fn an_lsn_is_told_where_there_is_one() {
    let mut sight = seen(BEAT, false, Some(6_200), None);
    assert!(!serde_json::to_string(&MemberLook::of(OSAKA, &sight, 5_000)).unwrap().contains("lsn"));
    sight.seen.as_mut().unwrap().lsn = Some(31_415);
    let look = MemberLook::of(OSAKA, &sight, 5_000);
    assert_eq!(look.lsn, Some(31_415));
    let osaka = &lines(Sight::nothing(Trouble::Refused, 9), sight)[1];
    assert!(osaka.contains(r#""lsn":31415,"#), "{osaka}");
}

fn lines(record: Sight, osaka: Sight) -> Vec<String> {
    let led = RecordSight {
        leads_to: Some(SEOUL.to_owned()),
        region: Some(region("ap-northeast-2")),
        sight: record,
    };
    let members = BTreeMap::from([(region("ap-northeast-3"), MemberLook::of(OSAKA, &osaka, 5_000))]);
    let look = DatabaseLook { record: RecordLook::of("writer.db.todo.internal", &led), members };
    let lines = metrics::lines(&"todo".parse().unwrap(), &look, Timestamp::from_ms(1_795_000_000_123));
    lines.iter().map(ToString::to_string).collect()
}

#[test]
fn a_good_look_is_these_lines() {
    let replica = seen(Err(Trouble::InRecovery), true, Some(6_200), Some(80));
    assert_eq!(
        lines(seen(BEAT, false, None, None), replica),
        [
            r#"{"Database":"todo","WriteLatency":3,"WriterWritable":1,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["Database"]],"Metrics":[{"Name":"WriterWritable","StorageResolution":1,"Unit":"None"},{"Name":"WriteLatency","StorageResolution":1,"Unit":"Milliseconds"}],"Namespace":"FailoverResponder"}],"Timestamp":1795000000123},"level":"INFO","look":{"leads_to":"todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com","name":"writer.db.todo.internal","region":"ap-northeast-2","said":"a heartbeat committed","took_ms":9,"writable":true,"write_ms":3},"message":"todo: writer.db.todo.internal: a heartbeat committed"}"#,
            r#"{"Database":"todo","HeartbeatAge":6200,"Member":"ap-northeast-3","ReplicationLag":80,"Source":"aurora_global_db_status","_aws":{"CloudWatchMetrics":[{"Dimensions":[["Database","Member"]],"Metrics":[{"Name":"HeartbeatAge","StorageResolution":1,"Unit":"Milliseconds"}],"Namespace":"FailoverResponder"},{"Dimensions":[["Database","Member","Source"]],"Metrics":[{"Name":"ReplicationLag","StorageResolution":1,"Unit":"Milliseconds"}],"Namespace":"FailoverResponder"}],"Timestamp":1795000000123},"level":"INFO","look":{"endpoint":"todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com","heartbeat":{"age_ms":6200,"region":"ap-northeast-2","sequence":41},"in_recovery":true,"lag":{"ms":80,"source":"aurora_global_db_status"},"said":"the server is in recovery: it takes no writes","took_ms":9,"writable":false},"message":"todo: ap-northeast-3: the server is in recovery: it takes no writes"}"#,
        ]
    );
}

#[test]
fn a_bad_look_is_these_lines_and_has_no_metric_without_a_value() {
    assert_eq!(
        lines(Sight::nothing(Trouble::Refused, 9), Sight::nothing(Trouble::Silent, 2_500)),
        [
            r#"{"Database":"todo","WriterWritable":0,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["Database"]],"Metrics":[{"Name":"WriterWritable","StorageResolution":1,"Unit":"None"}],"Namespace":"FailoverResponder"}],"Timestamp":1795000000123},"level":"ERROR","look":{"leads_to":"todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com","name":"writer.db.todo.internal","region":"ap-northeast-2","said":"the connection was refused: nobody listens there","took_ms":9,"writable":false,"write_ms":null},"message":"todo: writer.db.todo.internal: the connection was refused: nobody listens there"}"#,
            r#"{"Database":"todo","Member":"ap-northeast-3","level":"WARN","look":{"endpoint":"todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com","heartbeat":null,"in_recovery":null,"lag":null,"said":"it accepted the connection and said nothing in time","took_ms":2500,"writable":false},"message":"todo: ap-northeast-3: it accepted the connection and said nothing in time"}"#,
        ]
    );
    let unknown =
        &lines(Sight::nothing(Trouble::Password, 9), seen(Err(Trouble::InRecovery), true, Some(7), None))[0];
    let line: serde_json::Value = serde_json::from_str(unknown).unwrap();
    assert_eq!((line.get("_aws"), line.get("WriterWritable"), &line["level"]), (None, None, &json!("ERROR")));
    assert_eq!(
        line["message"],
        "todo: writer.db.todo.internal: the password was refused, or the role does not exist"
    );
}

#[test]
fn the_sql_is_for_one_role_and_for_no_other_text() {
    let sql = install::sql("watcher").unwrap();
    assert!(sql.contains("CREATE ROLE watcher;") && !sql.contains("failover_responder_probe"));
    assert!(sql.contains("GRANT rds_iam TO watcher;") && sql.contains("failover_responder.heartbeat"));
    for bad in ["", "Watcher", "x y", "x;--", "\"x\"", "1x", &"x".repeat(64)] {
        assert_eq!(
            install::sql(bad).unwrap_err().to_string(),
            format!("{bad:?} is not a role's name of small letters, digits and '_'")
        );
    }
}
