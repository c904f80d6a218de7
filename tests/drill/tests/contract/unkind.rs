//! A world as unkind as AWS, and the mistakes that people make: what was once done wrong is done right, by the real binaries.

use std::collections::BTreeMap;
use std::time::Duration;

use drill_cloud::aurora::Names;
use drill_cloud::front::{Fault, Scope};
use drill_cloud::{Alarm, AlarmState, Inbox, Region};
use serde_json::{Value, json};

use crate::stage::{EPOCH, HOLD, PARAMETER, PREFIX, Stage, endpoint, result};

const ALARM: Alarm = Alarm { name: "todo-down", region: "ap-northeast-3" };
const WITNESS: Alarm = Alarm { name: "todo-down-from-afar", region: "us-east-1" };
/// An event that nobody knows.
const NOBODY: Value = Value::Null;
const TOKYO: &str = "ap-northeast-1";
const TOKYO_ARN: &str = "arn:aws:rds:ap-northeast-1:123456789012:cluster:todo-tokyo";

fn code(status: u16, code: &str) -> Fault {
    Fault::Fail { status, code: code.to_owned() }
}

/// Nothing moved: every channel leads to Seoul.
async fn stays(stage: &Stage) {
    assert_eq!(stage.published_writer().await, (endpoint(Region::Seoul), EPOCH));
    for region in Region::ALL {
        assert_eq!(stage.parameter(region, PARAMETER).await, Some(endpoint(Region::Seoul)), "{region}");
    }
}

async fn moved(stage: &Stage, answer: &Value) {
    assert_eq!((&answer["decision"], &answer["epoch"]), (&json!("publish"), &json!(EPOCH + 1)), "{answer:#}");
    assert_eq!(stage.published_writer().await, (endpoint(Region::Osaka), EPOCH + 1));
    assert_eq!(stage.parameter(Region::Osaka, PARAMETER).await, Some(endpoint(Region::Osaka)));
}

/// The health alarms are in ALARM; the event that says so.
async fn alarmed(stage: &Stage) -> Value {
    let mut event = Value::Null;
    for alarm in [WITNESS, ALARM] {
        stage.cloud.alarms().create(alarm).await.unwrap();
        let change = stage.cloud.alarms().set(alarm, AlarmState::Alarm).await.unwrap();
        event = change.event(drill_cloud::Shape::Sns);
    }
    event
}

