//! What only `failover` calls: its journal, the topic, and the one call that can lose data.

#![allow(clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use responder_core::answer::readiness::ReadinessKind;
use responder_core::config::Database;
use responder_core::config::FailoverMode;
use responder_core::judge::case::Case;
use responder_core::judge::permit::Authorized;
use responder_core::judge::policy::{Action, judge};
use responder_core::ports::failover::{Journals, Readinesses, StartFailover};
use responder_core::ports::{Notices, PortError};
use responder_core::words::failure::FailureKind;
use responder_core::words::names::Epoch;
use responder_core::words::notice::Notice;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::{AlarmReading, AlarmState};
use responder_core::world::attempt::{Attempt, Journal, Kept, Started};
use responder_core::world::evidence::{Base, RegionParameters};
use responder_core::world::evidence::{Evidence, Seen};
use responder_core::world::facts::{ClusterFacts, Facts, GlobalFacts, InstanceFacts};
use responder_core::world::lag::Lag;
use responder_core::world::publication::Published;
use responder_core::world::readiness::Readiness;
use responder_core::world::topology::RegionView;

use crate::service::{Reply, Service};
use crate::world::{OSAKA_ARN, PREFIX, SEOUL_ARN, configuration, database, osaka, ports, seoul};

const ALARM: &str = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo-dead";
const WRITER_ALARM: &str = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo-writer";
const TOPIC: &str = "arn:aws:sns:ap-northeast-3:123456789012:todo-failover";

fn now() -> Timestamp {
    "2026-11-22T22:31:04Z".parse().unwrap()
}

/// What the policy gives for a case in which every check passes; nothing else makes one.
fn authorized() -> Authorized {
    let mut json: serde_json::Value = serde_json::from_str(&configuration("todo", &[ALARM])).unwrap();
    json["failover"]["mode"] = "automatic".into();
    json["failover"]["writer_alarms"] = vec![WRITER_ALARM].into();
    let database = Database::parse(PREFIX, &"todo".parse().unwrap(), &json.to_string(), &osaka()).unwrap();
    assert_eq!(database.failover().mode, FailoverMode::Automatic);
    let version = Some("16.8".to_owned());
    let instance = InstanceFacts { status: "available".to_owned(), ..InstanceFacts::default() };
    let facts = Facts {
        global: Some(GlobalFacts {
            members: vec![(SEOUL_ARN.to_owned(), true), (OSAKA_ARN.to_owned(), false)],
            failover_status: None,
            engine_version: version.clone(),
            synchronization: BTreeMap::from([(OSAKA_ARN.to_owned(), "connected".to_owned())]),
        }),
        cluster: Some(ClusterFacts {
            status: "available".to_owned(),
            endpoint: Some("osaka.example".to_owned()),
            port: Some(5432),
            is_replica: true,
            engine_version: version,
            serverless_acu: None,
            instances: vec![instance],
        }),
    };
    let published = Published {
        epoch: Epoch(7),
        writer: seoul(),
        endpoint: "seoul.example".to_owned(),
        at: now().plus_ms(-7_200_000),
    };
    let evidence = Evidence {
        base: Base::Known(published),
        parameters: [(osaka(), Seen::Got(RegionParameters::default()))].into(),
        views: [(osaka(), Seen::Got(RegionView::new(&database, &osaka(), &facts)))].into(),
        ..Evidence::default()
    };
    let alarm = AlarmReading::known(AlarmState::Alarm, Some(now()));
    let readings = BTreeMap::from([ALARM, WRITER_ALARM].map(|arn| (arn.to_owned(), alarm.clone())));
    let case = Case {
        database: &database,
        own: &osaka(),
        candidate: &osaka(),
        evidence: &evidence,
        readings: &readings,
        cloudwatch: &Seen::NotYet,
        lag: &Seen::Got(vec![Lag::of_minute(80, now().plus_ms(-420_000))].into()),
        journal: &Seen::Got(Journal::default()),
        now: now(),
    };
    match judge(case) {
        responder_core::judge::policy::Judgement { action: Action::Start(authorized), .. } => authorized,
        other => panic!("{other:?}"),
    }
}

const TAKEN: &str = "<FailoverGlobalClusterResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><FailoverGlobalClusterResult>\
     <GlobalCluster><GlobalClusterIdentifier>todo</GlobalClusterIdentifier></GlobalCluster>\
     </FailoverGlobalClusterResult></FailoverGlobalClusterResponse>";

async fn start(service: &Service) -> Result<(), PortError> {
    ports(service).start_failover(&authorized()).await
}

