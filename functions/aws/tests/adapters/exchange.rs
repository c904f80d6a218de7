//! The compare-and-swap of writer records.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use responder_core::config::Database;
use responder_core::ports::{Exchanged, PortError, WriterRecord};
use responder_core::words::failure::FailureKind;
use responder_core::words::names::{Epoch, Region};
use responder_core::world::publication::Published;
use responder_core::world::record::{Exchange, RecordSet};

use crate::record::{entry, listing};
use crate::service::{Reply, Request, Service};
use crate::world::{database, databases, osaka, ports, seoul};

pub(crate) const ACCEPTED: &str = "<?xml version=\"1.0\"?><ChangeResourceRecordSetsResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2026-11-22T22:31:04Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>";

/// `InvalidChangeBatch` as Route 53's reference shows it.
fn invalid(words: &str) -> Reply {
    Reply::Http(
        400,
        format!(
            "<?xml version=\"1.0\"?><InvalidChangeBatch xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">\
             <Messages><Message>{words}</Message></Messages><RequestId>r</RequestId></InvalidChangeBatch>"
        )
        .into(),
    )
}

/// `InvalidChangeBatch` in the form of every other error.
fn wrapped(words: &str) -> Reply {
    Reply::Http(
        400,
        format!(
            "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Error>\
             <Type>Sender</Type><Code>InvalidChangeBatch</Code><Message>[{words}]</Message></Error>\
             <RequestId>r</RequestId></ErrorResponse>"
        )
        .into(),
    )
}

const MISMATCH: &str = "Tried to delete resource record set [name='x', type='CNAME'] but it was not found";

fn records(database: &Database, epoch: u64, writer: &Region) -> RecordSet {
    let published = Published {
        epoch: Epoch(epoch),
        writer: writer.clone(),
        endpoint: format!("{}-{writer}.example", database.name()),
        at: "2026-11-22T22:31:04Z".parse().unwrap(),
    };
    RecordSet::of(database, &published)
}

pub(crate) fn exchange(database: &Database) -> Exchange {
    Exchange { from: records(database, 7, &seoul()), to: records(database, 8, &osaka()) }
}

/// The entries of a listing of these records.
fn entries(database: &Database, records: &RecordSet) -> String {
    let value = |record: &Option<responder_core::world::record::ResourceRecord>| {
        record.as_ref().unwrap().values[0].replace('"', "&quot;")
    };
    entry(&database.record().name, "CNAME", &value(&records.cname))
        + &entry(&database.ownership_name(), "TXT", &value(&records.txt))
}

async fn go(service: &Service) -> Result<Exchanged, PortError> {
    let database = database("todo");
    ports(service).exchange(&database, &exchange(&database)).await
}

fn is_change(request: &Request) -> bool {
    request.line.starts_with("POST")
}

#[tokio::test(start_paused = true)]
async fn a_move_is_one_batch_that_deletes_the_old_and_creates_the_new() {
    let service = Service::scripted(vec![Reply::ok(ACCEPTED)]);
    assert_eq!(go(&service).await.unwrap(), Exchanged::Accepted);
    let asked = service.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].line, "POST https://route53.amazonaws.com/2013-04-01/hostedzone/Z0123456789/rrset");
    let change = |action: &str, name: &str, kind: &str, value: &str| {
        format!(
            "<Change><Action>{action}</Action><ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type><TTL>5</TTL>\
             <ResourceRecords><ResourceRecord><Value>{value}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>"
        )
    };
    let txt = |epoch: u64, writer: &str| {
        format!(
            "&quot;heritage=failover-responder,owner=/failover-responder,database=todo,epoch={epoch},writer={writer},at=2026-11-22T22:31:04Z&quot;"
        )
    };
    let (name, ownership) = ("writer.todo.internal", "_failover-responder.writer.todo.internal");
    let changes = [
        change("DELETE", name, "CNAME", "todo-ap-northeast-2.example"),
        change("DELETE", ownership, "TXT", &txt(7, "ap-northeast-2")),
        change("CREATE", name, "CNAME", "todo-ap-northeast-3.example"),
        change("CREATE", ownership, "TXT", &txt(8, "ap-northeast-3")),
    ]
    .concat();
    assert_eq!(
        asked[0].text(),
        format!(
            "<ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch>\
             <Changes>{changes}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
        )
    );
}

