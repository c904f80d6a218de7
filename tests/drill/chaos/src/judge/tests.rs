//! Each thing that a cell has to show, spoiled alone: the judge says so.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use drill_cloud::Region;
use drill_cloud::front::{Call as Asked, Change, Entry, Outcome, RecordChange};
use drill_cloud::installation::{EPOCH, PARAMETER, RECORD, STATE, endpoint};
use serde_json::{Value, json};

use super::judge;
use crate::call::{Call, Place};
use crate::fault::Chaos;
use crate::scene::Scene;
use crate::seen::Seen;
use crate::woken::Invoked;

fn entry(service: &str, operation: &str, status: u16, after_ms: u64, change: Option<Change>) -> Arc<Entry> {
    let received = Instant::now() + Duration::from_millis(after_ms);
    let region = (service != "route53").then_some(Region::Osaka);
    let call = Asked {
        region,
        signed_for: region.map_or("us-east-1", Region::id).to_owned(),
        service: service.to_owned(),
        operation: operation.to_owned(),
        write: true,
    };
    let outcome = Outcome::Answered;
    Arc::new(Entry {
        call,
        received,
        ended: received,
        at_ms: after_ms,
        outcome,
        status: Some(status),
        change,
    })
}

fn record(region: Region) -> Arc<Entry> {
    let change = RecordChange {
        action: "CREATE".into(),
        name: RECORD.into(),
        kind: "CNAME".into(),
        ttl_seconds: Some(5),
        values: vec![endpoint(region)],
    };
    entry("route53", "ChangeResourceRecordSets", 200, 0, Some(Change::Records(vec![change])))
}

fn put(name: &str, value: &str) -> Arc<Entry> {
    let change = Change::Parameter { name: name.to_owned(), value: Some(value.to_owned()) };
    entry("ssm", "PutParameter", 200, 0, Some(change))
}

fn start(status: u16, after_ms: u64) -> Arc<Entry> {
    entry("rds", "FailoverGlobalCluster", status, after_ms, None)
}

fn invoked(payload: Value, failed: bool) -> Invoked {
    Invoked { what: "failover".into(), ended: Some(Instant::now()), payload, failed }
}

/// An outage that ended as it has to, with a call that failed.
fn good() -> Seen {
    let stands = |region| (region, Some(endpoint(Region::Osaka)), Some(EPOCH + 1));
    Seen {
        scene: Scene::Outage,
        disturbed: Some((Call::new("rds", "FailoverGlobalCluster", Place::New), Chaos::Throttled)),
        met: 1,
        calls: BTreeSet::new(),
        entries: vec![
            start(400, 0),
            start(200, 200),
            record(Region::Osaka),
            put(PARAMETER, &endpoint(Region::Osaka)),
        ],
        published: Some((Duration::from_secs(3), 0)),
        invoked: vec![invoked(json!({ "results": [{ "decision": "publish" }] }), false)],
        record: Some((endpoint(Region::Osaka), EPOCH + 1)),
        parameters: Region::ALL.map(stands),
        mail: vec!["todo: failed over to ap-northeast-3 from ap-northeast-2 in 2.100 s".into()],
        late_writes: Vec::new(),
        slowest: Duration::ZERO,
    }
}

type Spoil = fn(&mut Seen);

const SPOILS: [(&str, Spoil); 20] = [
    ("not by the invocation that was told to wait", |it| {
        it.disturbed = Some((Call::new("rds", "DescribeDBClusters", Place::New), Chaos::Unavailable));
        it.published = Some((Duration::from_secs(11), 1));
        it.scene = Scene::Switchover;
    }),
    ("no call met the fault", |it| it.met = 0),
    ("not published within", |it| it.published = None),
    ("in the end the record is", |it| it.record = Some((endpoint(Region::Seoul), EPOCH + 1))),
    ("in the end the record is", |it| it.record = Some((endpoint(Region::Osaka), EPOCH + 2))),
    ("in the end Seoul's parameter", |it| it.parameters[0].1 = Some(endpoint(Region::Seoul))),
    ("in the end Osaka's state", |it| it.parameters[1].2 = Some(EPOCH)),
    ("the record was changed to", |it| it.entries.push(record(Region::Osaka))),
    ("the record was changed to", |it| it.entries[2] = record(Region::Seoul)),
    ("RDS started 2 failovers", |it| it.entries.push(start(200, 90_000))),
    ("RDS started 0 failovers", |it| it.entries[1] = start(400, 200)),
    ("whose end nobody knew", |it| it.disturbed = it.disturbed.map(|(call, _)| (call, Chaos::Unavailable))),
    ("Osaka's parameter was written", |it| it.entries.push(put(PARAMETER, &endpoint(Region::Seoul)))),
    ("Osaka's state was of epochs", |it| {
        it.entries.extend([8, 7].map(|epoch| put(STATE, &json!({ "epoch": epoch }).to_string())));
    }),
    ("no message", |it| it.mail.clear()),
    ("came 2 times", |it| {
        it.mail.push("todo: failed over to ap-northeast-3 from ap-northeast-2 in 9.900 s".into());
    }),
    ("it never ended", |it| it.invoked[0].ended = None),
    ("Task timed out", |it| {
        it.invoked.push(invoked(json!({ "errorMessage": "Task timed out after 9 s" }), true));
    }),
    ("\"error\"", |it| it.invoked.push(invoked(json!({ "results": [{ "decision": "error" }] }), false))),
    ("the last of all ticks still wrote", |it| it.late_writes.push("sns:Publish@new".into())),
];

