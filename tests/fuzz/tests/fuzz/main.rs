//! Every text that comes from outside to what ships, and what reads it:
//!
//! | from | text | target |
//! | --- | --- | --- |
//! | Lambda | RDS's events, directly and by EventBridge; the schedule; alarms in every shape, SNS's envelopes | `event` |
//! | Lambda | a client context, events as bytes, to the real binaries | `process-*` (`processes.rs`) |
//! | a person | requests to `drill` | `request` |
//! | the environment | the prefix; a probe's settings; every variable, to a real binary | `prefix`, `probe-settings`, `environment`, `environment-probe` |
//! | Parameter Store | a configuration | `configuration` |
//! | Parameter Store | state, declaration, hold, writer; a run; a journal of attempts; a listing with all of them | `state`, `run`, `journal`, `listing` |
//! | Route 53 | the ownership text; names and moments as texts | `ownership`, `name` |
//! | RDS, Route 53, S3, SNS | XML, through the real adapters to a whole pass, an alarm's judgement, a status, a plan and a salvage | `rds-*`, `route53-*`, `s3-*`, `sns-*` (`answers.rs`) |
//! | Parameter Store | JSON, as above | `ssm-*` |
//! | CloudWatch | CBOR, as above, with the JSON of an alarm's reason in it | `cloudwatch-*` |
//! | a probe | its word, as above; what it failed with | `lambda-invoke` |
//! | a file, `drill` | a drill report, read, drawn and tabled | `report` |
//! | `drill` | what failoverctl reads, and what its doctor reads of AWS, by the real binary | `failoverctl-*` (`processes.rs`) |
//!
//! `make test` runs as many cases as `FUZZ_CASES` says, the same each time, and replays `regressions/`; `make fuzz MINUTES=60`
//! runs new ones and keeps there what fails.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    unreachable_pub,
    reason = "a test that cannot go on has failed"
)]

mod answers;
#[path = "../../../../functions/aws/tests/adapters/cbor.rs"]
#[allow(dead_code, reason = "what the adapters' own tests use as well")]
mod cbor;
mod events;
mod processes;
mod report;
#[path = "../../../../functions/report/tests/sample/mod.rs"]
mod sample;
#[path = "../../../../functions/aws/tests/adapters/service.rs"]
#[allow(dead_code, reason = "what the adapters' own tests use as well")]
mod service;
mod texts;
#[path = "../../../../functions/aws/tests/adapters/world.rs"]
#[allow(dead_code, reason = "what the adapters' own tests use as well")]
mod world;

use responder_fuzz::{hunt, rounds};

#[test]
fn no_text_does_harm() {
    hunt(&[events::targets(), texts::targets(), report::targets()].into_iter().flatten().collect::<Vec<_>>())
        .unwrap();
}

#[test]
fn no_answer_of_aws_does_harm() {
    hunt(&answers::targets()).unwrap();
}

#[test]
fn nothing_ends_a_process_otherwise_than_with_a_sentence() {
    hunt(&processes::targets()).unwrap();
}

#[test]
#[ignore = "make fuzz MINUTES=60"]
fn for_long() {
    let all =
        [events::targets(), texts::targets(), report::targets(), answers::targets(), processes::targets()];
    rounds(&all.into_iter().flatten().collect::<Vec<_>>()).unwrap();
}
