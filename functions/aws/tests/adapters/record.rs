//! What stands at the names of a writer record.

use futures_util::future::join_all;
use responder_core::ports::{PortError, WriterRecord};
use responder_core::words::failure::FailureKind;
use responder_core::world::record::RecordSet;
use responder_core::world::record::{ResourceRecord, Standing};
use serde_json::Value;

use crate::service::{Reply, Service};
use crate::world::{database, databases, osaka, ports, seoul};

const NAME: &str = "writer.todo.internal.";
const OWNERSHIP: &str = "_failover-responder.writer.todo.internal.";
pub(crate) const TXT: &str = "\"heritage=failover-responder,owner=/failover-responder,database=todo,epoch=7,writer=ap-northeast-3,at=2026-11-22T22:31:04Z\"";

/// A plain entry.
pub(crate) fn entry(name: &str, kind: &str, value: &str) -> String {
    with(
        name,
        kind,
        "",
        &format!(
            "<TTL>5</TTL><ResourceRecords><ResourceRecord><Value>{value}</Value></ResourceRecord></ResourceRecords>"
        ),
    )
}

fn with(name: &str, kind: &str, policy: &str, rest: &str) -> String {
    format!("<ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type>{policy}{rest}</ResourceRecordSet>")
}

pub(crate) fn listing(entries: &str, next: Option<&str>) -> Reply {
    let next = match next {
        Some(next) => format!(
            "<IsTruncated>true</IsTruncated><NextRecordName>{next}</NextRecordName><NextRecordType>A</NextRecordType>"
        ),
        None => "<IsTruncated>false</IsTruncated>".to_owned(),
    };
    Reply::ok(format!(
        "<?xml version=\"1.0\"?>\n<ListResourceRecordSetsResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">\
         <ResourceRecordSets>{entries}</ResourceRecordSets>{next}<MaxItems>10</MaxItems></ListResourceRecordSetsResponse>"
    ))
}

pub(crate) fn both() -> String {
    entry(NAME, "CNAME", "osaka.example") + &entry(OWNERSHIP, "TXT", TXT)
}

fn one(value: &str) -> ResourceRecord {
    ResourceRecord { ttl_seconds: 5, values: vec![value.to_owned()] }
}

async fn read(service: &Service) -> Result<RecordSet, PortError> {
    ports(service).read_record(&database("todo")).await
}

#[tokio::test(start_paused = true)]
async fn one_listing_from_the_name_reads_both_records() {
    let service = Service::scripted(vec![listing(&both(), Some("z.todo.internal."))]);
    let records = read(&service).await.unwrap();
    assert_eq!(records, RecordSet { cname: Some(one("osaka.example")), txt: Some(one(TXT)), other: None });
    let asked = service.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked[0].line,
        "GET https://route53.amazonaws.com/2013-04-01/hostedzone/Z0123456789/rrset?name=writer.todo.internal&maxitems=10"
    );
}

#[tokio::test(start_paused = true)]
async fn names_in_any_spelling_are_found_and_others_are_not() {
    let entries = entry("Writer.TODO.internal", "CNAME", "osaka.example")
        + &entry("0.writer.todo.internal.", "CNAME", "x")
        + &entry("\\052.writer.todo.internal.", "CNAME", "x")
        + &entry("\\137failover-responder.writer.todo.internal.", "TXT", TXT)
        + &entry("a.writer.todo.internal.", "TXT", "x");
    let records = read(&Service::scripted(vec![listing(&entries, None)])).await.unwrap();
    assert_eq!(records, RecordSet { cname: Some(one("osaka.example")), txt: Some(one(TXT)), other: None });
    let empty = read(&Service::scripted(vec![listing(&entry("z.internal.", "A", "1.2.3.4"), None)])).await;
    assert_eq!(empty.unwrap(), RecordSet::default());
}

