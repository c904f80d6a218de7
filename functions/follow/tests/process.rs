//! The process of `follow`: it begins as every function does, and answers whatever comes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../../drill/tests/runtime/mod.rs"]
mod runtime;

const FOLLOW: &str = env!("CARGO_BIN_EXE_follow");

#[test]
fn a_bad_environment_is_one_sentence() {
    let ended = runtime::ended(FOLLOW, &[("PARAMETER_PREFIX", "/x/")]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.stderr, "PARAMETER_PREFIX: \"/x/\" ends with a slash\n");
    let ended = runtime::ended_without(FOLLOW, "AWS_REGION");
    assert_eq!(ended.stderr, "AWS_REGION is not set: a function has to know its own Region\n");
}

#[test]
fn a_client_context_and_empty_endpoints_do_not_end_it() {
    let empty = [("AWS_ENDPOINT_URL_RDS", ""), ("AWS_MAX_ATTEMPTS", "banana")];
    let context = br#"{"custom": {"ticket": 1234}}"#;
    let error = runtime::answer(FOLLOW, &empty, "{}", Some(context));
    assert_eq!(error["errorType"], "ConfigurationUnreadable", "{error}");
}