fn policy(mode: &str) -> Value {
    json!({ "mode": mode, "health_alarms": [ALARM.arn(), WITNESS.arn()], "writer_alarms": [ALARM.arn(), WITNESS.arn()] })
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_run_backwards_for_a_moment_move_nothing() {
    let stage = Stage::published().await;
    let follow = stage.patient("follow", Region::Osaka).await;
    stage.cloud.aurora.pin_claim(Region::Osaka, true);
    let later = async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        stage.cloud.aurora.pin_claim(Region::Osaka, false);
    };
    let (answer, ()) = tokio::join!(result(&follow, &NOBODY), later);
    assert_eq!(answer["decision"], "unchanged", "{answer:#}");
    stays(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_somebody_promoted_weeks_ago_is_not_published_by_an_alarm() {
    for mode in ["off", "automatic"] {
        let stage = Stage::published().await;
        let mut configuration = stage.configuration();
        configuration["failover"] = policy(mode);
        stage.configure("todo", &configuration).await;
        stage.cloud.aurora.detach(Region::Osaka).unwrap();
        stage.settled().await;
        let event = alarmed(&stage).await;
        let answer = result(&stage.failover(Region::Osaka).await, &event).await;
        assert_ne!(answer["decision"], "publish", "{mode}: {answer:#}");
        stays(&stage).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_global_cluster_that_nobody_knows_is_an_error_that_names_the_field() {
    let stage = Stage::published().await;
    let mut configuration = stage.configuration();
    configuration["global_cluster"] = json!("tood");
    configuration["failover"] = policy("automatic");
    stage.configure("todo", &configuration).await;
    let event = alarmed(&stage).await;
    let names_it =
        format!("configuration parameter {PREFIX}/databases/todo: global_cluster: no Region knows");
    for (binary, event) in [("failover", &event), ("follow", &json!({}))] {
        let answer = result(&stage.patient(binary, Region::Osaka).await, event).await;
        assert_eq!(answer["decision"], "error", "{binary}: {answer:#}");
        assert!(answer["error"].as_str().unwrap().starts_with(&names_it), "{binary}: {answer:#}");
    }
    stays(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_a_cold_function_has_only_seen_in_the_first_listing_holds() {
    for refusal in [code(400, "AccessDeniedException"), code(400, "ThrottlingException")] {
        let stage = Stage::published().await;
        stage.put(HOLD, "incident 42").await;
        stage.cloud.front.inject(Scope::service("ssm").only("GetParameters"), refusal.clone());
        stage.fail_over(Region::Osaka).await;
        let answer = result(&stage.follow(Region::Osaka).await, &json!({})).await;
        assert_eq!(answer["hold"], "Held", "{refusal:?}: {answer:#}");
        stays(&stage).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn not_now_is_waited_for_in_this_invocation() {
    let rds = || Scope::service("rds").within(Region::Osaka);
    let change = || Scope::service("route53").only("ChangeResourceRecordSets");
    for (scope, fault) in [
        (rds(), code(400, "Throttling")),
        (rds(), code(503, "ServiceUnavailable")),
        (change(), code(400, "PriorRequestNotComplete")),
        (change(), code(400, "Throttling")),
    ] {
        let stage = Stage::published().await;
        let follow = stage.patient("follow", Region::Osaka).await;
        stage.cloud.cut_region(Region::Seoul);
        stage.fail_over(Region::Osaka).await;
        let id = stage.cloud.front.inject(scope, fault.clone());
        let later = async {
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            stage.cloud.front.heal(id);
        };
        let (answer, ()) = tokio::join!(result(&follow, &NOBODY), later);
        assert_eq!(answer["decision"], "publish", "{fault:?}: {answer:#}");
        moved(&stage, &answer).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cold_start_outlasts_three_throttled_listings() {
    let stage = Stage::published().await;
    let listing = Scope::service("ssm").within(Region::Osaka).only("GetParametersByPath");
    stage.cloud.front.inject_times(listing, code(400, "ThrottlingException"), 3);
    stage.fail_over(Region::Osaka).await;
    moved(&stage, &result(&stage.follow(Region::Osaka).await, &json!({})).await).await;
}

/// Statuses in which RDS takes connections, by its own table.
#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_is_looked_after_takes_writes() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    let statuses = ["storage-optimization", "backing-up", "configuring-log-exports"];
    for (epoch, status) in (EPOCH + 1..).zip(statuses) {
        let to = if epoch % 2 == 0 { Region::Osaka } else { Region::Seoul };
        stage.fail_over(to).await;
        stage.cloud.aurora.set_status(to, "available", status);
        let answer = result(&follow, &json!({})).await;
        assert_eq!(
            (&answer["decision"], &answer["epoch"]),
            (&json!("publish"), &json!(epoch)),
            "{status}: {answer:#}"
        );
        stage.cloud.aurora.set_status(to, "available", "available");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_may_be_in_upper_case() {
    let stage = Stage::published().await;
    let mut configuration = stage.configuration();
    for region in Region::ALL {
        let arn = Names::of(region).cluster_arn();
        let (before, name) = arn.rsplit_once(':').unwrap();
        configuration["members"][region.id()] = json!(format!("{before}:{}", name.to_uppercase()));
    }
    stage.configure("todo", &configuration).await;
    stage.fail_over(Region::Osaka).await;
    moved(&stage, &result(&stage.follow(Region::Osaka).await, &json!({})).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_in_a_region_that_is_left_out_is_an_error_that_names_it() {
    let stage = Stage::published().await;
    let mut configuration = stage.configuration();
    let members = configuration["members"].as_object_mut().unwrap();
    members.remove(Region::Osaka.id());
    members.insert(TOKYO.to_owned(), json!(TOKYO_ARN));
    stage.configure("todo", &configuration).await;
    stage.cloud.front.inject(Scope::elsewhere(TOKYO), Fault::Refuse);
    stage.fail_over(Region::Osaka).await;
    let answer = result(&stage.patient("follow", Region::Seoul).await, &NOBODY).await;
    let error = answer["error"].as_str().unwrap_or_default();
    let names_it = error.contains(&Names::of(Region::Osaka).cluster_arn()) && error.contains(": members: ");
    assert!(answer["decision"] == "error" && names_it, "{answer:#}");
    stays(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eleven_members_are_followed() {
    let stage = Stage::published().await;
    let mut configuration = stage.configuration();
    configuration["settle_seconds"] = json!(10);
    for number in 1..=9 {
        let region = format!("eu-west-{number}");
        configuration["members"][&region] = json!(format!("arn:aws:rds:{region}:123456789012:cluster:todo"));
        stage.cloud.front.inject(Scope::elsewhere(&region), Fault::Refuse);
    }
    stage.configure("todo", &configuration).await;
    stage.fail_over(Region::Osaka).await;
    moved(&stage, &result(&stage.follow(Region::Osaka).await, &json!({})).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_found_when_the_configuration_is_read_and_nothing_is_done() {
    let stage = Stage::published().await;
    let follow = stage.follow(Region::Osaka).await;
    let deep = format!("/{}", ["x"; 17].join("/"));
    let arn = "arn:aws:ssm:ap-northeast-3:123456789012:parameter/x";
    let parameter = |name: &str| ("parameter", vec![("parameter", json!(name))]);
    let three = json!({
        "ap-northeast-2": Names::of(Region::Seoul).cluster_arn(), "ap-northeast-3": Names::of(Region::Osaka).cluster_arn(), TOKYO: TOKYO_ARN,
    });
    let mut hurried = policy("automatic");
    hurried["cooldown_seconds"] = json!(0);
    for (field, changes) in [
        parameter("todo/database/writer"),
        parameter("/x:3"),
        parameter("/{x}"),
        parameter(&deep),
        parameter(arn),
        ("settle_seconds", vec![("members", three)]),
        ("failover.cooldown_seconds", vec![("failover", hurried)]),
    ] {
        let mut configuration = stage.configuration();
        for (name, value) in changes {
            configuration[name] = value;
        }
        stage.configure("todo", &configuration).await;
        let answer = result(&follow, &json!({})).await;
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(error.contains(&format!("databases/todo: {field}: ")), "{field}: {answer:#}");
    }
    stays(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ownership_that_route_53_would_refuse_is_refused_when_it_is_read() {
    let stage = Stage::published().await;
    let (prefix, name) = (format!("/{}", "p".repeat(99)), "d".repeat(64));
    stage.put(&format!("{prefix}/databases/{name}"), &stage.configuration().to_string()).await;
    let environment = BTreeMap::from([("PARAMETER_PREFIX".to_owned(), prefix)]);
    let follow = stage.new_function("follow", Region::Osaka, Duration::from_secs(9), environment).await;
    let answer = result(&follow, &json!({})).await;
    let error = answer["error"].as_str().unwrap_or_default();
    assert!(answer["decision"] == "error" && error.contains("255"), "{answer:#}");
    stays(&stage).await;
}

/// Three Regions: the first target is silent, so nobody starts one, and the next target says how a person would.
#[tokio::test(flavor = "multi_thread")]
async fn where_the_first_target_is_silent_the_next_one_advises() {
    let stage = Stage::published().await;
    let inbox = Inbox::open(&stage.cloud.emulator, Region::Osaka, "people").await.unwrap();
    let mut configuration = stage.configuration();
    configuration["settle_seconds"] = json!(10);
    configuration["members"][TOKYO] = json!(TOKYO_ARN);
    configuration["failover"] = policy("automatic");
    configuration["failover"]["targets"] = json!([TOKYO, Region::Osaka.id(), Region::Seoul.id()]);
    configuration["failover"]["topic_arns"] = json!({ Region::Osaka.id(): inbox.topic_arn() });
    stage.configure("todo", &configuration).await;
    stage.cloud.front.inject(Scope::elsewhere(TOKYO), Fault::BlackHole);
    stage.cloud.aurora.set_status(Region::Seoul, "failed", "failed");
    let event = alarmed(&stage).await;
    let answer = result(&stage.patient("failover", Region::Osaka).await, &event).await;
    let failover = &answer["failover"];
    assert_eq!(failover["action"], "refused", "{answer:#}");
    let blocked = failover["blocked_by"].as_array().unwrap();
    assert!(blocked.contains(&json!("region_is_target")), "{answer:#}");
    let text = inbox.mail().iter().map(|mail| mail.message.clone()).collect::<String>();
    assert!(text.contains(&format!("{TOKYO} comes before ap-northeast-3, and is silent")), "{text}");
    assert!(text.contains("aws rds failover-global-cluster --region ap-northeast-3 "), "{text}");
    let started = stage.cloud.front.journal().entries();
    assert!(started.iter().all(|entry| entry.call.operation != "FailoverGlobalCluster"));
    stays(&stage).await;
}