#[tokio::test(start_paused = true)]
async fn an_ownership_behind_the_page_is_looked_at_itself() {
    let service = Service::scripted(vec![
        listing(&entry(NAME, "CNAME", "osaka.example"), Some("9.writer.todo.internal.")),
        listing(&entry(OWNERSHIP, "TXT", TXT), Some("z.todo.internal.")),
    ]);
    assert_eq!(read(&service).await.unwrap().txt, Some(one(TXT)));
    assert!(service.asked()[1].line.contains("name=_failover-responder.writer.todo.internal&"));
    assert_eq!(service.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn whatever_is_not_a_simple_cname_is_something_else() {
    let plain = "<TTL>5</TTL><ResourceRecords><ResourceRecord><Value>1.2.3.4</Value></ResourceRecord></ResourceRecords>";
    let alias = "<AliasTarget><HostedZoneId>Z2</HostedZoneId><DNSName>x.</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>";
    let set = |policy: &str| format!("<SetIdentifier>one</SetIdentifier>{policy}");
    for (entry, other) in [
        (with(NAME, "A", "", plain), "A"),
        (with(NAME, "AAAA", "", plain), "AAAA"),
        (with(NAME, "TXT", "", plain), "TXT"),
        (with(NAME, "A", "", alias), "A (alias)"),
        (with(NAME, "CNAME", &set("<Weight>1</Weight>"), plain), "CNAME (weighted)"),
        (with(NAME, "CNAME", &set("<Failover>PRIMARY</Failover>"), plain), "CNAME (failover)"),
        (with(NAME, "CNAME", &set("<Region>us-east-1</Region>"), plain), "CNAME (routing policy)"),
        (
            with(NAME, "CNAME", "", &format!("{plain}<HealthCheckId>h</HealthCheckId>")),
            "CNAME (health check)",
        ),
        (
            with(NAME, "CNAME", "", "<TrafficPolicyInstanceId>t</TrafficPolicyInstanceId>"),
            "CNAME (traffic policy)",
        ),
        (with(OWNERSHIP, "CNAME", "", plain), "CNAME at the ownership record's name"),
        (
            with(OWNERSHIP, "TXT", &set("<Weight>1</Weight>"), plain),
            "TXT (weighted) at the ownership record's name",
        ),
    ] {
        let records = read(&Service::scripted(vec![listing(&entry, None)])).await.unwrap();
        assert_eq!(records.other.as_deref(), Some(other));
    }
    let beside =
        read(&Service::scripted(vec![listing(&(both() + &with(OWNERSHIP, "A", "", plain)), None)])).await;
    assert_eq!(beside.unwrap().other, None, "an address may stand beside the TXT");
}

#[tokio::test(start_paused = true)]
async fn many_records_of_a_zone_are_read_page_by_page() {
    let all = databases(100);
    let entries: Vec<String> = all
        .iter()
        .map(|database| {
            let name = &database.record().name;
            let txt = if database.name().as_str() == "todo050" {
                String::new()
            } else {
                entry(&format!("_failover-responder.{name}."), "TXT", TXT)
            };
            entry(&format!("{name}."), "CNAME", &format!("{}.example", database.name())) + &txt
        })
        .collect();
    let service = Service::new(move |request| {
        // The zone's listing from the name that was asked for, 40 databases a page.
        let from =
            (0..100).find(|number| request.line.contains(&format!("writer.todo{number:03}.internal&")));
        let start = from.unwrap();
        let end = (start + 40).min(100);
        listing(&entries[start..end].concat(), (end < 100).then_some("next."))
    });
    let ports = ports(&service);
    let records = join_all(all.iter().map(|database| ports.read_record(database))).await;
    for (records, database) in records.into_iter().zip(&all) {
        let records = records.unwrap();
        assert_eq!(records.cname, Some(one(&format!("{}.example", database.name()))));
        assert_eq!(records.txt.is_some(), database.name().as_str() != "todo050");
    }
    // Three pages, and for the one without an ownership a page from its own name, and one from its ownership's.
    assert_eq!(service.asked().len(), 5);
    assert!(service.asked().iter().all(|request| request.line.ends_with("&maxitems=300")));
}

/// Every answer says how many entries it may hold: what says none is not Route 53's.
#[tokio::test(start_paused = true)]
async fn an_answer_that_may_hold_nothing_is_none() {
    for (most, is_good) in [(1, true), (0, false)] {
        let Reply::Http(_, text) = listing(&both(), None) else { unreachable!() };
        let text = String::from_utf8(text).unwrap().replace("<MaxItems>10<", &format!("<MaxItems>{most}<"));
        let answer = read(&Service::scripted(vec![Reply::ok(text)])).await;
        assert_eq!(answer.map_err(|error| error.kind).err(), (!is_good).then_some(FailureKind::Malformed));
    }
}

#[tokio::test(start_paused = true)]
async fn each_failure_is_named_with_its_kind() {
    let html = "<html><body>Sign in</body></html>";
    for (reply, kind, calls) in [
        (Reply::route53_error(400, "Throttling"), FailureKind::Throttled, 6..=12),
        (Reply::route53_error(400, "PriorRequestNotComplete"), FailureKind::Throttled, 6..=12),
        (Reply::route53_error(503, "ServiceUnavailable"), FailureKind::Busy, 6..=12),
        (Reply::route53_error(404, "NoSuchHostedZone"), FailureKind::Refused, 1..=1),
        (Reply::route53_error(403, "AccessDenied"), FailureKind::Refused, 1..=1),
        (Reply::NoConnection, FailureKind::Unreachable, 3..=3),
        (Reply::ok(html), FailureKind::Malformed, 1..=1),
        (Reply::ok(""), FailureKind::Malformed, 1..=1),
        (Reply::ok("<ListResourceRecordSetsResponse/>"), FailureKind::Malformed, 1..=1),
    ] {
        let service = Service::scripted(vec![reply.clone()]);
        let error = read(&service).await.unwrap_err();
        assert_eq!(error.operation, "route53:ListResourceRecordSets in Z0123456789");
        assert_eq!(error.kind, kind, "{reply:?}: {error}");
        assert!(calls.contains(&service.asked().len()), "{reply:?}: {}", service.asked().len());
        let once = Service::scripted(vec![reply, listing(&both(), None)]);
        assert_eq!(read(&once).await.is_ok(), calls != (1..=1));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_breaks_off_anywhere_is_never_taken_for_a_shorter_one() {
    let Reply::Http(_, whole) = listing(&both(), None) else { unreachable!() };
    for end in 0..whole.len() {
        let cut = read(&Service::scripted(vec![Reply::ok(&whole[..end])])).await;
        assert_eq!(cut.unwrap_err().kind, FailureKind::Malformed, "cut at {end}");
    }
}

/// What a person publishes by hand, by the runbook's file, is what the functions would have written.
#[test]
fn the_batch_of_the_runbook_is_a_publication_of_ours() {
    let batch: Value = serde_json::from_str(include_str!("../../../../events/route53/publish.json")).unwrap();
    let database = database("todo");
    let changes = batch["Changes"].as_array().unwrap();
    let records = |action: &str| {
        let of = |name: &str| {
            let is_it = |it: &&Value| it["Action"] == action && it["ResourceRecordSet"]["Name"] == name;
            let set = &changes.iter().find(is_it).unwrap()["ResourceRecordSet"];
            assert_eq!(set["TTL"], 5);
            Some(one(set["ResourceRecords"][0]["Value"].as_str().unwrap()))
        };
        let (cname, txt) = (of(NAME.trim_end_matches('.')), of(OWNERSHIP.trim_end_matches('.')));
        RecordSet { cname, txt, other: None }
    };
    let published = |action: &str| {
        let member =
            |host: &str| [seoul(), osaka()].into_iter().find(|region| host.contains(region.as_str()));
        match records(action).standing(&database, member) {
            Standing::Owned(published) => published,
            other => panic!("{action}: {other:?}"),
        }
    };
    let (before, after) = (published("DELETE"), published("CREATE"));
    assert_eq!((before.writer, after.writer.clone(), after.epoch.0), (seoul(), osaka(), before.epoch.0 + 1));
    assert_eq!(RecordSet::of(&database, &after), records("CREATE"));
}
