//! The replication lag, sample by sample.

use responder_core::ports::PortError;
use responder_core::ports::failover::ReplicationLag;
use responder_core::words::failure::FailureKind;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::lag::Lag;

use crate::cbor::{float, list, map, moment, text};
use crate::service::{Reply, Request, Service};
use crate::world::{database, osaka, ports};

const SINCE: Timestamp = Timestamp::from_ms(700_000);

fn series(id: &str, samples: &[(f64, f64)]) -> Vec<u8> {
    let at: Vec<Vec<u8>> = samples.iter().map(|(at, _)| moment(*at)).collect();
    let values: Vec<Vec<u8>> = samples.iter().map(|(_, value)| float(*value)).collect();
    map(&[("Id", text(id)), ("Timestamps", list(&at)), ("Values", list(&values))])
}

fn results(series: &[Vec<u8>]) -> (&'static str, Vec<u8>) {
    ("MetricDataResults", list(series))
}

async fn ask(service: &Service) -> Result<Vec<Lag>, PortError> {
    ports(service).lag(&database("todo"), &osaka(), SINCE).await
}

async fn lag(series: &[Vec<u8>]) -> Vec<(i64, u64)> {
    let service = Service::scripted(vec![Reply::ok(map(&[results(series)]))]);
    let samples = ask(&service).await.unwrap();
    samples.iter().map(|lag| (lag.at.as_ms() / 1000, lag.lag_ms)).collect()
}

fn count(request: &Request, word: &str) -> usize {
    request.text().matches(word).count()
}

#[tokio::test(start_paused = true)]
async fn each_metric_is_asked_for_by_the_cluster_alone_and_with_each_other_region() {
    let service = Service::scripted(vec![Reply::ok(map(&[results(&[])]))]);
    assert_eq!(ask(&service).await.unwrap(), []);
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
    let samples: Vec<u64> = ask(&service).await.unwrap().iter().map(|lag| lag.lag_ms).collect();
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
