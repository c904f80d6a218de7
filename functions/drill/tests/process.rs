//! The process of a function: how it begins, and that nothing which somebody may write ends it. The real binary, with a runtime
//! API of the test's own; whatever it asks of AWS goes to a port where nobody listens.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod runtime;

use runtime::{Ended, answer, ended};
use serde_json::json;

const DRILL: &str = env!("CARGO_BIN_EXE_drill");

/// What it says when it cannot begin: one sentence, and nothing of how the program is made.
fn refused(name: &str, value: &str) -> String {
    let Ended { code, stderr } = ended(DRILL, &[(name, value)]);
    assert_eq!(code, Some(1), "{name}={value}: {stderr}");
    assert_eq!(stderr.trim_end().lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with(&format!("{name}: {value:?} ")), "{name}={value}: {stderr}");
    for word in ["Error", "panicked", "Some(", "{"] {
        assert!(!stderr.contains(word), "{stderr}");
    }
    stderr
}

#[test]
fn a_bad_environment_is_one_sentence_that_names_the_variable_and_its_value() {
    let long = format!("/{}", "x".repeat(200));
    for (name, value) in [
        ("AWS_REGION", ""),
        ("AWS_REGION", "Seoul"),
        ("PARAMETER_PREFIX", ""),
        ("PARAMETER_PREFIX", "/x/"),
        ("PARAMETER_PREFIX", &long),
        ("AWS_ENDPOINT_URL", "localhost:4566"),
        ("AWS_ENDPOINT_URL", "http://"),
        ("AWS_ENDPOINT_URL_RDS", "a b"),
        ("AWS_ENDPOINT_URL_ROUTE_53", "http://x:99999"),
        ("AWS_USE_FIPS_ENDPOINT", "perhaps"),
        ("SSL_CERT_FILE", ""),
        ("SSL_CERT_FILE", "/there/is/none"),
        ("SSL_CERT_FILE", "/dev/null"),
        ("SSL_CERT_DIR", "/there/is/none"),
        ("AWS_LAMBDA_RUNTIME_API", "/x y"),
    ] {
        refused(name, value);
    }
}

#[test]
fn a_region_or_a_runtime_api_that_is_missing_is_said() {
    for name in ["AWS_REGION", "AWS_LAMBDA_RUNTIME_API"] {
        let Ended { code, stderr } = runtime::ended_without(DRILL, name);
        assert_eq!(code, Some(1), "{stderr}");
        assert!(
            stderr.starts_with(&format!("{name} is not set: ")) && stderr.lines().count() == 1,
            "{stderr}"
        );
    }
}

/// A status, which asks Parameter Store first of all.
const STATUS: &str = r#"{"action": "status"}"#;

#[test]
fn what_is_empty_or_is_nobodys_business_is_as_if_it_were_not_set() {
    for (name, value) in [
        ("AWS_ENDPOINT_URL_RDS", ""),
        ("AWS_ENDPOINT_URL_SSM", ""),
        ("AWS_ENDPOINT_URL_LAMBDA", ""),
        ("AWS_ENDPOINT_URL_DYNAMODB", "not read at all"),
        ("AWS_MAX_ATTEMPTS", "banana"),
        ("AWS_MAX_ATTEMPTS", "0"),
        ("AWS_RETRY_MODE", "x"),
        ("AWS_USE_FIPS_ENDPOINT", ""),
        ("AWS_PROFILE", "nobody"),
        ("AWS_CONFIG_FILE", "/there/is/none"),
        ("RUST_LOG", ""),
        ("RUST_LOG", "a=b=c"),
    ] {
        let error = answer(DRILL, &[(name, value)], STATUS, None);
        assert_eq!(error["errorType"], "ConfigurationUnreadable", "{name}={value}: {error}");
    }
    // Parameter Store alone is elsewhere than at AWS, so that no test reaches that.
    let only = [("AWS_ENDPOINT_URL", ""), ("AWS_ENDPOINT_URL_SSM", "http://127.0.0.1:9")];
    assert_eq!(answer(DRILL, &only, STATUS, None)["errorType"], "ConfigurationUnreadable");
}

#[test]
fn what_comes_too_late_is_refused_before_anything_is_asked() {
    let until = |at: &str| json!({ "action": "failback", "database": "todo", "expires_at": at }).to_string();
    let error = answer(DRILL, &[], &until("2026-01-01T00:00:00Z"), None);
    assert_eq!(error["errorType"], "Expired", "{error}");
    let said = error["errorMessage"].as_str().unwrap();
    assert!(said.starts_with("the request expired at 2026-01-01T00:00:00Z, and it is "), "{said}");
    assert!(said.ends_with("Nothing was changed"), "{said}");
    // In time it goes on, to Parameter Store, which nobody is here.
    let error = answer(DRILL, &[], &until("2200-01-01T00:00:00Z"), None);
    assert_eq!(error["errorType"], "ConfigurationUnreadable", "{error}");
}

#[test]
fn no_client_context_ends_the_process() {
    for context in [
        &br#"{"custom": {"ticket": 1234}}"#[..],
        br#"{"custom": {"who": {"name": ["alice", null]}, "why": null}}"#,
        br#"{"custom": []}"#,
        br#"{"client": {"app_title": 7}, "env": 1}"#,
        br#"{"custom": {"who": "Jos\u00e9"}}"#,
        b"{\"custom\": {\"who\": \"\xff\xfe\"}}",
        b"\xff",
        b"{",
        b"null",
        b"",
    ] {
        let error = answer(DRILL, &[], STATUS, Some(context));
        assert_eq!(error["errorType"], "ConfigurationUnreadable", "{}", String::from_utf8_lossy(context));
    }
}

#[test]
fn no_event_ends_the_process() {
    for event in ["null", "[]", "7", "\"x\"", "{}", r#"{"action": 1}"#] {
        assert_eq!(answer(DRILL, &[], event, None)["errorType"], "BadRequest", "{event}");
    }
    for event in ["", "{", "\u{0}"] {
        assert_eq!(answer(DRILL, &[], event, None)["errorType"], "BadJson", "{event}");
    }
    assert_eq!(answer(DRILL, &[], STATUS, None)["errorType"], json!("ConfigurationUnreadable"));
}
