//! The real binaries: whatever their environment, Lambda and AWS give them, they go on, or end with a sentence.

use std::cell::RefCell;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use responder_fuzz::{Check, Target, sentence};
use serde_json::Value;

use self::http::{Api, serve};
use crate::{answers, events, sample, texts};

mod http;

/// The longest that a process may take for one case.
const PATIENCE: Duration = Duration::from_secs(15);

pub(crate) fn targets() -> Vec<Target> {
    let of = |name, seeds, check: Check| Target { name, weight: 3, seeds, check };
    let invoked =
        |seeds: Vec<Vec<u8>>| seeds.into_iter().map(|event| [CONTEXT, b"\n", &event].concat()).collect();
    let function = |binary| {
        let function = RefCell::new(None);
        Box::new(move |text: &[u8]| {
            function.borrow_mut().get_or_insert_with(|| Function::start(binary)).invoke(text)
        })
    };
    let mut targets = vec![
        of(
            "environment",
            vec![ENVIRONMENT.as_bytes().to_vec()],
            Box::new(|text| environment("follow", text)),
        ),
        of(
            "environment-probe",
            vec![texts::probe_settings().into_bytes()],
            Box::new(|text| environment("probe", text)),
        ),
        of("process-follow", invoked(events::events()), function("follow")),
        of("process-failover", invoked(events::events()), function("failover")),
        of("process-drill", invoked(events::requests()), function("drill")),
    ];
    let mut replies = answers::replies();
    let report = sample::report();
    let one = drill_report::Report { scenarios: report.scenarios[1..2].to_vec(), ..report };
    replies.insert("switchover", one.to_json().unwrap().into_bytes());
    replies.insert("doctor", DOCTOR.as_bytes().to_vec());
    let failed = |reply: &[u8]| {
        [b"{\"errorType\":\"Failed\",\"errorMessage\":\"over. The whole answer: ", reply, b"\"}"].concat()
    };
    for (name, arguments) in COMMANDS {
        let reply = &replies[arguments[0]];
        let ctl = Ctl::new(arguments);
        // A page that leads to itself, for whoever reads pages.
        let endless = String::from_utf8_lossy(reply).replacen('{', "{\"NextToken\":\"x\",", 1).into_bytes();
        let seeds = vec![reply.clone(), endless, failed(&reply.escape_ascii().collect::<Vec<u8>>())];
        targets.push(Target { weight: 2, ..of(name, seeds, Box::new(move |text| ctl.run(text))) });
    }
    targets
}

/// The client context, as SDKs send it.
const CONTEXT: &[u8] =
    br#"{"client":{"app_title":"x"},"custom":{"who":"alice","why":"the drill","ticket":1234},"env":{}}"#;

const ENVIRONMENT: &str = "AWS_REGION=ap-northeast-3\nPARAMETER_PREFIX=/failover-responder\nAWS_ENDPOINT_URL=http://127.0.0.1:9\n\
    AWS_ENDPOINT_URL_RDS=http://[::1]:9/x\nAWS_USE_FIPS_ENDPOINT=false\nAWS_USE_DUALSTACK_ENDPOINT=true\nAWS_MAX_ATTEMPTS=3\n\
    AWS_RETRY_MODE=standard\nSSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt\nRUST_LOG=info\nAWS_LAMBDA_RUNTIME_API=127.0.0.1:9";

