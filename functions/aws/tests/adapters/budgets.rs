//! A service or a Region that swallows everything costs its budget and nothing more.

use std::time::Duration;

use responder_aws::{AwsPorts, Budgets, Clients, https_client};
use responder_core::ports::{
    Clock, Configurations, Connection, Pages, Parameters, PortError, RegionViews, WriterRecord,
};
use responder_core::words::failure::FailureKind;
use responder_core::world::record::{Exchange, RecordSet};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::service::{Reply, Service};
use crate::world::{config, database, environment, osaka, ports, seoul};

/// Makes every call, one after the other, and returns how long each took and how it ended.
async fn every_call(ports: &AwsPorts) -> Vec<(Duration, PortError)> {
    let (database, region) = (database("todo"), seoul());
    let exchange = Exchange { from: RecordSet::default(), to: RecordSet::default() };
    let mut ends = Vec::new();
    macro_rules! end {
        ($call:expr) => {
            let start = Instant::now();
            let error = $call.await.unwrap_err();
            ends.push((start.elapsed(), error));
        };
    }
    end!(ports.view(&database, &region, Connection::Kept));
    end!(ports.read_parameters(&database, &region));
    end!(ports.put_writer(&database, &region, "x"));
    end!(ports.put_state(&database, &region, &crate::parameters::state()));
    end!(ports.read_record(&database));
    end!(ports.exchange(&database, &exchange));
    end!(ports.read_own_region());
    end!(ports.keep_page(&crate::pages::course()));
    ends
}

#[tokio::test(start_paused = true)]
async fn a_service_that_never_answers_costs_each_call_its_budget() {
    let service = Service::scripted(vec![Reply::Never]);
    let ends = every_call(&ports(&service)).await;
    for (elapsed, error) in ends {
        let budget = if error.operation.contains("ByPath") { 5_000 } else { 2_000 };
        assert_eq!(error.kind, FailureKind::Unreachable, "{error}");
        assert!(error.is_retryable());
        assert!(elapsed.as_millis() <= budget + 1, "{}: {elapsed:?}", error.operation);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_region_costs_a_living_one_nothing() {
    let service = Service::new(|request| {
        if request.line.contains("ap-northeast-2") {
            Reply::Never
        } else {
            Reply::json_error(400, "AccessDeniedException")
        }
    });
    let (ports, database, dead, living) = (ports(&service), database("todo"), seoul(), osaka());
    let start = Instant::now();
    let living = async {
        let answer = ports.read_parameters(&database, &living).await;
        (answer, start.elapsed())
    };
    let (dead, (living, elapsed)) =
        futures_util::future::join(ports.read_parameters(&database, &dead), living).await;
    assert_eq!(dead.unwrap_err().kind, FailureKind::Unreachable);
    assert_eq!(living.unwrap_err().kind, FailureKind::Refused);
    assert!(elapsed.as_millis() < 10, "{elapsed:?}");
}

/// The real HTTPS client, on a loopback port that takes connections and says nothing.
#[tokio::test]
async fn a_black_hole_on_the_network_costs_each_call_its_budget() {
    let hole = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", hole.local_addr().unwrap());
    let swallowing = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = hole.accept().await {
            held.push(connection);
        }
    });
    let short = Duration::from_millis(150);
    let budgets = Budgets {
        view: short,
        parameters: short,
        installation: short,
        record: short,
        alarms: short,
        lag: short,
        start: short,
        probe: short,
        page: short,
        notice: short,
        connect: Duration::from_millis(50),
        attempt: Duration::from_millis(100),
    };
    let ends = every_call(&real(&endpoint, budgets)).await;
    swallowing.abort();
    for (elapsed, error) in ends {
        assert_eq!(error.kind, FailureKind::Unreachable, "{error}");
        assert!(elapsed < Duration::from_millis(600), "{}: {elapsed:?}", error.operation);
    }
}

#[tokio::test]
async fn a_refused_connection_is_known_long_before_the_budget_and_says_so() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    for (elapsed, error) in every_call(&real(&endpoint, Budgets::default())).await {
        assert_eq!(error.kind, FailureKind::Unreachable, "{error}");
        assert!(error.to_string().to_lowercase().contains("connection refused"), "{error}");
        assert!(elapsed < Duration::from_millis(1_500), "{}: {elapsed:?}", error.operation);
    }
}

fn real(endpoint: &str, budgets: Budgets) -> AwsPorts {
    let config = config(https_client(budgets.connect)).into_builder().endpoint_url(endpoint).build();
    AwsPorts::new(environment(), Clients::new(config, budgets))
}

#[tokio::test(start_paused = true)]
async fn the_clock_is_the_systems_and_its_sleep_is_tokios() {
    let service = Service::scripted(vec![Reply::Never]);
    let ports = ports(&service);
    let start = Instant::now();
    ports.sleep(Duration::from_secs(3)).await;
    assert_eq!(start.elapsed().as_secs(), 3);
    assert!(ports.now() > "2026-01-01T00:00:00Z".parse().unwrap());
}
