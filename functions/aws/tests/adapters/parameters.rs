//! A database's parameters in one Region.

use futures_util::future::join_all;
use responder_core::ports::{Clock, Parameters, PortError, Write};
use responder_core::words::failure::FailureKind;
use responder_core::words::names::Epoch;
use responder_core::world::state::Notes;
use responder_core::world::state::State;
use serde_json::{Value, json};

use crate::service::{Reply, Request, Service};
use crate::world::{configuration, database, databases, osaka, ports, seoul};

pub(crate) fn state() -> State {
    State {
        epoch: Epoch(7),
        writer: seoul(),
        endpoint: "seoul.example".to_owned(),
        at: "2026-11-22T22:31:04Z".parse().unwrap(),
        memory: None,
        owns: None,
        record_pending: false,
        notes: Notes::default(),
    }
}

fn names(request: &Request) -> Vec<String> {
    let names = request.json()["Names"].as_array().unwrap().clone();
    names.iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Answers `GetParameters` with what `value` has for a name.
pub(crate) fn answer(request: &Request, value: impl Fn(&str) -> Option<String>) -> Reply {
    let (mut found, mut absent) = (Vec::new(), Vec::new());
    for name in names(request) {
        match value(&name) {
            Some(value) => {
                found.push(json!({ "Name": name, "Type": "String", "Value": value, "Version": 3 }));
            }
            None => absent.push(Value::from(name)),
        }
    }
    Reply::ok(json!({ "Parameters": found, "InvalidParameters": absent }).to_string())
}

pub(crate) fn everything(name: &str) -> String {
    match name {
        "/failover-responder/state/todo" => state().to_json(),
        "/failover-responder/hold/todo" => "migration".to_owned(),
        "/failover-responder/declared/todo" => r#"{"region":"ap-northeast-3","epoch":7}"#.to_owned(),
        "/failover-responder/databases/todo" => configuration("todo", &[]),
        _ => "seoul.example".to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn the_own_region_gives_its_configuration_too_in_one_call() {
    let service = Service::new(|request| answer(request, |name| Some(everything(name))));
    let parameters = ports(&service).read_parameters(&database("todo"), &osaka()).await.unwrap();
    assert_eq!(parameters.state, Some(state()));
    assert_eq!(parameters.writer.as_deref(), Some("seoul.example"));
    assert_eq!(parameters.hold.as_deref(), Some("migration"));
    assert_eq!(parameters.declared.unwrap().region, osaka());
    assert_eq!(parameters.configuration, Some(configuration("todo", &[])));
    let asked = service.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].line, "POST https://ssm.ap-northeast-3.amazonaws.com/");
    assert_eq!(asked[0].target, "AmazonSSM.GetParameters");
    assert_eq!(
        names(&asked[0]),
        [
            "/failover-responder/databases/todo",
            "/failover-responder/declared/todo",
            "/failover-responder/hold/todo",
            "/failover-responder/state/todo",
            "/todo/database/writer",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_peer_region_is_asked_at_its_own_endpoint_and_what_is_invalid_there_is_absent() {
    let service = Service::new(|request| answer(request, |_| None));
    let parameters = ports(&service).read_parameters(&database("todo"), &seoul()).await.unwrap();
    assert_eq!(parameters, responder_core::world::evidence::RegionParameters::default());
    let asked = service.asked();
    assert_eq!(asked[0].line, "POST https://ssm.ap-northeast-2.amazonaws.com/");
    assert_eq!(names(&asked[0]).len(), 4);
}

#[tokio::test(start_paused = true)]
async fn ten_names_a_call_and_each_database_gets_its_own() {
    let service = Service::new(|request| answer(request, |name| Some(format!("value of {name}"))));
    let (all, ports, region) = (databases(9), ports(&service), seoul());
    let answers = join_all(all.iter().map(|database| ports.read_parameters(database, &region))).await;
    for (answer, database) in answers.into_iter().zip(&all) {
        let answer = answer.unwrap();
        assert_eq!(answer.writer, Some(format!("value of {}", database.parameter())));
        assert_eq!(answer.hold, Some(format!("value of {}", database.hold_parameter())));
    }
    let asked = service.asked();
    assert_eq!(asked.len(), 5, "two databases of four names a call");
    assert!(asked.iter().all(|request| names(request).len() <= 10));
}

/// Answers `GetParameters`, and `GetParametersByPath` with a hold switch and, on a second page, a declaration.
fn with_a_hold(request: &Request) -> Reply {
    if request.is("GetParametersByPath") {
        let held = json!([{ "Name": "/failover-responder/hold/todo003", "Value": "migration" }]);
        let declared = r#"{"region":"ap-northeast-3","epoch":7}"#;
        let declared = json!([{ "Name": "/failover-responder/declared/todo012", "Value": declared }]);
        let page = match (request.has("/hold"), request.has("more")) {
            (true, _) => json!({ "Parameters": held }),
            (false, false) => json!({ "Parameters": [], "NextToken": "more" }),
            (false, true) => json!({ "Parameters": declared }),
        };
        return Reply::ok(page.to_string());
    }
    answer(request, |name| Some(format!("value of {name}")))
}

#[tokio::test(start_paused = true)]
async fn many_databases_hear_of_their_hold_switches_and_declarations_by_path() {
    let service = Service::new(with_a_hold);
    let (all, ports, region) = (databases(25), ports(&service), seoul());
    let answers = join_all(all.iter().map(|database| ports.read_parameters(database, &region))).await;
    for (at, (answer, database)) in answers.into_iter().zip(&all).enumerate() {
        let answer = answer.unwrap();
        assert_eq!(answer.writer, Some(format!("value of {}", database.parameter())));
        assert_eq!(answer.hold, (at == 3).then(|| "migration".to_owned()), "{at}");
        assert_eq!(answer.declared.map(|it| it.epoch), (at == 12).then_some(Epoch(7)), "{at}");
    }
    assert_eq!(service.count("GetParametersByPath"), 3);
    assert_eq!(service.count("GetParameters"), 5, "two names a database");
}

#[tokio::test(start_paused = true)]
async fn where_paths_may_not_be_listed_names_are_asked_for() {
    let service = Service::new(|request| {
        if request.is("GetParametersByPath") {
            return Reply::json_error(400, "AccessDeniedException");
        }
        answer(request, |name| Some(format!("value of {name}")))
    });
    let (all, ports, region) = (databases(12), ports(&service), seoul());
    let answers = join_all(all.iter().map(|database| ports.read_parameters(database, &region))).await;
    for (answer, database) in answers.into_iter().zip(&all) {
        assert_eq!(answer.unwrap().hold, Some(format!("value of {}", database.hold_parameter())));
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_region_costs_many_databases_one_budget_and_few_connections() {
    let service = Service::scripted(vec![Reply::Never]);
    let (all, ports, region) = (databases(500), ports(&service), seoul());
    let start = tokio::time::Instant::now();
    let answers = join_all(all.iter().map(|database| ports.read_parameters(database, &region))).await;
    assert!(answers.iter().all(Result::is_err));
    assert!(start.elapsed().as_millis() <= 2_001, "{:?}", start.elapsed());
    let writes = all.iter().map(|database| async {
        let turn = ports.turn(database, &region, Write::Writer).await?;
        ports.put_writer(database, &region, "x").await.map(|()| drop(turn))
    });
    let start = tokio::time::Instant::now();
    assert!(join_all(writes).await.iter().all(Result::is_err));
    assert!(start.elapsed().as_millis() <= 2_001, "{:?}", start.elapsed());
    assert!(service.asked().len() < 100, "{}", service.asked().len());
}

#[tokio::test(start_paused = true)]
async fn writes_wait_for_the_quota_until_the_invocation_ends() {
    let throttled = |times| {
        let mut replies = vec![Reply::json_error(400, "ThrottlingException"); times];
        replies.push(Reply::ok(r#"{"Version":4}"#));
        Service::scripted(replies)
    };
    let service = throttled(20);
    let ports = ports(&service);
    ports.no_turns_after(ports.now().plus_ms(60_000));
    ports.put_writer(&database("todo"), &seoul(), "osaka.example").await.unwrap();
    let service = throttled(1_000);
    let ports = crate::world::ports(&service);
    ports.no_turns_after(ports.now().plus_ms(5_000));
    let start = tokio::time::Instant::now();
    let error = ports.put_writer(&database("todo"), &seoul(), "osaka.example").await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Throttled);
    assert!(start.elapsed().as_millis() < 8_000, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_name_that_may_not_be_read_is_one_databases_trouble() {
    let service = Service::new(|request| {
        if request.has("todo001/database") {
            Reply::json_error(400, "AccessDeniedException")
        } else {
            answer(request, |_| None)
        }
    });
    let (all, ports, region) = (databases(4), ports(&service), seoul());
    let answers = join_all(all.iter().map(|database| ports.read_parameters(database, &region))).await;
    let refused: Vec<bool> = answers.iter().map(Result::is_err).collect();
    assert_eq!(refused, [false, true, false, false]);
    let error = answers.into_iter().nth(1).unwrap().unwrap_err();
    assert_eq!(
        error.to_string(),
        "ssm:GetParameters in ap-northeast-2: refused; trying again will not help: AccessDeniedException: the words of AccessDeniedException"
    );
}

/// Whoever shares a call with such a name is asked for alone, and a hold that stands must not be missed by it: a few are asked
/// for it by name, many have heard by path and are not asked again.
#[tokio::test(start_paused = true)]
async fn those_that_shared_a_call_with_such_a_name_hear_of_their_hold_switches_all_the_same() {
    let service = Service::new(|request| {
        if request.is("GetParameters") && request.has("todo001/database") {
            return Reply::json_error(400, "AccessDeniedException");
        }
        with_a_hold(request)
    });
    for (count, by_path) in [(4, false), (25, true)] {
        let (all, ports, region) = (databases(count), ports(&service), seoul());
        let answers = join_all(all.iter().map(|database| ports.read_parameters(database, &region))).await;
        for (at, (answer, database)) in answers.into_iter().zip(&all).enumerate().filter(|(at, _)| *at != 1) {
            let by_name = format!("value of {}", database.hold_parameter());
            let wanted = if by_path { (at == 3).then(|| "migration".to_owned()) } else { Some(by_name) };
            assert_eq!(answer.unwrap().hold, wanted, "{at} of {count}");
        }
    }
}

async fn put(service: &Service) -> Result<(), PortError> {
    ports(service).put_writer(&database("todo"), &seoul(), "osaka.example").await
}

#[tokio::test(start_paused = true)]
async fn a_write_names_the_parameter_its_value_and_its_type() {
    let service = Service::scripted(vec![Reply::ok(r#"{"Version":4,"Tier":"Standard"}"#)]);
    put(&service).await.unwrap();
    ports(&service).put_state(&database("todo"), &osaka(), &state()).await.unwrap();
    let asked = service.asked();
    assert_eq!(asked[0].line, "POST https://ssm.ap-northeast-2.amazonaws.com/");
    assert_eq!(asked[0].target, "AmazonSSM.PutParameter");
    let body = |name: &str, value: &str| json!({ "Name": name, "Value": value, "Type": "String", "Overwrite": true });
    assert_eq!(asked[0].json(), body("/todo/database/writer", "osaka.example"));
    assert_eq!(asked[1].line, "POST https://ssm.ap-northeast-3.amazonaws.com/");
    assert_eq!(asked[1].json(), body("/failover-responder/state/todo", &state().to_json()));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_answered_without_a_version_is_not_known_to_be_one() {
    for body in ["{}", r#"{"Version":0}"#, "<html>"] {
        let error = put(&Service::scripted(vec![Reply::ok(body)])).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Malformed, "{body}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_written_again_and_a_refusal_is_not() {
    for (code, status, kind) in [
        ("TooManyUpdates", 400, FailureKind::Throttled),
        ("ThrottlingException", 400, FailureKind::Throttled),
        ("TooManyRequestsException", 429, FailureKind::Throttled),
        ("InternalServerError", 500, FailureKind::Busy),
    ] {
        let once = Service::scripted(vec![Reply::json_error(status, code), Reply::ok(r#"{"Version":4}"#)]);
        let start = tokio::time::Instant::now();
        put(&once).await.unwrap();
        assert!(start.elapsed().as_millis() < 500, "{code}: {:?}", start.elapsed());
        let always = Service::scripted(vec![Reply::json_error(status, code)]);
        let error = put(&always).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(always.asked().len() > 3 && start.elapsed().as_millis() < 2_600, "{:?}", start.elapsed());
        assert_eq!(error.operation, "ssm:PutParameter /todo/database/writer in ap-northeast-2");
    }
    for code in
        ["AccessDeniedException", "ParameterMaxVersionLimitExceeded", "HierarchyTypeMismatchException"]
    {
        let service = Service::scripted(vec![Reply::json_error(400, code)]);
        let error = put(&service).await.unwrap_err();
        assert_eq!((error.kind, service.asked().len()), (FailureKind::Refused, 1), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_one_is_malformed() {
    for body in [
        "",
        "{}",
        "<html></html>",
        r#"{"Parameters":[{"Name":"/failover-responder/state/todo","Val"#,
        r#"{"Parameters":[],"InvalidParameters":["/failover-responder/state/todo"]}"#,
        r#"{"Parameters":"none"}"#,
    ] {
        let service = Service::scripted(vec![Reply::ok(body)]);
        let error = ports(&service).read_parameters(&database("todo"), &seoul()).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Malformed, "{body}: {error}");
    }
}