/// A program of this workspace, beside the test's own.
fn program(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let program: PathBuf = test.ancestors().nth(2).unwrap().join(name);
    assert!(program.is_file(), "{name} is not built: run `make test`");
    let mut command = Command::new(program);
    let plain = [
        ("AWS_REGION", "ap-northeast-3"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
    ];
    command.env_clear().envs(plain).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Variables, one a line. Nobody answers as Lambda, so the process ends in any case.
fn environment(binary: &str, text: &[u8]) -> Result<(), String> {
    let lines = String::from_utf8_lossy(text).replace('\0', "");
    let variables = lines.lines().filter_map(|line| line.split_once('='));
    // A name that a mutation made is nobody's business, and the runtime API stays on this machine.
    let known = variables.filter(|(name, _)| {
        name.starts_with("AWS_")
            || name.starts_with("PROBE_")
            || ["PARAMETER_PREFIX", "SSL_CERT_FILE", "RUST_LOG"].contains(name)
    });
    // The system takes no longer one.
    let known = known.filter(|(name, value)| name.len() + value.len() < 100_000);
    let output = program(binary).envs(known).env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9").output();
    let output = output.map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.code() != Some(1) || said.trim_end().lines().count() != 1 {
        return Err(format!("{:?}: {said:.1000}", output.status));
    }
    sentence(said.trim_end(), text)
}

/// A function's process, which stays for all cases.
struct Function {
    process: Child,
    api: Api,
}

impl Function {
    fn start(binary: &str) -> Self {
        // Parameter Store refuses everything, at once.
        let denied = Arc::new(Mutex::new(br#"{"__type":"AccessDeniedException","message":"No."}"#.to_vec()));
        let aws = serve(400, denied);
        let api = Api::bind();
        let process = program(binary)
            .env("AWS_ENDPOINT_URL", aws)
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { process, api }
    }

    /// The first line is the client context, the rest is the event.
    fn invoke(&mut self, text: &[u8]) -> Result<(), String> {
        let (context, event) = text.split_at(text.iter().position(|byte| *byte == b'\n').unwrap_or(0));
        let context: Vec<u8> =
            context.iter().copied().filter(|byte| !byte.is_ascii_control()).take(3_583).collect();
        let event = event.strip_prefix(b"\n").unwrap_or(event);
        let end = Instant::now() + PATIENCE;
        let answer = self.api.exchange(&context, event, || {
            let ended = self.process.try_wait().ok().flatten();
            ended.is_none() && Instant::now() < end
        });
        let answer = answer.ok_or("the process ended, or never answered")?;
        let answer: Value = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
        let message = answer["errorMessage"].as_str().unwrap_or("an answer");
        sentence(message, text)
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const COMMANDS: [(&str, &[&str]); 6] = [
    ("failoverctl-status", &["status"]),
    ("failoverctl-plan", &["plan", "todo", "--to", "ap-northeast-3"]),
    ("failoverctl-hold", &["hold", "todo", "--reason", "x"]),
    ("failoverctl-switchover", &["switchover", "todo", "--to", "ap-northeast-3", "--yes"]),
    ("failoverctl-salvage", &["salvage", "todo", "--yes"]),
    ("failoverctl-doctor", &["doctor"]),
];

/// What doctor reads of Lambda, EventBridge, Parameter Store and `drill`, in one document: each takes its own fields.
const DOCTOR: &str = r#"{"FunctionName":"failover-responder-drill","FunctionArn":"arn:aws:lambda:ap-northeast-3:123456789012:function:failover-responder-follow","State":"Active","Role":"arn:aws:iam::123456789012:role/follow","DeadLetterConfig":{"TargetArn":"arn:aws:sqs:ap-northeast-3:123456789012:dead"},"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"events.amazonaws.com\"},\"Action\":\"lambda:InvokeFunction\",\"Condition\":{\"ArnLike\":{\"AWS:SourceArn\":\"arn:aws:events:ap-northeast-3:123456789012:rule/x\"}}}]}","RuleNames":["rds","tick"],"EventPattern":"{\"source\":[\"aws.rds\"],\"detail-type\":[\"RDS DB Cluster Event\"]}","ScheduleExpression":"rate(1 minute)","Parameters":[{"Name":"/failover-responder/databases/todo","Type":"String","Value":"{\"global_cluster\":\"todo\",\"members\":{\"ap-northeast-2\":\"arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul\",\"ap-northeast-3\":\"arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka\"},\"record\":{\"zone_id\":\"Z1\",\"name\":\"writer.todo.internal\",\"ttl_seconds\":5},\"parameter\":\"/todo/database/writer\"}"}],"databases":[],"errors":[]}"#;

/// failoverctl, and an AWS that gives the same answer to everything.
struct Ctl {
    arguments: &'static [&'static str],
    answer: Arc<Mutex<Vec<u8>>>,
    aws: String,
}

impl Ctl {
    fn new(arguments: &'static [&'static str]) -> Self {
        let answer = Arc::default();
        Self { arguments, aws: serve(200, Arc::clone(&answer)), answer }
    }

    fn run(&self, text: &[u8]) -> Result<(), String> {
        text.clone_into(&mut self.answer.lock().unwrap());
        let output = program("failoverctl").args(self.arguments).env("AWS_ENDPOINT_URL", &self.aws).output();
        let output = output.map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stderr);
        let is_known = output.status.code().is_some_and(|code| (0..=8).contains(&code));
        if !is_known || said.contains("panicked") {
            return Err(format!("{:?}: {said:.1000}", output.status));
        }
        said.lines()
            .filter(|line| line.starts_with("failoverctl: "))
            .try_for_each(|line| sentence(line, text))
    }
}
