//! What a person sees: each command as a whole, by what it asks of AWS, what it prints, and how it ends. The real binary,
//! with an AWS of the test's own.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod answers;
mod aws;
mod credentials;
mod doctor;
mod probe;
mod salvage;
mod transitions;

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use answers::{SEOUL, declared, plan, plans, statuses, switched};
use aws::{Asked, Aws, Reply};
use serde_json::json;

/// A terminal: the answers, a folder, the environment beside the usual one.
pub(crate) struct Terminal {
    aws: Aws,
    folder: tempfile::TempDir,
}

impl Terminal {
    pub(crate) fn new(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self { aws: Aws::start(answer), folder: tempfile::tempdir().unwrap() }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_failoverctl"));
        let variables = [
            ("AWS_REGION", SEOUL),
            ("FAILOVERCTL_PEER_REGION", "ap-northeast-3"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("AWS_ENDPOINT_URL", &self.aws.address),
            ("USER", "alice"),
        ];
        command.env_clear().envs(variables).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// One command after the other, each with what is typed; without that nobody sits there.
    pub(crate) fn all(&self, commands: &[(&str, Option<&str>)]) -> String {
        commands.iter().map(|(line, typed)| self.one(self.command(), line, *typed)).collect()
    }

    pub(crate) fn one(&self, mut command: Command, line: &str, typed: Option<&str>) -> String {
        command.args(line.split_whitespace());
        if typed.is_some() {
            command.stdin(Stdio::piped());
        }
        let mut process = command.spawn().unwrap();
        if let Some(typed) = typed {
            // One that does not ask may be over.
            let _ = process.stdin.take().unwrap().write_all(typed.as_bytes());
        }
        let output = process.wait_with_output().unwrap();
        let mut lines = vec![format!("$ failoverctl {line}")];
        let mut is_moving = false;
        for it in self.aws.asked().iter().filter(|it| it.operation.starts_with("invocations")) {
            let is_look = it.field("action") == "status";
            // How often it is looked at beside a transition depends on the machine.
            if !(is_look && is_moving) {
                lines.push(format!("> {} {}", it.region, without_time(&it.body)));
            }
            is_moving |= !is_look;
        }
        lines.extend(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned));
        let told = String::from_utf8(output.stderr).unwrap();
        lines.extend(told.lines().map(|line| format!("! {}", timeless(line))));
        lines.push(format!("= {}\n\n", output.status.code().unwrap()));
        lines.join("\n")
    }
}

/// Compares with what is kept under this name.
pub(crate) fn held(name: &str, text: &str) {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(name, lines.join("\n")) });
}