#[test]
fn what_ended_as_it_has_to_passes_and_each_spoiled_thing_is_said() {
    assert_eq!(judge(&good()), Vec::<String>::new());
    for (sentence, spoil) in SPOILS {
        let mut seen = good();
        spoil(&mut seen);
        let wrong = judge(&seen);
        assert!(wrong.iter().any(|it| it.contains(sentence)), "{sentence}: {wrong:?}");
    }
}

#[test]
fn what_may_be_repeated_passes() {
    let mut later = good();
    later.disturbed = later.disturbed.map(|(call, _)| (call, Chaos::Unavailable));
    later.entries[1] = start(200, 61_000);
    assert_eq!(judge(&later), Vec::<String>::new(), "asked again after a minute");
    let mut told = good();
    told.disturbed = Some((Call::new("sns", "Publish", Place::New), Chaos::Lost));
    told.entries.remove(0);
    told.mail.push(told.mail[0].clone());
    assert_eq!(judge(&told), Vec::<String>::new(), "its answer was lost");
    let mut failed = good();
    let error = json!({ "errorType": "NotPublished", "errorMessage": "todo: could not publish the record" });
    failed.invoked.push(invoked(error, true));
    assert_eq!(judge(&failed), Vec::<String>::new(), "it failed with a sentence");
}

/// A question to a probe: its status, none where it was never answered, and when it ended, in milliseconds.
type Question = (Option<u16>, u64);

const WORD: fn(u64) -> Question = |ms| (Some(200), ms);
const SILENT: fn(u64) -> Question = |ms| (None, ms);

/// A move by the word of probes: the questions, and when the record was changed.
fn asked(scene: Scene, questions: &[Question], moved_ms: u64) -> Vec<String> {
    let question = |(status, ms): &Question| {
        let it = entry("lambda", "Invoke", status.unwrap_or(0), *ms, None);
        let outcome = if status.is_some() { Outcome::Answered } else { Outcome::BlackHoled };
        Arc::new(Entry { outcome, status: *status, ..Arc::unwrap_or_clone(it) })
    };
    let mut seen = good();
    seen.scene = scene;
    seen.disturbed = Some((Call::new("lambda", "Invoke", Place::New), Chaos::Hang));
    let starts = usize::from(scene.has_alarms());
    let questions: Vec<_> = questions.iter().map(question).collect();
    let change = record(Region::Osaka);
    let received = change.received + Duration::from_millis(moved_ms);
    let change = Arc::new(Entry { received, ended: received, ..Arc::unwrap_or_clone(change) });
    let put = put(PARAMETER, &endpoint(Region::Osaka));
    let started = (0..starts).map(|_| start(200, 0));
    seen.entries = questions.into_iter().chain(started).chain([change, put]).collect();
    judge(&seen)
}

#[test]
fn a_probes_no_holds_the_record_and_its_silence_does_not() {
    let (recovery, outage) = (Scene::Recovery, Scene::ProbedOutage);
    // The words are no, no, no, yes; and no, no, null.
    let all = [0, 1_000, 2_000, 3_000].map(WORD);
    for (scene, questions, moved_ms, wrong) in [
        (recovery, [&[SILENT(0)], &all[..]].concat(), 4_000, None),
        (recovery, all[..3].to_vec(), 4_000, Some("though a probe had just said that it takes no writes")),
        (recovery, [&all[..3], &[SILENT(3_500)]].concat(), 4_000, Some("without a yes")),
        (recovery, vec![SILENT(0)], 1_000, Some("the cell proves nothing")),
        (recovery, Vec::new(), 1_000, Some("and no probe had been asked")),
        (recovery, all.to_vec(), 11_000, Some("11 s after the first question")),
        (outage, vec![SILENT(0)], 1_000, None),
        (outage, all[..3].to_vec(), 3_000, None),
        (outage, all[..2].to_vec(), 3_000, Some("takes no writes")),
        (outage, vec![SILENT(0)], 11_000, Some("11 s after the first question")),
    ] {
        let said = asked(scene, &questions, moved_ms);
        match wrong {
            None => assert_eq!(said, Vec::<String>::new(), "{questions:?}"),
            Some(wrong) => assert!(said.iter().any(|it| it.contains(wrong)), "{wrong}: {said:?}"),
        }
    }
}
