//! All that stands below an installation's prefix.

use responder_core::config::installation::Installation;
use responder_core::config::owned::Owned;
use responder_core::ports::Configurations;
use responder_core::words::failure::FailureKind;
use responder_core::words::names::Epoch;
use responder_core::world::attempt::{Journal, Looks};
use responder_core::world::known::Listed;
use responder_core::world::state::{Memory, State};
use serde_json::{Value, json};

use crate::parameters::state;
use crate::service::{Reply, Service};
use crate::world::{configuration, database, ports, seoul};

fn names(installation: &Installation) -> Vec<&str> {
    installation.databases.iter().map(|database| database.name().as_str()).collect()
}

pub(crate) fn page(parameters: &[(&str, String)], next: Option<&str>) -> Reply {
    let parameters: Vec<Value> = parameters
        .iter()
        .map(|(name, value)| {
            json!({ "Name": format!("/failover-responder/{name}"), "Type": "String", "Value": value })
        })
        .collect();
    Reply::ok(json!({ "Parameters": parameters, "NextToken": next }).to_string())
}

#[tokio::test(start_paused = true)]
async fn a_warm_function_reads_the_configurations_of_all_pages_and_nothing_else() {
    let service = Service::scripted(vec![
        page(&[("databases/todo", configuration("todo", &[]))], Some("next")),
        page(&[("databases/orders", configuration("orders", &[]))], None),
    ]);
    let installation = ports(&service).read_databases().await.unwrap();
    assert_eq!((names(&installation), installation.refused.len()), (vec!["orders", "todo"], 0));
    let asked = service.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].line, "POST https://ssm.ap-northeast-3.amazonaws.com/");
    assert_eq!(asked[0].target, "AmazonSSM.GetParametersByPath");
    let first = json!({ "Path": "/failover-responder/databases/", "Recursive": true, "MaxResults": 10 });
    assert_eq!(asked[0].json(), first);
    assert_eq!(asked[1].json()["NextToken"], "next");
}

/// Two databases with one parameter, or one whose configuration is broken: who owns what is known by the states alone.
#[tokio::test(start_paused = true)]
async fn where_one_is_refused_a_warm_function_reads_the_states_as_well() {
    let copy = configuration("orders", &[]).replace("/orders/database/writer", "/todo/database/writer");
    let cases = [
        ("databases/orders", copy, "parameter: /todo/database/writer belongs to the database todo"),
        ("databases/bad", "{".to_owned(), "the document: is not JSON"),
    ];
    for (name, json, problem) in cases {
        let databases = [("databases/todo", configuration("todo", &[])), (name, json)];
        let mut all = databases.to_vec();
        all.push(("state/todo", State { owns: Some(Owned::of(&database("todo"))), ..state() }.to_json()));
        let service = Service::scripted(vec![page(&databases, None), page(&all, None)]);
        let installation = ports(&service).read_databases().await.unwrap();
        assert_eq!(names(&installation), ["todo"]);
        let refused = installation.refused[0].1.to_string();
        assert!(refused.contains(problem), "{refused}");
        assert_eq!(service.asked()[1].json()["Path"], "/failover-responder");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cold_function_learns_the_configuration_and_its_own_memory_in_one_call() {
    let mut remembered = state();
    remembered.memory = Some(Memory { writer: seoul(), epoch: Epoch(7) });
    let silent = Journal { silence: Some(Looks::and(None, state().at)), ..Journal::default() };
    let service = Service::scripted(vec![page(
        &[
            ("databases/todo", configuration("todo", &[])),
            ("databases/orders", configuration("orders", &[])),
            ("databases/new", configuration("new", &[])),
            ("hold/todo", "migration".to_owned()),
            ("state/todo", remembered.to_json()),
            ("state/orders", "not a state".to_owned()),
            ("state/removed", state().to_json()),
            ("attempt/todo", silent.to_json()),
            ("attempt/new", "not a journal".to_owned()),
            ("attempt/removed", silent.to_json()),
            ("hold/new", "an upgrade".to_owned()),
        ],
        None,
    )]);
    let own = ports(&service).read_own_region().await.unwrap();
    assert_eq!(own.installation.databases.len(), 3);
    let listed = |name: &str| own.listed.get(&name.parse().unwrap());
    let hold = Some("migration".to_owned());
    let todo = Listed { state: Some(remembered), journal: Some(silent), hold };
    assert_eq!(listed("todo"), Some(&todo));
    assert_eq!(listed("orders"), Some(&Listed::default()), "what cannot be read counts as absent");
    assert_eq!(listed("removed"), None, "only what is configured counts");
    assert_eq!(service.asked().len(), 1);
    assert_eq!(service.asked()[0].json()["Path"], "/failover-responder");
}

#[tokio::test(start_paused = true)]
async fn what_is_longer_than_a_page_is_read_in_four_listings_side_by_side() {
    let journal = Journal { said: Some("once".to_owned()), ..Journal::default() };
    let json = journal.to_json();
    let service = Service::new(move |request| match request.json()["Path"].as_str().unwrap() {
        "/failover-responder/databases/" => page(&[("databases/todo", configuration("todo", &[]))], None),
        "/failover-responder/state/" => page(&[("state/todo", state().to_json())], None),
        "/failover-responder/attempt/" => page(&[("attempt/todo", json.clone())], None),
        "/failover-responder/hold/" => page(&[("hold/todo", "an upgrade".to_owned())], None),
        _ => page(&[("attempt/todo", json.clone())], Some("more")),
    });
    let own = ports(&service).read_own_region().await.unwrap();
    let todo = "todo".parse().unwrap();
    let hold = Some("an upgrade".to_owned());
    assert_eq!(own.listed.get(&todo), Some(&Listed { state: Some(state()), journal: Some(journal), hold }));
    assert_eq!(service.asked().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn no_installation_is_no_error_and_no_answer_is_one() {
    let empty = ports(&Service::scripted(vec![page(&[], None)])).read_own_region().await.unwrap();
    assert!(empty.installation.databases.is_empty() && empty.listed.is_empty());
    for (reply, kind) in [
        (Reply::json_error(400, "AccessDeniedException"), FailureKind::Refused),
        (Reply::ok("{}"), FailureKind::Malformed),
        (Reply::ok(r#"{"Parameters":[{"Name":"/failover-responder/state/todo"}]}"#), FailureKind::Malformed),
        (Reply::Never, FailureKind::Unreachable),
    ] {
        let error = ports(&Service::scripted(vec![reply])).read_databases().await.unwrap_err();
        assert_eq!(error.kind, kind);
        assert_eq!(
            error.operation,
            "ssm:GetParametersByPath /failover-responder/databases/ in ap-northeast-3"
        );
    }
}
