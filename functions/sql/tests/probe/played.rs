//! What only a server in trouble says, played; and that no secret is in anything.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use responder_core::probe::settings::Settings;
use responder_core::probe::sight::Sight;
use responder_core::world::probe::{ProbeWord, Question};
use responder_sql::Prober;

use crate::scripted::{asking, dropping, listen, refusing, silent, startup};
use crate::stage::PASSWORD;

/// What a probe says of a server on this machine, as a metric and as a word.
async fn seen(address: SocketAddr, more: &[(&str, &str)]) -> (Option<bool>, Option<bool>, String) {
    let databases = format!(
        r#"{{"todo": {{"record": "writer.invalid", "members": {{"ap-northeast-3": "{}"}}, "port": {}}}}}"#,
        address.ip(),
        address.port()
    );
    let variable = |name: &str| {
        let plain = [
            ("AWS_REGION", "ap-northeast-2"),
            ("PROBE_DATABASES", databases.as_str()),
            ("PROBE_PASSWORD", PASSWORD),
            ("PROBE_TLS", "off"),
            ("PROBE_NAMESERVER", "127.0.0.1:9"),
        ];
        let found = more.iter().chain(&plain).find(|(it, _)| *it == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let prober = Prober::new(Settings::read(variable).unwrap()).unwrap();
    let begun = Instant::now();
    let look = prober.look().await;
    assert!(begun.elapsed() < Duration::from_millis(2_700), "{:?}", begun.elapsed());
    let member = look.databases.values().next().unwrap().members.values().next().unwrap();
    let begun = Instant::now();
    let question = Question { endpoint: address.ip().to_string(), port: address.port() };
    let word: ProbeWord = prober.word(&question).await;
    assert!(begun.elapsed() < Duration::from_millis(950), "{:?}", begun.elapsed());
    assert_eq!(word.said, member.said);
    assert!(!format!("{look:?}{word:?}").contains(PASSWORD));
    (member.writable, word.writable, member.said.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_in_trouble_is_told_by_what_it_does() {
    let (nobody, listener) = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        (listener.local_addr().unwrap(), listener)
    };
    drop(listener);
    let closing = listen(drop);
    let foreign = listen(|mut stream| {
        startup(&mut stream);
        // Ready for a statement, before anybody signed in.
        let _ = stream.write_all(b"Z\0\0\0\x05I");
    });
    let (full, _socket, _queue) = dropping();
    let (no, denied) = (Some(false), Some(false));
    for (address, metric, word, said) in [
        (nobody, no, None, "the connection was refused: nobody listens there"),
        (closing, no, None, "it closed the connection"),
        (silent(), no, None, "it accepted the connection and said nothing in time"),
        (
            full,
            no,
            None,
            "the connection was not accepted in time: something on the way drops it, or its host is dead",
        ),
        (foreign, no, None, "what answers there does not speak PostgreSQL's protocol"),
        (refusing("57P03", "the database system is starting up"), no, denied, "the server is starting up"),
        (refusing("57P03", "the database system is shutting down"), no, None, "the server is shutting down"),
        (
            refusing("57P03", "the database system is in recovery mode"),
            no,
            denied,
            "the server is recovering and takes no connections yet",
        ),
        (
            refusing("53100", "could not extend file: No space left"),
            no,
            None,
            "the server failed the heartbeat (SQLSTATE 53100)",
        ),
        (
            refusing("53300", "sorry, too many clients already"),
            None,
            None,
            "the server has too many connections",
        ),
        (refusing("ZZ\u{1b}[2JZZZZ", "x"), None, None, "the server refused the heartbeat (SQLSTATE ZZ2JZ)"),
    ] {
        assert_eq!(seen(address, &[]).await, (metric, word, said.to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_tls_nothing_goes_further_than_this_machine() {
    let far = SocketAddr::from(([192, 0, 2, 1], 5432));
    let (metric, word, said) = seen(far, &[]).await;
    let expected = "PROBE_TLS is off, and 192.0.2.1 is not this machine: nothing is sent there in the clear";
    assert_eq!((metric, word, said.as_str()), (None, None, expected));
}

/// The token goes to the server that it is signed for, and nowhere else: not into a sentence, not even when the server says
/// it back.
#[test]
fn a_token_is_signed_for_each_connection_and_never_shown() {
    // Of a process of its own: the credentials are its environment.
    let test = std::env::current_exe().unwrap();
    let output = std::process::Command::new(test)
        .args(["--exact", "--ignored", "--nocapture", "played::tokens"])
        .envs([
            ("AWS_ACCESS_KEY_ID", "AKIDTEST"),
            ("AWS_SECRET_ACCESS_KEY", "k3y-of-the-role"),
            ("AWS_SESSION_TOKEN", "sess10n"),
        ])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test before it, with credentials in its environment"]
async fn tokens() {
    let iam = [("PROBE_PASSWORD", "")];
    let (sender, tokens) = mpsc::channel();
    let taken = "the IAM token was taken for a password: the role does not exist or is not granted rds_iam";
    let refused = "the IAM token was refused: the function's role may not rds-db:connect as this user, or its clock is wrong";
    let admits = "the server admits no such login: pg_hba.conf, or a role without LOGIN";
    for (code, text, said) in [
        ("28P01", "password authentication failed for user", taken),
        ("28000", "PAM authentication failed for user", refused),
        ("28000", "no pg_hba.conf entry for host", admits),
    ] {
        let address = asking(code, text, sender.clone());
        assert_eq!(seen(address, &iam).await, (None, None, said.to_owned()));
        for _ in 0..2 {
            let token = tokens.recv().unwrap();
            let start =
                format!("127.0.0.1:{}/?Action=connect&DBUser=failover_responder_probe&", address.port());
            assert!(token.starts_with(&start), "{token}");
            assert!(
                token.contains("%2Fap-northeast-3%2Frds-db%2Faws4_request"),
                "of the endpoint's Region: {token}"
            );
            assert!(token.contains("X-Amz-Expires=900") && !token.contains("k3y-of-the-role"));
            assert!(!said.contains(&token));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_credentials_that_is_said() {
    if std::env::var_os("AWS_ACCESS_KEY_ID").is_some() {
        return;
    }
    let said = "no IAM token can be made: the environment holds no AWS credentials".to_owned();
    let address = refusing("28000", "x");
    assert_eq!(seen(address, &[("PROBE_PASSWORD", "")]).await, (None, None, said));
}

/// The question's and the metric's table, for what no server was played for.
#[test]
fn a_sight_of_nothing_has_no_word() {
    let sight = Sight::nothing(responder_core::probe::trouble::Trouble::Busy, 7);
    assert_eq!((sight.writable(), sight.word().writable, sight.word().took_ms), (None, None, 7));
}