#[tokio::test(start_paused = true)]
async fn a_failover_is_asked_for_once_in_the_targets_region_with_data_loss_allowed() {
    let service = Service::scripted(vec![Reply::ok(TAKEN)]);
    start(&service).await.unwrap();
    let asked = service.asked();
    let [request] = asked.as_slice() else { panic!("{asked:?}") };
    assert!(
        request.is("FailoverGlobalCluster") && request.line.contains("rds.ap-northeast-3."),
        "{request:?}"
    );
    assert!(request.has("GlobalClusterIdentifier=todo") && request.has("AllowDataLoss=true"));
    assert!(
        request.has("TargetDbClusterIdentifier=arn%3Aaws%3Ards%3Aap-northeast-3")
            && !request.has("Switchover")
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_got_lost_is_never_asked_for_again() {
    for trouble in [Reply::Never, Reply::NoConnection, Reply::rds_error(503, "InternalFailure")] {
        let service = Service::scripted(vec![trouble.clone()]);
        let error = start(&service).await.unwrap_err();
        assert_eq!(service.count("FailoverGlobalCluster"), 1, "{trouble:?}");
        assert_ne!(error.kind, FailureKind::Refused, "{error}: nobody knows whether it was taken");
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_says_that_nothing_was_started_so_it_is_asked_again() {
    let throttled = || Reply::rds_error(400, "Throttling");
    let service = Service::scripted(vec![throttled(), throttled(), Reply::ok(TAKEN)]);
    start(&service).await.unwrap();
    assert_eq!(service.count("FailoverGlobalCluster"), 3);
    let service = Service::scripted(vec![throttled()]);
    assert_eq!(start(&service).await.unwrap_err().kind, FailureKind::Refused);
    assert_eq!(service.count("FailoverGlobalCluster"), 4);
}

#[tokio::test(start_paused = true)]
async fn every_documented_fault_is_a_refusal_in_rdss_own_words() {
    for fault in [
        "GlobalClusterNotFoundFault",
        "InvalidGlobalClusterStateFault",
        "InvalidDBClusterStateFault",
        "DBClusterNotFoundFault",
        "AccessDenied",
    ] {
        let error = start(&Service::scripted(vec![Reply::rds_error(400, fault)])).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Refused, "{error}");
        assert!(error.to_string().contains(&format!("{fault}: the words of {fault}")), "{error}");
    }
}

fn parameter(value: &str) -> Reply {
    let parameter = serde_json::json!({ "Name": "n", "Type": "String", "Value": value, "Version": 12 });
    Reply::ok(serde_json::json!({ "Parameter": parameter }).to_string())
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_is_not_there_is_empty_and_one_that_cannot_be_read_is_an_error() {
    let read = |reply| async {
        let service = Service::scripted(vec![reply]);
        ports(&service).read_journal(&database("todo")).await
    };
    assert_eq!(read(Reply::json_error(400, "ParameterNotFound")).await.unwrap(), Kept::default());
    let attempt = Attempt {
        at: now(),
        target: osaka(),
        epoch: Epoch(7),
        started: Started::Accepted,
        quiet: None,
        by: None,
    };
    let journal = Journal { attempt: Some(attempt), ..Journal::default() };
    let kept = Kept { journal: journal.clone(), version: 12 };
    assert_eq!(read(parameter(&journal.to_json())).await.unwrap(), kept);
    let bare = Reply::ok(r#"{"Parameter":{"Name":"n","Type":"String","Value":"{}"}}"#);
    assert_eq!(read(bare).await.unwrap_err().kind, FailureKind::Malformed, "a version tells who wrote last");
    let rubbish = read(parameter("soon")).await.unwrap_err();
    assert_eq!(rubbish.kind, FailureKind::Refused);
    assert!(rubbish.to_string().contains("/failover-responder/attempt/todo in ap-northeast-3"), "{rubbish}");
    for trouble in [Reply::Never, Reply::json_error(400, "AccessDeniedException"), Reply::ok("{}")] {
        assert!(read(trouble.clone()).await.is_err(), "{trouble:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_journals_write_says_which_version_it_made() {
    let service = Service::scripted(vec![Reply::ok(r#"{"Version":13}"#)]);
    let version = ports(&service).put_journal(&database("todo"), &Journal::default()).await;
    assert_eq!(version.unwrap(), 13);
    let request = &service.asked()[0];
    assert!(request.is("PutParameter") && request.has("/failover-responder/attempt/todo"), "{request:?}");
    assert!(request.line.contains("ssm.ap-northeast-3."), "{request:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_look_ahead_found_is_read_in_any_region_and_written_in_the_own_one() {
    let readiness = Readiness {
        at: now(),
        epoch: Epoch(7),
        verdict: ReadinessKind::Ready,
        since: now(),
        obstacles: Vec::new(),
        told: None,
    };
    let replies =
        vec![parameter(&readiness.to_json()), parameter("soon"), Reply::json_error(400, "ParameterNotFound")];
    let service = Service::scripted(replies);
    let ports = ports(&service);
    let mut read = Vec::new();
    for _ in 0..3 {
        let kept = ports.read_readiness(&database("todo"), &"ap-northeast-2".parse().unwrap()).await.unwrap();
        read.push((kept.readiness, kept.version));
    }
    assert_eq!(
        read,
        [(Some(readiness.clone()), 12), (None, 12), (None, 0)],
        "rubbish only says when to look"
    );
    assert!(
        service.asked().iter().all(|it| it.line.contains("ssm.ap-northeast-2.") && it.has("/readiness/todo"))
    );
    let service = Service::scripted(vec![Reply::ok(r#"{"Version":13}"#)]);
    assert_eq!(self::ports(&service).put_readiness(&database("todo"), &readiness).await.unwrap(), 13);
    let request = &service.asked()[0];
    assert!(request.is("PutParameter") && request.has("/failover-responder/readiness/todo"), "{request:?}");
    assert!(request.line.contains("ssm.ap-northeast-3."), "{request:?}");
}

#[tokio::test(start_paused = true)]
async fn a_notice_goes_to_the_topics_own_region() {
    let answer = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
         <MessageId>m</MessageId></PublishResult></PublishResponse>";
    let service = Service::scripted(vec![Reply::ok(answer)]);
    let notice = Notice::urgent("todo: look", "every check");
    ports(&service).publish(&TOPIC.replace("northeast-3", "northeast-1"), &notice).await.unwrap();
    let asked = service.asked();
    assert!(asked[0].line.contains("sns.ap-northeast-1.") && asked[0].has("URGENT"), "{asked:?}");
    let denied = Service::scripted(vec![Reply::rds_error(403, "AuthorizationError")]);
    let error = ports(&denied).publish(TOPIC, &notice).await.unwrap_err();
    assert!(error.to_string().starts_with("sns:Publish to arn:aws:sns:ap-northeast-3"), "{error}");
}