/// A request without the moment at which it expires.
fn without_time(body: &str) -> String {
    let Some((before, after)) = body.split_once(r#""expires_at":""#) else { return body.to_owned() };
    let (at, rest) = after.split_once('"').unwrap();
    assert!(at.len() == 20 && at.ends_with('Z'), "{body}");
    format!(r#"{before}"expires_at":"in time"{rest}"#)
}

/// A line without the seconds that the machine took and the file that only this run made.
fn timeless(line: &str) -> String {
    let line = line.split(" at path ").next().unwrap_or(line);
    match line.split_once(" s  ") {
        Some((number, rest)) if number.trim().parse::<u64>().is_ok() => format!("   n s  {rest}"),
        _ => line.to_owned(),
    }
}

fn plain(asked: &Asked) -> Reply {
    let left = Some("ap-northeast-3 still holds: nothing moves there");
    Reply::json(&match asked.field("action").as_str() {
        "status" => statuses(),
        "plan" => plans(true, false),
        "hold" => switched("hold", None),
        "release" => switched("release", left),
        "declare" if asked.field("database") == "half" => {
            let mut declared = declared();
            declared["regions"][SEOUL] = switched("hold", None)["regions"]["us-east-1"].clone();
            declared
        }
        "declare" => declared(),
        "switchover" | "failback" => plan("switchover", true),
        other => plan(other, false),
    })
}

#[test]
fn what_only_looks_is_shown() {
    let terminal = Terminal::new(plain);
    held(
        "looks",
        &terminal.all(&[
            ("status", None),
            ("status todo --who bob --why drill", None),
            ("plan todo --to ap-northeast-3", None),
            ("plan todo --to ap-northeast-3 --json", None),
            ("switchover todo --to ap-northeast-3 --dry-run", None),
            ("failover todo --to ap-northeast-3 --dry-run", None),
            ("failover todo --to ap-northeast-3 --dry-run --json", None),
            ("failback todo --dry-run", None),
            ("status --region eu-west-1 --peer-region us-east-1 --function-name other --json", None),
        ]),
    );
    let refused = Terminal::new(|_| Reply::json(&plans(false, false)));
    held("refused_plan", &refused.all(&[("plan todo --to ap-northeast-3", None)]));
}

#[test]
fn switches_are_set_and_a_declaration_asks_for_the_name() {
    let terminal = Terminal::new(plain);
    held(
        "switches",
        &terminal.all(&[
            ("hold todo --reason upgrade", None),
            ("hold todo --reason upgrade --json", None),
            ("release todo", None),
            ("release todo --json", None),
            ("declare todo --to ap-northeast-3", Some("todo\n")),
            ("declare todo --to ap-northeast-3 --json", Some(" todo \n")),
            ("declare half --to ap-northeast-3", Some("half\n")),
            ("declare half --to ap-northeast-3 --json", Some("half\n")),
            ("declare todo --to ap-northeast-3", Some("shop\n")),
            ("declare todo --to ap-northeast-3 --yes", Some("todo\n")),
            ("declare todo --to ap-northeast-3", None),
        ]),
    );
}

#[test]
fn what_goes_wrong_is_told_from_what_is_refused() {
    let terminal = Terminal::new(|asked| match asked.field("database").as_str() {
        "refused" => Reply::failed("Refused", "held by an upgrade. The whole answer: {}"),
        "bad" => Reply::failed("BadRequest", "no such database"),
        "failed" => Reply::failed("Failed", "rds refused it"),
        "dead" => Reply::failed("Sandbox.Timedout", "Task timed out after 900.00 seconds"),
        "missing" => Reply::refused("ResourceNotFoundException"),
        "expired" => Reply::refused("ExpiredTokenException"),
        "denied" => Reply::refused("AccessDeniedException"),
        "null" => Reply::json(&json!(null)),
        "nonsense" => Reply { body: b"<html>".to_vec(), ..Reply::json(&json!({})) },
        "other" => Reply::json(&json!({ "databases": [{ "database": 7 }] })),
        "half" if asked.region == SEOUL => Reply::failed("", ""),
        "silent" if asked.region == SEOUL => {
            std::thread::sleep(Duration::from_secs(20));
            Reply::json(&statuses())
        }
        _ => Reply::json(&json!({ "databases": [] })),
    });
    let commands = [
        "refused", "bad", "failed", "dead", "missing", "expired", "denied", "null", "nonsense", "other",
        "half", "silent",
    ];
    let commands: Vec<String> = commands.iter().map(|name| format!("status {name} --patience 5")).collect();
    let commands: Vec<(&str, Option<&str>)> = commands.iter().map(|line| (line.as_str(), None)).collect();
    held("wrong", &terminal.all(&commands));
    let mut lost = terminal.command();
    lost.env_remove("AWS_REGION");
    let mut odd = terminal.command();
    odd.env("AWS_ENDPOINT_URL", "localhost");
    let lost = terminal.one(lost, "status", None) + &terminal.one(odd, "status", None);
    held("no_region", &lost);
}

/// Nobody answers once: it says so, and looks again.
#[test]
fn a_watched_status_goes_on_when_nobody_answers() {
    let looks = std::sync::atomic::AtomicU32::new(0);
    let terminal = Terminal::new(move |_| match looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        1 | 2 | 5 | 6 => Reply::failed("", "Runtime exited"),
        8 => Reply::failed("BadRequest", "no such database"),
        _ => Reply::json(&statuses()),
    });
    let told = terminal.all(&[
        ("watch todo --count 3 --every 1", None),
        ("watch --count 2 --every 1 --json", None),
        ("watch shop --every 1", None),
        ("watch --every 0", None),
    ]);
    let lines =
        told.lines().map(|line| if line.starts_with("20") && line.ends_with('Z') { "(now)" } else { line });
    held("watch", &lines.collect::<Vec<_>>().join("\n"));
}

/// Lambda's 429: it is there, and has no slot. That is asked again, and no Region is taken for silent.
#[test]
fn a_function_that_is_throttled_is_busy_and_not_silent() {
    let asked_before = std::sync::atomic::AtomicUsize::new(0);
    let terminal = Terminal::new(move |asked| match asked.field("database").as_str() {
        "once" if asked_before.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 => Reply::throttled(),
        "here" | "half" if asked.region == SEOUL => Reply::throttled(),
        "always" => Reply::throttled(),
        "half" => Reply::failed("Sandbox.Timedout", "Task timed out after 900.00 seconds"),
        _ => plain(asked),
    });
    held(
        "busy",
        &terminal.all(&[
            ("hold once --reason upgrade --patience 4", None),
            ("hold here --reason upgrade --patience 4", None),
            ("hold always --reason upgrade --patience 2", None),
            ("status half --patience 2", None),
        ]),
    );
}

#[test]
fn a_report_becomes_a_page() {
    let terminal = Terminal::new(plain);
    let json = answers::report(drill_report::Progress::Done, Some(61_230)).to_string();
    std::fs::write(terminal.folder.path().join("drill.json"), &json).unwrap();
    let told = terminal.all(&[
        ("report drill.json", None),
        ("report drill.json -o page.html", None),
        ("report -", Some(&json)),
        ("report -", Some("{}")),
        ("report none.json", None),
        ("report drill.json -o none/page.html", None),
    ]);
    held("pages", &told);
    let page = |name: &str| std::fs::read_to_string(terminal.folder.path().join(name)).unwrap();
    assert!(page("drill.html").starts_with("<!DOCTYPE html>"));
    assert!(page("page.html") == page("drill.html") && page("report.html") == page("drill.html"));
    assert!(terminal.all(&[("completions bash", None)]).contains("_failoverctl()"));
}

#[test]
fn the_help_says_what_is_assumed() {
    let terminal = Terminal::new(plain);
    held(
        "help",
        &terminal.all(&[
            ("--help", None),
            ("failover -h", None),
            ("salvage -h", None),
            ("failover todo", None),
        ]),
    );
}