#[tokio::test(start_paused = true)]
async fn the_first_publication_only_creates() {
    let service = Service::scripted(vec![Reply::ok(ACCEPTED)]);
    let database = database("todo");
    let first = Exchange { from: RecordSet::default(), to: records(&database, 1, &seoul()) };
    assert_eq!(ports(&service).exchange(&database, &first).await.unwrap(), Exchanged::Accepted);
    let body = service.asked()[0].text();
    assert_eq!((body.matches("CREATE").count(), body.matches("DELETE").count()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_stale_move_lost_the_fence() {
    let database = database("todo");
    for standing in [
        entries(&database, &records(&database, 8, &seoul())),
        String::new(),
        entries(&database, &exchange(&database).from),
    ] {
        for refusal in [invalid(MISMATCH), wrapped(MISMATCH)] {
            let service = Service::scripted(vec![refusal, listing(&standing, None)]);
            assert_eq!(go(&service).await.unwrap(), Exchanged::FenceLost, "{standing}");
        }
    }
    let unreadable = Service::scripted(vec![invalid(MISMATCH), Reply::route53_error(403, "AccessDenied")]);
    assert_eq!(go(&unreadable).await.unwrap(), Exchanged::FenceLost);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_of_our_own_earlier_attempt_is_no_lost_fence() {
    let database = database("todo");
    let ours = entries(&database, &exchange(&database).to);
    for lost in [Reply::Never, Reply::NoConnection, Reply::route53_error(500, "InternalFailure")] {
        let service = Service::scripted(vec![lost, invalid(MISMATCH), listing(&ours, None)]);
        assert_eq!(go(&service).await.unwrap(), Exchanged::Accepted);
        assert_eq!(service.asked().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_wrong_in_itself_is_refused_with_route_53s_words() {
    let database = database("todo");
    let standing = entries(&database, &exchange(&database).from);
    let words = "RRSet with DNS name writer.todo.internal. is not permitted in zone example.com.";
    for refusal in [invalid(words), wrapped(words)] {
        let service = Service::scripted(vec![refusal, listing(&standing, None)]);
        let error = go(&service).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Refused);
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_passes_and_refusals_do_not() {
    for code in ["Throttling", "PriorRequestNotComplete"] {
        let service = Service::scripted(vec![Reply::route53_error(400, code), Reply::ok(ACCEPTED)]);
        assert_eq!(go(&service).await.unwrap(), Exchanged::Accepted);
        let busy = Service::scripted(vec![Reply::route53_error(400, code)]);
        let error = go(&busy).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Throttled);
        assert_eq!(
            error.to_string(),
            format!(
                "route53:ChangeResourceRecordSets in Z0123456789: too many calls just now; trying again can help: \
                 {code}: the words of {code}"
            )
        );
    }
    for (status, code) in [(404, "NoSuchHostedZone"), (403, "AccessDenied"), (400, "InvalidInput")] {
        let service = Service::scripted(vec![Reply::route53_error(status, code)]);
        assert_eq!(go(&service).await.unwrap_err().kind, FailureKind::Refused, "{code}");
        assert_eq!(service.asked().len(), 1);
    }
}

/// A zone that performs batches as Route 53 does: as a whole, and a deletion has to match.
#[derive(Default)]
struct Zone {
    values: BTreeMap<String, String>,
    /// Refuses any batch with this text in it.
    poison: Option<(String, Reply)>,
    batches: Vec<usize>,
}

impl Zone {
    fn of(databases: &[Database]) -> Self {
        let mut zone = Self::default();
        for database in databases {
            zone.set(database, &exchange(database).from);
        }
        zone
    }

    fn set(&mut self, database: &Database, records: &RecordSet) {
        let value = |record: &Option<responder_core::world::record::ResourceRecord>| {
            record.as_ref().unwrap().values[0].replace('"', "&quot;")
        };
        self.values.insert(database.record().name.clone(), value(&records.cname));
        self.values.insert(database.ownership_name(), value(&records.txt));
    }

    fn answer(&mut self, request: &Request) -> Reply {
        if !is_change(request) {
            let all = |(name, value): (&String, &String)| {
                let kind = if name.starts_with('_') { "TXT" } else { "CNAME" };
                entry(name, kind, value)
            };
            return listing(&self.values.iter().map(all).collect::<String>(), None);
        }
        let body = request.text();
        if let Some((_, reply)) = self.poison.as_ref().filter(|(text, _)| body.contains(text)) {
            return reply.clone();
        }
        let between = |text: &str, tag: &str| {
            let after = text.split_once(&format!("<{tag}>")).unwrap().1;
            after.split_once("</").unwrap().0.to_owned()
        };
        let mut after = self.values.clone();
        let changes: Vec<&str> = body.split("<Change>").skip(1).collect();
        for change in &changes {
            let (name, value) = (between(change, "Name"), between(change, "Value"));
            let fits = if between(change, "Action") == "DELETE" {
                after.remove(&name) == Some(value)
            } else {
                after.insert(name, value).is_none()
            };
            if !fits {
                return invalid(MISMATCH);
            }
        }
        self.batches.push(changes.len());
        self.values = after;
        Reply::ok(ACCEPTED)
    }
}

async fn go_all(
    zone: Zone,
    all: &[Database],
) -> (Vec<Result<Exchanged, PortError>>, Arc<Mutex<Zone>>, Service) {
    let zone = Arc::new(Mutex::new(zone));
    let shared = Arc::clone(&zone);
    let service = Service::new(move |request| shared.lock().unwrap().answer(request));
    let ports = ports(&service);
    let moves: Vec<Exchange> = all.iter().map(exchange).collect();
    let calls = all.iter().zip(&moves).map(|(database, exchange)| ports.exchange(database, exchange));
    (join_all(calls).await, zone, service)
}

#[tokio::test(start_paused = true)]
async fn moves_of_one_zone_share_batches_within_its_limits() {
    let all = databases(200);
    let (answers, zone, service) = go_all(Zone::of(&all), &all).await;
    assert!(answers.iter().all(|answer| matches!(answer, Ok(Exchanged::Accepted))));
    let batches = zone.lock().unwrap().batches.clone();
    assert_eq!(batches.iter().sum::<usize>(), 800);
    assert_eq!(batches.len(), 2);
    for request in service.asked() {
        let values = request.text().replace("&quot;", "\"");
        let values: Vec<&str> =
            values.split("<Value>").skip(1).map(|rest| rest.split_once("</Value>").unwrap().0).collect();
        assert!(values.len() <= 1_000 && values.iter().map(|value| value.len()).sum::<usize>() <= 32_000);
    }
}

#[tokio::test(start_paused = true)]
async fn a_move_that_lost_its_fence_takes_no_other_along() {
    let all = databases(30);
    let mut zone = Zone::of(&all);
    zone.set(&all[11], &records(&all[11], 8, &seoul()));
    zone.set(&all[17], &exchange(&all[17]).to);
    let (answers, _, service) = go_all(zone, &all).await;
    for (number, answer) in answers.into_iter().enumerate() {
        let expected = if number == 11 { Exchanged::FenceLost } else { Exchanged::Accepted };
        assert_eq!(answer.unwrap(), expected, "{number}");
    }
    assert_eq!(service.asked().iter().filter(|request| is_change(request)).count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_refused_for_one_name_is_halved_until_the_others_stand() {
    for (reply, kind) in [
        (invalid("RRSet is not permitted in zone"), FailureKind::Refused),
        (Reply::route53_error(403, "AccessDenied"), FailureKind::Refused),
    ] {
        let all = databases(16);
        for bad in [0, 5, 15] {
            let mut zone = Zone::of(&all);
            zone.poison = Some((format!("writer.todo{bad:03}.internal"), reply.clone()));
            let (answers, _, service) = go_all(zone, &all).await;
            for (number, answer) in answers.into_iter().enumerate() {
                match answer {
                    Ok(exchanged) => assert_eq!((exchanged, number != bad), (Exchanged::Accepted, true)),
                    Err(error) => assert_eq!((error.kind, number), (kind, bad), "{error}"),
                }
            }
            // All sixteen, and two halves of each of four that were refused.
            assert_eq!(service.asked().iter().filter(|request| is_change(request)).count(), 9, "{bad}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_does_not_exist_is_asked_once() {
    let all = databases(16);
    let service = Service::scripted(vec![Reply::route53_error(404, "NoSuchHostedZone")]);
    let ports = ports(&service);
    let moves: Vec<Exchange> = all.iter().map(exchange).collect();
    let calls = all.iter().zip(&moves).map(|(database, exchange)| ports.exchange(database, exchange));
    assert!(join_all(calls).await.iter().all(Result::is_err));
    assert_eq!(service.asked().len(), 1);
}
