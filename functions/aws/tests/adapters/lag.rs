//! The replication lag, sample by sample.

use responder_core::config::Database;
use responder_core::ports::Clock;
use responder_core::ports::PortError;
use responder_core::ports::failover::ReplicationLag;
use responder_core::words::failure::FailureKind;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::lag::{Lags, Source};

use crate::cbor::{float, list, map, moment, text};
use crate::service::{Reply, Request, Service};
use crate::world::{PREFIX, configuration, database, osaka, ports};

const SINCE: Timestamp = Timestamp::from_ms(700_000);

fn series(id: &str, samples: &[(f64, f64)]) -> Vec<u8> {
    let at: Vec<Vec<u8>> = samples.iter().map(|(at, _)| moment(*at)).collect();
    let values: Vec<Vec<u8>> = samples.iter().map(|(_, value)| float(*value)).collect();
    map(&[("Id", text(id)), ("Timestamps", list(&at)), ("Values", list(&values))])
}

fn results(series: &[Vec<u8>]) -> (&'static str, Vec<u8>) {
    ("MetricDataResults", list(series))
}

async fn ask(service: &Service) -> Result<Lags, PortError> {
    ports(service).lag(&database("todo"), &osaka(), SINCE).await
}

async fn lag(series: &[Vec<u8>]) -> Vec<(i64, u64)> {
    let service = Service::scripted(vec![Reply::ok(map(&[results(series)]))]);
    let samples = ask(&service).await.unwrap().samples;
    samples.iter().map(|lag| (lag.at.as_ms() / 1000, lag.lag_ms)).collect()
}

fn count(request: &Request, word: &str) -> usize {
    request.text().matches(word).count()
}

#[tokio::test(start_paused = true)]
async fn each_metric_is_asked_for_by_the_cluster_alone_and_with_each_other_region() {
    let service = Service::scripted(vec![Reply::ok(map(&[results(&[])]))]);
    assert_eq!(ask(&service).await.unwrap(), Lags::default());
    let asked = service.asked();
    let request = &asked[0];
    assert!(request.is("GetMetricData") && request.line.contains("ap-northeast-3"), "{request:?}");
    for metric in ["AuroraGlobalDBReplicationLag", "AuroraGlobalDBRPOLag", "AuroraGlobalDBProgressLag"] {
        assert_eq!(count(request, metric), 2, "{metric}");
    }
    assert_eq!((count(request, "todo-osaka"), count(request, "Maximum")), (6, 6));
    assert_eq!((count(request, "SourceRegion"), count(request, "ap-northeast-2")), (3, 3));
    // The beginning that was asked for, as CBOR writes it: as a whole number or a float of seconds.
    let whole = [0xc1, 0x19, 0x02, 0xbc];
    let body = &request.body;
    let says = |bytes: &[u8]| body.windows(bytes.len()).any(|it| it == bytes);
    assert!(says(&whole) || says(&moment(700.0)), "StartTime");
}

#[tokio::test(start_paused = true)]
async fn samples_are_oldest_first_and_at_one_moment_the_greatest_counts() {
    let newest_first = series("m0", &[(1_000.0, 80.2), (940.0, 9_000.0)]);
    assert_eq!(lag(&[newest_first.clone(), series("m1", &[])]).await, [(940, 9_000), (1_000, 81)]);
    let other = series("m1", &[(880.0, 1.0), (940.0, 10.0), (1_000.0, 700.0)]);
    assert_eq!(lag(&[newest_first, other]).await, [(880, 1), (940, 9_000), (1_000, 700)]);
    for nonsense in [f64::NAN, f64::INFINITY, -1.0] {
        assert_eq!(lag(&[series("m0", &[(1_000.0, nonsense)])]).await, [], "{nonsense}");
    }
    assert_eq!(lag(&[]).await, []);
}

#[tokio::test(start_paused = true)]
async fn the_samples_of_all_pages_count() {
    let first =
        map(&[results(&[series("m0", &[(940.0, 5.0), (1_000.0, 6.0)])]), ("NextToken", text("next"))]);
    let last = map(&[results(&[series("m0", &[(1_060.0, 7.0)]), series("m1", &[(940.0, 50.0)])])]);
    let service = Service::scripted(vec![Reply::ok(first), Reply::ok(last)]);
    let samples: Vec<u64> = ask(&service).await.unwrap().samples.iter().map(|lag| lag.lag_ms).collect();
    assert_eq!(samples, [50, 6, 7]);
    assert_eq!(service.asked().len(), 2);
    assert!(service.asked()[1].has("next"));
}

