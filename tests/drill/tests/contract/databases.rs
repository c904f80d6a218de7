//! Several databases of one installation: the trouble of one is never another's.

use std::time::Instant;

use drill_cloud::Region;
use serde_json::{Value, json};

use crate::stage::{EPOCH, PARAMETER, PREFIX, STATE, Stage, answered, endpoint, failure, result};

/// The results of an invocation, by database and in order.
async fn results(function: &drill_cloud::Function, event: &Value) -> Vec<(String, Value)> {
    let invocation = function.invoke(event).await.unwrap();
    let results = answered(&invocation)["results"].as_array().unwrap().clone();
    results.into_iter().map(|result| (result["database"].as_str().unwrap().to_owned(), result)).collect()
}

fn names(results: &[(String, Value)]) -> Vec<&str> {
    results.iter().map(|(name, _)| name.as_str()).collect()
}

fn of<'a>(results: &'a [(String, Value)], database: &str) -> &'a Value {
    &results.iter().find(|(name, _)| name == database).unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_configuration_is_one_sentence_and_the_others_are_followed() {
    let stage = Stage::published().await;
    let mut unknown = stage.configuration_of("unknown");
    unknown["surprise"] = json!(1);
    let mut arn = stage.configuration_of("arn");
    arn["members"]["ap-northeast-2"] = json!("arn:aws:rds:ap-northeast-2:123456789012:db:todo-seoul");
    let mut elsewhere = stage.configuration_of("elsewhere");
    let members = elsewhere["members"].as_object_mut().unwrap();
    members.remove("ap-northeast-3");
    members.insert("us-east-1".into(), json!("arn:aws:rds:us-east-1:123456789012:cluster:todo-virginia"));
    stage.put(&format!("{PREFIX}/databases/broken"), "{ \"global_cluster\": ").await;
    for (name, configuration) in [("unknown", &unknown), ("arn", &arn), ("elsewhere", &elsewhere)] {
        stage.configure(name, configuration).await;
    }
    stage.configure("books", &stage.configuration_of("books")).await;
    stage.fail_over(Region::Osaka).await;
    let answered = results(&stage.follow(Region::Osaka).await, &json!({})).await;
    assert_eq!(names(&answered), ["books", "todo", "arn", "broken", "elsewhere", "unknown"]);
    for (name, begins) in [
        ("broken", "the document: is not JSON: EOF while parsing a value at line 1 column 20"),
        ("unknown", "surprise: is not a field that this version knows"),
        ("arn", "members.ap-northeast-2: "),
        ("elsewhere", "members: this function runs in ap-northeast-3, which has no member"),
    ] {
        let bad = of(&answered, name);
        assert_eq!(bad["decision"], "error", "{bad:#}");
        let expected = format!("configuration parameter {PREFIX}/databases/{name}: {begins}");
        assert!(bad["error"].as_str().unwrap().starts_with(&expected), "{bad:#}");
    }
    assert_eq!(of(&answered, "todo")["decision"], "publish");
    assert_eq!(of(&answered, "books")["decision"], "publish");
    assert_eq!(stage.published_writer().await, (endpoint(Region::Osaka), EPOCH + 1));
    let books = stage.record("books.db.todo.internal", "CNAME").await.unwrap();
    assert_eq!(books.value, endpoint(Region::Osaka));
}

/// Without this each of them writes the other's parameter anew in each pass, for ever.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_databases_with_one_parameter_the_owner_goes_on_and_the_other_is_an_error() {
    let stage = Stage::published().await;
    let warm = stage.warm(Region::Osaka).await;
    let mut copy = stage.configuration_of("books");
    copy["parameter"] = json!(PARAMETER);
    stage.configure("books", &copy).await;
    let sentence = format!(
        "configuration parameter {PREFIX}/databases/books: parameter: {PARAMETER} belongs to the database todo, as its state says"
    );
    let since = Instant::now();
    for follow in [&warm, &stage.follow(Region::Osaka).await, &stage.follow(Region::Seoul).await] {
        let answered = results(follow, &json!({})).await;
        assert_eq!(of(&answered, "todo")["decision"], "unchanged", "{answered:#?}");
        assert_eq!(of(&answered, "books")["error"], json!(sentence), "{answered:#?}");
    }
    assert_eq!(stage.writes(since), Vec::<String>::new());
    let drill = stage.drill(Region::Osaka).await;
    let status = drill.invoke(&json!({ "action": "status" })).await.unwrap();
    assert_eq!(answered(&status)["errors"], json!([sentence]), "doctor shows them as they are here");
    let plan = json!({ "action": "plan", "database": "books", "target_region": Region::Osaka.id() });
    let (kind, message) = failure(&drill, &plan).await;
    assert!(kind == "BadRequest" && message.contains(&sentence), "{kind}: {message}");
    // No state tells whose it is: nobody writes it.
    for region in Region::ALL {
        let mut forgetful = stage.state(region).await;
        forgetful.as_object_mut().unwrap().remove("owns");
        stage.cloud.seed().parameter_in(region, STATE, &forgetful.to_string()).await.unwrap();
    }
    let (since, cold) = (Instant::now(), stage.follow(Region::Osaka).await);
    let answered = results(&cold, &json!({})).await;
    assert!(answered.iter().all(|(_, result)| result["decision"] == "error"), "{answered:#?}");
    assert_eq!(stage.writes(since), Vec::<String>::new());
    stage.configure("books", &stage.configuration_of("books")).await;
    let answered = results(&cold, &json!({})).await;
    assert_eq!(
        (of(&answered, "todo")["decision"].as_str(), of(&answered, "books")["decision"].as_str()),
        (Some("unchanged"), Some("publish"))
    );
}

