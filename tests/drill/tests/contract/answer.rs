//! The answer's shape: every field, every name.

use drill_cloud::Region;
use serde_json::{Value, json};

use crate::stage::{EPOCH, HOLD, RECORD, Stage, answered, endpoint, result};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Every check has a name, a value and a verdict; the name is a word, the value says something.
fn check_names(result: &Value) -> Vec<&str> {
    let checks = result["checks"].as_array().unwrap();
    for check in checks {
        assert_eq!(keys(check), ["name", "pass", "value", "verdict"]);
        assert_eq!(check["pass"], check["verdict"] == "pass", "{check}");
        assert!(!check["value"].as_str().unwrap().is_empty() && check["pass"].is_boolean(), "{check}");
    }
    checks.iter().map(|check| check["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_a_publish_and_the_next_pass_is_unchanged() {
    let stage = Stage::published().await;
    let follow = stage.follow(Region::Osaka).await;
    stage.fail_over(Region::Osaka).await;
    let invocation = follow.invoke(&json!({})).await.unwrap();
    let answer = answered(&invocation);
    assert_eq!(keys(answer), ["results"]);
    let moved = &answer["results"][0];
    let fields =
        ["channels", "checks", "database", "decision", "elapsed_ms", "epoch", "reason", "standby", "writer"];
    assert_eq!(keys(moved), fields);
    assert_eq!((&moved["database"], &moved["decision"]), (&json!("todo"), &json!("publish")));
    assert_eq!(moved["epoch"], EPOCH + 1);
    let writer = json!({ "region": "ap-northeast-3", "endpoint": endpoint(Region::Osaka) });
    assert_eq!(moved["writer"], writer);
    let parameter = json!({ "ap-northeast-2": "updated", "ap-northeast-3": "updated" });
    assert_eq!(moved["channels"], json!({ "record": "updated", "parameter": parameter }));
    let names = check_names(moved);
    let words = ["word_of_ap-northeast-2", "word_of_ap-northeast-3"];
    assert_eq!(names[..5], ["hold_switch", "record_ours", "published", words[0], words[1]]);
    // It rests on the old writer's own word or, where that came later, on the claim being fresh.
    assert!(["claim_good", "claim_fresh"].contains(&names[5]), "{names:?}");
    assert_eq!(names[6..], ["settled", "writer_ready"]);
    assert_eq!(moved["checks"][7]["value"], "available, 1 instance");
    assert!(moved["checks"].as_array().unwrap().iter().all(|check| check["pass"] == true), "{moved:#}");
    assert!(moved["elapsed_ms"].as_u64().unwrap() < 10_000);

    let after = result(&follow, &json!({})).await;
    assert_eq!(keys(&after), fields);
    assert_eq!(after["decision"], "unchanged");
    assert_eq!(after["reason"], "ap-northeast-3 is the writer, and is published");
    assert_eq!((&after["writer"], &after["epoch"]), (&writer, &json!(EPOCH + 1)));
    let parameter = json!({ "ap-northeast-2": "unchanged", "ap-northeast-3": "unchanged" });
    assert_eq!(after["channels"], json!({ "record": "unchanged", "parameter": parameter }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_names_itself_and_what_is_published() {
    let stage = Stage::published().await;
    stage.put(HOLD, "maintenance until noon").await;
    let held = result(&stage.follow(Region::Seoul).await, &json!({})).await;
    let fields = [
        "channels",
        "checks",
        "database",
        "decision",
        "elapsed_ms",
        "epoch",
        "hold",
        "reason",
        "standby",
        "writer",
    ];
    assert_eq!(keys(&held), fields);
    assert_eq!((&held["decision"], &held["hold"]), (&json!("hold"), &json!("Held")));
    assert_eq!(held["reason"], "the hold switch is set: maintenance until noon");
    assert_eq!(held["standby"], true);
    assert_eq!((&held["epoch"], &held["writer"]["region"]), (&json!(EPOCH), &json!("ap-northeast-2")));
    assert_eq!(check_names(&held)[0], "hold_switch");
    assert_eq!(held["checks"][0]["pass"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_configuration_is_an_error_that_names_parameter_and_field() {
    let stage = Stage::bare().await;
    let mut configuration = stage.configuration();
    configuration["record"]["surprise"] = json!(RECORD);
    stage.configure("todo", &configuration).await;
    let refused = result(&stage.follow(Region::Seoul).await, &json!({})).await;
    assert_eq!(keys(&refused), ["checks", "database", "decision", "elapsed_ms", "error", "reason"]);
    assert_eq!(refused["decision"], "error");
    let sentence = refused["error"].as_str().unwrap();
    let expected = "configuration parameter /failover-responder/databases/todo: record.surprise: is not a field that this version knows";
    assert!(sentence.starts_with(expected), "{sentence}");
}

/// Each hold that the emulated AWS can be brought to, by the name that the contract gives it.
#[tokio::test(flavor = "multi_thread")]
async fn holds_have_their_names() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    let aurora = &stage.cloud.aurora;
    aurora.pin_claim(Region::Osaka, true);
    // The claim is as old as what Osaka remembers: it has been heard before, and was published by nobody.
    stage.put(crate::stage::STATE, &remembering_osaka(&stage).to_string()).await;
    let conflict = result(&stage.follow(Region::Osaka).await, &json!({})).await;
    assert_eq!(conflict["hold"], "WriterConflict", "{conflict:#}");
    stage.cloud.cut_region(Region::Seoul);
    let old_claim = result(&stage.follow(Region::Osaka).await, &json!({})).await;
    assert_eq!(old_claim["hold"], "StaleClaim", "{old_claim:#}");
    aurora.pin_claim(Region::Osaka, false);
    let unreachable = result(&follow, &json!({})).await;
    assert_eq!(unreachable["hold"], "WriterUnreachable", "{unreachable:#}");
    let rds = drill_cloud::front::Scope::service("rds");
    stage.cloud.front.inject(rds, drill_cloud::front::Fault::Refuse);
    let blind = result(&follow, &json!({})).await;
    assert_eq!(blind["hold"], "Blind", "{blind:#}");
    stage.cloud.front.heal_all();
    aurora.heal(Region::Seoul);
    let healed = result(&follow, &json!({})).await;
    assert_eq!(healed["decision"], "unchanged", "{healed:#}");
    assert_eq!(stage.published_writer().await, (endpoint(Region::Seoul), EPOCH));
}

fn remembering_osaka(stage: &Stage) -> Value {
    let mut remembering = stage.state_of(Region::Seoul, EPOCH);
    remembering["memory"]["writer"] = json!("ap-northeast-3");
    remembering
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_writer_that_is_not_ready_and_one_that_comes_too_soon_wait() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    stage.fail_over(Region::Osaka).await;
    stage.cloud.aurora.set_headless(Region::Osaka, true);
    let headless = result(&follow, &json!({})).await;
    assert_eq!(headless["hold"], "WriterNotReady", "{headless:#}");
    assert!(headless["reason"].as_str().unwrap().contains("headless"));
    stage.cloud.aurora.set_headless(Region::Osaka, false);
    let ready = result(&follow, &json!({})).await;
    assert_eq!((&ready["decision"], &ready["epoch"]), (&json!("publish"), &json!(EPOCH + 1)));
    let mut configuration = stage.configuration();
    configuration["settle_seconds"] = json!(600);
    stage.configure("todo", &configuration).await;
    stage.fail_over(Region::Seoul).await;
    let soon = result(&follow, &json!({})).await;
    assert_eq!(soon["hold"], "Settling", "{soon:#}");
}