#[tokio::test(start_paused = true)]
async fn a_series_that_could_not_be_read_makes_all_unknown() {
    for (status, kind) in [("InternalError", FailureKind::Busy), ("Forbidden", FailureKind::Refused)] {
        let broken = map(&[("Id", text("m1")), ("StatusCode", text(status))]);
        let service =
            Service::scripted(vec![Reply::ok(map(&[results(&[series("m0", &[(940.0, 5.0)]), broken])]))]);
        assert_eq!(ask(&service).await.unwrap_err().kind, kind, "{status}");
    }
    for trouble in [
        Reply::Never,
        Reply::NoConnection,
        Reply::ok("<html>"),
        Reply::ok(map(&[])),
        Reply::Http(403, b"no".to_vec()),
    ] {
        assert!(ask(&Service::scripted(vec![trouble.clone()])).await.is_err(), "{trouble:?}");
    }
}

/// The database, with a probe in Osaka.
fn probed() -> Database {
    let mut json: serde_json::Value = serde_json::from_str(&configuration("todo", &[])).unwrap();
    json["probe"] = serde_json::json!({ "ap-northeast-3": "failover-responder-probe" });
    Database::parse(PREFIX, &"todo".parse().unwrap(), &json.to_string(), &osaka()).unwrap()
}

async fn ask_probed(service: &Service, age_ms: i64) -> Result<Lags, PortError> {
    let ports = ports(service);
    let since = ports.now().plus_ms(-age_ms);
    ports.lag(&probed(), &osaka(), since).await
}

#[tokio::test(start_paused = true)]
async fn a_probes_metrics_are_asked_for_in_the_same_call_and_finely_while_cloudwatch_keeps_them_so() {
    for (age_ms, periods, length_ms) in [(600_000, 2, 10_000), (10_740_001, 0, 60_000)] {
        let sample = series("h0", &[(1_000.0, 80.2)]);
        let service = Service::scripted(vec![Reply::ok(map(&[results(&[sample])]))]);
        let lags = ask_probed(&service, age_ms).await.unwrap();
        let asked = service.asked();
        assert_eq!(asked.len(), 1);
        let request = &asked[0];
        let words = ["FailoverResponder", "ReplicationLag", "Member", "aurora_global_db_status", "heartbeat"];
        assert_eq!(words.map(|word| count(request, word)), [2, 4, 2, 1, 1], "{}", request.text());
        // A number below 24 is one byte in CBOR, and 60 is two: 0x18 and itself.
        let fine = request.body.windows(8).filter(|it| *it == *b"\x66Period\x0a").count();
        assert_eq!(fine, periods, "{age_ms}");
        let found: Vec<_> = lags.samples.iter().map(|it| (it.lag_ms, it.length_ms, it.source)).collect();
        assert_eq!(found, [(81, length_ms, Source::Heartbeat)]);
    }
}

#[tokio::test(start_paused = true)]
async fn each_source_has_its_own_samples_and_one_that_could_not_be_read_leaves_the_others() {
    let broken =
        |id: &str| map(&[("Id", text(id)), ("StatusCode", text("Forbidden")), ("Values", list(&[]))]);
    let aurora = series("a0", &[(1_000.0, 40.0)]);
    let (heartbeat, aws) = (series("h0", &[(1_000.0, 900.0)]), series("m1", &[(960.0, 70.0)]));
    let asked = |series: Vec<Vec<u8>>| async move {
        ask_probed(&Service::scripted(vec![Reply::ok(map(&[results(&series)]))]), 600_000).await
    };
    let found = |lags: &Lags| lags.samples.iter().map(|it| (it.source, it.lag_ms)).collect::<Vec<_>>();
    let (status, beat, own) = (Source::AuroraStatus, Source::Heartbeat, Source::Aws);
    let all = asked(vec![aurora.clone(), heartbeat.clone(), aws.clone()]).await.unwrap();
    assert_eq!(found(&all), [(own, 70), (status, 40), (beat, 900)]);
    let lags = asked(vec![aurora, broken("a0"), heartbeat, aws.clone(), broken("m0")]).await.unwrap();
    assert_eq!(found(&lags), [(beat, 900)], "a part of a series is no series");
    let unread: Vec<_> =
        lags.unread.iter().map(|(source, why)| (*source, why.contains("Forbidden"))).collect();
    assert_eq!(unread, [(status, true), (own, true)]);
    let none = asked(["a0", "h0", "m0"].map(broken).to_vec()).await.unwrap_err();
    assert_eq!(none.kind, FailureKind::Refused);
}
