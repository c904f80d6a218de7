//! A service that says "not now" for a while is asked until it answers, as long as the call's budget lasts.

use std::time::Duration;

use responder_aws::AwsPorts;
use responder_core::ports::{
    Clock, Configurations, Connection, Exchanged, Parameters, PortError, RegionViews, WriterRecord,
};
use responder_core::words::failure::FailureKind;
use tokio::time::Instant;

use crate::exchange::{ACCEPTED, exchange};
use crate::service::{Reply, Request, Service};
use crate::world::{configuration, database, databases, osaka, ports};

/// Everything that says "not now", by status and code.
const NOT_NOW: [(u16, &str); 8] = [
    (400, "Throttling"),
    (400, "ThrottlingException"),
    (400, "RequestLimitExceeded"),
    (400, "PriorRequestNotComplete"),
    (429, "TooManyRequestsException"),
    (429, "x"),
    (500, "InternalFailure"),
    (503, "ServiceUnavailable"),
];

fn healthy(request: &Request) -> Reply {
    if request.line.contains("route53") {
        let both = || crate::record::listing(&crate::record::both(), None);
        return if request.line.starts_with("POST") { Reply::ok(ACCEPTED) } else { both() };
    }
    if request.is("PutParameter") {
        return Reply::ok("{\"Version\": 4}");
    }
    if request.is("GetParametersByPath") {
        return crate::installation::page(&[("databases/todo", configuration("todo", &[]))], None);
    }
    if request.is("GetParameters") {
        return crate::parameters::answer(request, |name| Some(crate::parameters::everything(name)));
    }
    crate::views::healthy(request)
}

/// A service that says "not now" in these words for so long.
fn not_now_for(ms: u64, status: u16, code: &'static str) -> Service {
    let end = Instant::now() + Duration::from_millis(ms);
    Service::new(
        move |request| {
            if Instant::now() < end { Reply::error(request, status, code) } else { healthy(request) }
        },
    )
}

/// How each call that a pass makes ended, and after how many milliseconds; each has a service of its own.
async fn every_call(service: impl Fn() -> Service) -> Vec<(Result<(), PortError>, u128)> {
    let (database, osaka) = (database("todo"), osaka());
    let mut ends = Vec::new();
    macro_rules! end {
        ($ports:ident, $call:expr) => {
            let service = service();
            let ($ports, start): (AwsPorts, _) = (ports(&service), Instant::now());
            let end = $call.await;
            ends.push((end.map(drop), start.elapsed().as_millis()));
        };
    }
    end!(ports, ports.view(&database, &osaka, Connection::Kept));
    end!(ports, ports.read_parameters(&database, &osaka));
    end!(ports, ports.put_writer(&database, &osaka, "x"));
    end!(ports, ports.read_record(&database));
    end!(ports, ports.exchange(&database, &exchange(&database)));
    end!(ports, ports.read_own_region());
    ends
}

#[tokio::test(start_paused = true)]
async fn a_second_of_not_now_is_waited_for() {
    for (status, code) in NOT_NOW {
        for (end, took) in every_call(|| not_now_for(1_000, status, code)).await {
            assert!(
                end.is_ok() && (1_000..1_800).contains(&took),
                "{status} {code}: {end:?} after {took} ms"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_never_ends_is_told_from_silence_when_the_budget_is_over() {
    for (status, code) in NOT_NOW {
        let kind = if status < 500 { FailureKind::Throttled } else { FailureKind::Busy };
        for (end, took) in every_call(|| not_now_for(60_000, status, code)).await {
            let error = end.unwrap_err();
            let most = match &error.operation {
                operation if operation.contains("ByPath") => 5_000,
                // The quota's own window, and the budget of the last try.
                operation if operation.contains("ChangeResource") && status < 500 => 12_000,
                _ => 2_000,
            };
            assert_eq!(error.kind, kind, "{status} {code}: {error}");
            assert!((most * 6 / 10..=most).contains(&took), "{status} {code}: {error} after {took} ms");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cold_start_is_as_patient_as_its_budget() {
    let service = not_now_for(4_000, 400, "ThrottlingException");
    let own = ports(&service).read_own_region().await.unwrap();
    assert_eq!(own.installation.databases.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_move_waits_for_the_quota_as_many_do_and_no_longer_than_the_invocation_lasts() {
    let database = database("todo");
    let wanted = exchange(&database);
    for code in ["Throttling", "PriorRequestNotComplete"] {
        let service = not_now_for(8_000, 400, code);
        let answer = ports(&service).exchange(&database, &wanted).await;
        assert_eq!(answer.unwrap(), Exchanged::Accepted, "{code}");
        let service = not_now_for(8_000, 400, code);
        let (ports, start) = (ports(&service), Instant::now());
        ports.no_turns_after(ports.now().plus_ms(3_000));
        let error = ports.exchange(&database, &wanted).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Throttled);
        assert!((2_000..5_000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_broken_costs_many_databases_one_budget() {
    let (all, osaka) = (databases(200), osaka());
    let service = not_now_for(600_000, 503, "ServiceUnavailable");
    let (ports, start) = (ports(&service), Instant::now());
    let reads = all.iter().map(|database| ports.read_parameters(database, &osaka));
    assert!(futures_util::future::join_all(reads).await.iter().all(Result::is_err));
    let records = all.iter().map(|database| ports.read_record(database));
    assert!(futures_util::future::join_all(records).await.iter().all(Result::is_err));
    let moves: Vec<_> = all.iter().map(|database| (database, exchange(database))).collect();
    let moves = moves.iter().map(|(database, exchange)| ports.exchange(database, exchange));
    assert!(futures_util::future::join_all(moves).await.iter().all(Result::is_err));
    assert!(start.elapsed().as_millis() <= 6_100, "three budgets: {:?}", start.elapsed());
}
