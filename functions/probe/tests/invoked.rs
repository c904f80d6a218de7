//! The probe's real binary in the environment that Lambda makes: what it answers, the lines that it prints, and that it
//! calls nobody but the runtime API, the nameserver and the databases.

#![allow(
    dead_code,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed; it shares a stage that can do more"
)]

mod lambda;
#[path = "../../sql/tests/probe/names.rs"]
mod names;
#[path = "../../sql/tests/probe/stage.rs"]
mod stage;

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use lambda::{Ended, Lambda, ended};
use serde_json::{Value, json};
use stage::{PASSWORD, SEOUL, Stage};

/// A service of AWS's, wherever one is asked for; how often somebody came.
fn trap() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for _ in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (format!("http://{address}"), count)
}

fn pairs(variables: &[(String, String)]) -> Vec<(&str, &str)> {
    variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Every name and every way by which an SDK finds AWS, or credentials, leads into the trap.
fn trapped(url: &str) -> Vec<(String, String)> {
    let names = [
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_RDS",
        "AWS_ENDPOINT_URL_SSM",
        "AWS_ENDPOINT_URL_STS",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "http_proxy",
        "https_proxy",
    ];
    names.map(|name| (name.to_owned(), url.to_owned())).to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_looks_answers_and_calls_no_service_of_aws() {
    let Some(stage) = Stage::new(true).await else { return };
    let (url, came) = trap();
    let more = [("PROBE_EVERY_SECONDS", "1"), ("PROBE_FOR_SECONDS", "3")];
    let variables = [stage.variables(&more), trapped(&url)].concat();
    let port = stage.seoul.config().port;
    let mut lambda = Lambda::start(env!("CARGO_BIN_EXE_probe"), &pairs(&variables));
    let look = lambda.invoke(r#"{"look": true}"#, 60_000);
    assert_eq!(look["region"], "ap-northeast-2");
    let record = &look["databases"]["todo"]["record"];
    assert_eq!((&record["writable"], &record["leads_to"]), (&json!(true), &json!(SEOUL)));
    assert_eq!(look["databases"]["todo"]["members"]["ap-northeast-3"]["in_recovery"], true);
    let word = lambda.invoke(&json!({"endpoint": SEOUL, "port": port}).to_string(), 60_000);
    assert_eq!((&word["writable"], &word["said"]), (&json!(true), &json!("a heartbeat committed")));
    let stranger = lambda.invoke(&json!({"endpoint": "evil.example.com", "port": port}).to_string(), 60_000);
    assert_eq!(stranger["writable"], Value::Null);
    let refused = lambda.invoke(r#"{"look": 1}"#, 60_000);
    assert_eq!(refused["errorType"], "BadRequest");
    let schedule =
        json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}).to_string();
    let begun = Instant::now();
    assert_eq!(lambda.invoke(&schedule, 60_000), json!({"looks": 3}));
    assert!((2_000..3_000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    assert_eq!(lambda.invoke("{}", 2_400), json!({"looks": 2}), "the deadline ends it");
    let remotes = lambda.remotes();
    let (stdout, stderr) = lambda.end();
    let allowed: BTreeSet<SocketAddr> = [
        SocketAddr::from(([127, 0, 1, 1], port)),
        SocketAddr::from(([127, 0, 2, 1], port)),
        stage.names.address,
    ]
    .into();
    assert!(remotes.contains(&SocketAddr::from(([127, 0, 1, 1], port))), "it was watched: {remotes:?}");
    assert_eq!(remotes.difference(&allowed).collect::<Vec<_>>(), [&lambda::NOBODY; 0], "{remotes:?}");
    assert_eq!(came.load(Ordering::SeqCst), 0, "somebody called AWS");
    assert!(!stdout.contains(PASSWORD) && !stderr.contains(PASSWORD));
    lines(&stdout);
}

/// A line a database and one a member, for each of six looks; metrics as CloudWatch takes them.
fn lines(stdout: &str) {
    let lines: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let with = |metric: &str| lines.iter().filter(|line| line.get(metric).is_some()).count();
    let of_member = |region: &str| lines.iter().filter(|line| line["Member"] == region).count();
    assert_eq!((with("WriterWritable"), with("WriteLatency")), (6, 6), "{stdout}");
    assert_eq!((of_member("ap-northeast-2"), of_member("ap-northeast-3")), (6, 6));
    assert!(with("ReplicationLag") >= 4, "{stdout}");
    for line in &lines {
        for directive in line["_aws"]["CloudWatchMetrics"].as_array().into_iter().flatten() {
            assert_eq!(directive["Namespace"], "FailoverResponder");
            let dimensions = directive["Dimensions"][0].as_array().unwrap();
            assert!(dimensions.iter().all(|name| line[name.as_str().unwrap()].is_string()), "{line}");
            for metric in directive["Metrics"].as_array().unwrap() {
                assert!(line[metric["Name"].as_str().unwrap()].is_u64(), "{line}");
                assert_eq!(metric["StorageResolution"], 1);
            }
        }
    }
}

/// With an IAM token too: it is signed here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_made_without_a_call_and_shown_nowhere() {
    let Some(stage) = Stage::new(false).await else { return };
    let (url, came) = trap();
    let variables = [stage.variables(&[("PROBE_PASSWORD", "")]), trapped(&url)].concat();
    let mut lambda = Lambda::start(env!("CARGO_BIN_EXE_probe"), &pairs(&variables));
    let look = lambda.invoke(r#"{"look": true}"#, 60_000);
    let said = &look["databases"]["todo"]["record"]["said"];
    let expected =
        "the IAM token was taken for a password: the role does not exist or is not granted rds_iam";
    assert_eq!(
        (&look["databases"]["todo"]["record"]["writable"], said.as_str()),
        (&Value::Null, Some(expected))
    );
    let (stdout, stderr) = lambda.end();
    for secret in ["X-Amz-Signature", "X-Amz-Credential", "secret-of-the-role"] {
        assert!(!stdout.contains(secret) && !stderr.contains(secret), "{stdout}{stderr}");
    }
    let first: Value = serde_json::from_str(stdout.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["level"], first.get("_aws"), first.get("WriterWritable")),
        (&json!("ERROR"), None, None)
    );
    assert_eq!(came.load(Ordering::SeqCst), 0, "somebody called AWS");
}

#[test]
fn a_bad_environment_is_one_sentence_that_names_the_variable() {
    let good =
        r#"{"todo": {"record": "writer.db.todo.internal", "members": {"ap-northeast-2": "a.example.com"}}}"#;
    for (name, value) in [
        ("AWS_REGION", "Seoul"),
        ("PROBE_DATABASES", "{"),
        ("PROBE_DATABASES", "{}"),
        ("PROBE_USER", "Robert'); DROP TABLE"),
        ("PROBE_EVERY_SECONDS", "0"),
        ("PROBE_FOR_SECONDS", "an hour"),
        ("PROBE_TLS", "require"),
        ("PROBE_CA_FILE", "/there/is/none"),
        ("PROBE_CA_FILE", "/dev/null"),
        ("PROBE_NAMESERVER", "10.0.0.2"),
    ] {
        let Ended { code, stderr } = ended(
            env!("CARGO_BIN_EXE_probe"),
            &[("PROBE_DATABASES", good), ("PROBE_PASSWORD", PASSWORD), (name, value)],
        );
        assert_eq!(code, Some(1), "{name}={value}: {stderr}");
        assert!(stderr.starts_with(&format!("{name}: ")) && stderr.lines().count() == 1, "{stderr}");
        assert!(!stderr.contains(PASSWORD) && !stderr.contains("panicked"), "{stderr}");
    }
    let missing = ended(env!("CARGO_BIN_EXE_probe"), &[]);
    assert!(missing.stderr.starts_with("PROBE_DATABASES is not set: "), "{}", missing.stderr);
}