/// A database that has to settle is watched to the end; the other's move does not wait for it, nor for one whose clusters
/// nobody knows, which is an error.
#[tokio::test(flavor = "multi_thread")]
async fn the_named_database_comes_first_and_a_watched_one_delays_nobody() {
    let stage = Stage::published().await;
    let mut other = stage.configuration_of("another");
    other["global_cluster"] = json!("another");
    for (region, city) in [("ap-northeast-2", "seoul"), ("ap-northeast-3", "osaka")] {
        let arn = format!("arn:aws:rds:{region}:123456789012:cluster:another-{city}");
        other["members"][region] = json!(arn);
    }
    stage.configure("another", &other).await;
    let mut settling = stage.configuration_of("books");
    settling["settle_seconds"] = json!(3_600);
    stage.configure("books", &settling).await;
    let follow = stage.follow(Region::Osaka).await;
    assert_eq!(names(&results(&follow, &json!({})).await), ["another", "books", "todo"]);
    stage.fail_over(Region::Osaka).await;
    let since = Instant::now();
    let event = json!({
        "source": "aws.rds", "detail-type": "RDS DB Cluster Event",
        "detail": { "EventID": "RDS-EVENT-0238", "SourceIdentifier": "todo-osaka" },
    });
    let answered = results(&follow, &event).await;
    assert_eq!(names(&answered), ["books", "todo", "another"]);
    assert_eq!(of(&answered, "todo")["decision"], "publish");
    assert_eq!(of(&answered, "books")["hold"], "Settling");
    let error = of(&answered, "another")["error"].as_str().unwrap();
    assert!(error.contains("global_cluster: no Region knows a global cluster \"another\""), "{error}");
    let moved = stage.accepted(since)[0].ended - since;
    let watched = of(&answered, "books")["elapsed_ms"].as_u64().unwrap();
    assert!(watched >= 1_000 && moved.as_millis() < 1_000, "moved after {moved:?}, watched for {watched} ms");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warm_function_takes_up_what_is_added_or_changed_and_lets_go_of_what_is_removed() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    stage.configure("books", &stage.configuration_of("books")).await;
    let answered = results(&follow, &json!({})).await;
    assert_eq!(names(&answered), ["books", "todo"]);
    assert_eq!(of(&answered, "books")["decision"], "publish");

    let mut changed = stage.configuration();
    changed["record"]["ttl_seconds"] = json!(30);
    stage.configure("todo", &changed).await;
    let event = json!({ "source": "aws.rds", "detail": { "SourceIdentifier": "todo-osaka" } });
    let answered = results(&follow, &event).await;
    assert_eq!(of(&answered, "todo")["channels"]["record"], "updated", "{answered:#?}");
    assert_eq!(stage.record(crate::stage::RECORD, "CNAME").await.unwrap().ttl_seconds, 30);

    stage.put(&format!("{PREFIX}/databases/todo"), "no longer JSON").await;
    let answered = results(&follow, &event).await;
    assert_eq!(of(&answered, "todo")["decision"], "error", "{answered:#?}");
    stage.configure("todo", &stage.configuration()).await;
    assert_eq!(of(&results(&follow, &json!({})).await, "todo")["decision"], "unchanged");

    stage.delete(&format!("{PREFIX}/databases/books")).await;
    let schedule = json!({ "source": "aws.scheduler", "detail-type": "Scheduled Event" });
    assert_eq!(names(&results(&follow, &schedule).await), ["todo"]);
    assert_eq!(result(&follow, &event).await["database"], "todo");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_without_databases_answers_with_none() {
    let stage = Stage::bare().await;
    assert_eq!(results(&stage.follow(Region::Osaka).await, &json!({})).await, []);
}

/// More than are asked for one by one: RDS is read in listings, the record moves go in one batch.
#[tokio::test(flavor = "multi_thread")]
async fn many_databases_move_in_one_batch() {
    let stage = Stage::bare().await;
    for number in 0..12 {
        let name = format!("todo{number:02}");
        stage.configure(&name, &stage.configuration_of(&name)).await;
    }
    let follow = stage.follow(Region::Osaka).await;
    let (since, first) = (Instant::now(), results(&follow, &json!({})).await);
    assert!(first.iter().all(|(_, result)| result["decision"] == "publish"), "{first:#?}");
    let batches = stage.accepted(since).len();
    assert!(batches <= 3, "{batches} batches for 12 databases");
    let since = Instant::now();
    let second = results(&follow, &json!({})).await;
    assert!(second.iter().all(|(_, result)| result["decision"] == "unchanged"), "{second:#?}");
    assert_eq!(stage.writes(since), Vec::<String>::new());
}
