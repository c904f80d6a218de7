//! The front before the real emulator: faults, the journal, and the compare-and-swap batch.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::{sync::Arc, time::Duration};

use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType};
use drill_cloud::{
    Cloud, Region, SeedRecord,
    front::{Change as Published, Fault, Outcome, Scope},
};
use support::{cloud, eventually};

const NAME: &str = "writer.db.todo.internal";

fn change(action: ChangeAction, value: &str) -> Change {
    let record = ResourceRecord::builder().value(value).build().unwrap();
    let set = ResourceRecordSet::builder().name(NAME).r#type(RrType::Cname).ttl(5).resource_records(record);
    Change::builder().action(action).resource_record_set(set.build().unwrap()).build().unwrap()
}

async fn swap(cloud: &Cloud, zone: &str, old: &str, new: &str) -> Result<(), aws_sdk_route53::Error> {
    let changes = vec![change(ChangeAction::Delete, old), change(ChangeAction::Create, new)];
    let batch = ChangeBatch::builder().set_changes(Some(changes)).build().unwrap();
    let route53 = cloud.clients().route53();
    route53.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch).send().await?;
    Ok(())
}

async fn zone(cloud: &Cloud) -> String {
    let zone = cloud.seed().zone("todo.internal").await.unwrap();
    let record = SeedRecord::cname(NAME, 5, "a.internal");
    cloud.seed().records(&zone, &[record]).await.unwrap();
    zone
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_delete_is_refused_and_the_journal_tells_who_won() {
    let cloud = cloud(Arc::default()).await;
    let zone = zone(&cloud).await;
    assert!(cloud.front.journal().entries().is_empty(), "the seed goes past the front");
    swap(&cloud, &zone, "a.internal", "b.internal").await.unwrap();
    let lost = swap(&cloud, &zone, "a.internal", "c.internal").await.unwrap_err();
    assert!(matches!(lost, aws_sdk_route53::Error::InvalidChangeBatch(_)), "{lost:?}");
    let entries = cloud.front.journal().entries();
    let [won, lost] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!(
        (won.call.operation.as_str(), won.call.write, won.applied(), lost.applied()),
        ("ChangeResourceRecordSets", true, true, false)
    );
    assert_eq!(won.change.as_ref().unwrap().created(NAME, "CNAME"), ["b.internal"]);
    assert_eq!(lost.status, Some(400));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_applied_and_heard_by_nobody() {
    let cloud = cloud(Arc::default()).await;
    let zone = zone(&cloud).await;
    let scope = Scope::service("route53").only("ChangeResourceRecordSets");
    cloud.front.inject_times(scope, Fault::LostAnswer, 1);
    // The SDK's own retry meets its own success.
    let retried = swap(&cloud, &zone, "a.internal", "b.internal").await.unwrap_err();
    assert!(matches!(retried, aws_sdk_route53::Error::InvalidChangeBatch(_)), "{retried:?}");
    let entries = cloud.front.journal().entries();
    assert_eq!((entries[0].outcome, entries[0].applied()), (Outcome::AnswerLost, true));
    assert_eq!((entries[1].outcome, entries[1].applied()), (Outcome::Answered, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_region_swallows_and_the_other_goes_on() {
    let cloud = cloud(Arc::default()).await;
    cloud.seed().parameter("/todo/database/writer", "a").await.unwrap();
    cloud.cut_region(Region::Seoul);
    let clients = cloud.clients();
    let read = |region| {
        let ssm = clients.ssm(region);
        async move { ssm.get_parameter().name("/todo/database/writer").send().await }
    };
    assert_eq!(read(Region::Osaka).await.unwrap().parameter().unwrap().value(), Some("a"));
    let hanging = tokio::spawn(read(Region::Seoul));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!hanging.is_finished());
    clients.route53().list_hosted_zones().send().await.unwrap();
    cloud.reconnect_region(Region::Seoul);
    // Hung up on, it tries again and is served.
    assert!(hanging.await.unwrap().is_ok());
    let swallowed =
        |entry: &drill_cloud::front::Entry| entry.outcome == Outcome::BlackHoled && entry.status.is_none();
    assert!(cloud.front.journal().entries().iter().any(|entry| swallowed(entry)));
}

#[tokio::test(flavor = "multi_thread")]
async fn regions_are_isolated_and_puts_are_told() {
    let cloud = cloud(Arc::default()).await;
    let mut feed = cloud.front.journal().subscribe();
    let osaka = cloud.clients().ssm(Region::Osaka);
    let put = osaka.put_parameter().name("/p").value("x").r#type(aws_sdk_ssm::types::ParameterType::String);
    put.send().await.unwrap();
    let told = feed.recv().await.unwrap();
    let published = Published::Parameter { name: "/p".into(), value: Some("x".into()) };
    assert_eq!(
        (told.call.region, told.change.as_ref(), told.applied()),
        (Some(Region::Osaka), Some(&published), true)
    );
    assert_eq!(cloud.seed().read_parameter(Region::Osaka, "/p").await.unwrap().as_deref(), Some("x"));
    assert_eq!(cloud.seed().read_parameter(Region::Seoul, "/p").await.unwrap(), None);
    assert_eq!(cloud.front.journal().writes_since(cloud.front.journal().started()).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_protocol_fails_in_its_own_shape() {
    let cloud = cloud(Arc::default()).await;
    let scope = |service: &str| Scope::service(service);
    for (service, code) in
        [("ssm", "InternalServerError"), ("route53", "Throttling"), ("rds", "InvalidGlobalClusterStateFault")]
    {
        cloud.front.inject(scope(service), Fault::Fail { status: 400, code: code.into() });
    }
    let clients = cloud.clients();
    let ssm = clients.ssm(Region::Seoul).get_parameter().name("/p").send().await.unwrap_err();
    assert!(ssm.into_service_error().is_internal_server_error());
    let route53 = clients.route53().list_hosted_zones().send().await.unwrap_err();
    assert_eq!(aws_sdk_route53::error::ProvideErrorMetadata::code(&route53), Some("Throttling"));
    let rds = support::rds(&clients, Region::Seoul);
    let switchover =
        rds.switchover_global_cluster().global_cluster_identifier("todo").target_db_cluster_identifier("x");
    assert!(
        switchover.send().await.unwrap_err().into_service_error().is_invalid_global_cluster_state_fault()
    );
    cloud.front.heal_all();
    clients.route53().list_hosted_zones().send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_is_not_applied_and_a_delayed_one_is() {
    let cloud = cloud(Arc::default()).await;
    let osaka = cloud.clients().ssm(Region::Osaka);
    let put = |value: &str| {
        osaka
            .put_parameter()
            .name("/p")
            .value(value)
            .overwrite(true)
            .r#type(aws_sdk_ssm::types::ParameterType::String)
            .send()
    };
    let refusing = cloud.front.inject(Scope::region(Region::Osaka), Fault::Refuse);
    put("refused").await.unwrap_err();
    cloud.front.heal(refusing);
    assert_eq!(cloud.seed().read_parameter(Region::Osaka, "/p").await.unwrap(), None);
    cloud.front.inject(Scope::region(Region::Osaka), Fault::Delay(Duration::from_millis(200)));
    // Its caller gives up; the change arrives all the same, as on a slow network.
    assert!(tokio::time::timeout(Duration::from_millis(50), put("late")).await.is_err());
    let seed = cloud.seed();
    eventually("the delayed change is applied", || async {
        seed.read_parameter(Region::Osaka, "/p").await.unwrap().as_deref() == Some("late")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_was_applied_and_a_stale_one_is_of_before() {
    let cloud = cloud(Arc::default()).await;
    cloud.seed().parameter("/p", "old").await.unwrap();
    let (front, seed) = (&cloud.front, cloud.seed());
    let osaka = cloud.clients().ssm(Region::Osaka);
    let get = || async { osaka.get_parameter().name("/p").send().await.unwrap().parameter.unwrap().value };
    front.remember_answers(true);
    assert_eq!(get().await.as_deref(), Some("old"));
    front.remember_answers(false);
    let get_p = || Scope::service("ssm").only("GetParameter");
    let stale = front.inject_for(get_p(), Fault::Stale, Duration::from_millis(200));
    assert_eq!((get().await.as_deref(), front.met(stale)), (Some("old"), 0), "it is no other answer yet");
    let put = Scope::service("ssm").only("PutParameter").about("\"/p\"");
    let cut = front.inject_times(put, Fault::CutOff, 1);
    let kind = aws_sdk_ssm::types::ParameterType::String;
    // The SDK asks again by itself: the one that broke off was applied before.
    let sent = osaka.put_parameter().name("/p").value("new").overwrite(true).r#type(kind).send().await;
    assert_eq!((sent.unwrap().version(), front.met(cut)), (3, 1));
    assert_eq!(front.journal().entries().iter().filter(|it| it.outcome == Outcome::AnswerLost).count(), 1);
    assert_eq!(seed.read_parameter(Region::Osaka, "/p").await.unwrap().as_deref(), Some("new"));
    assert_eq!((get().await.as_deref(), front.met(stale)), (Some("old"), 1));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!((get().await.as_deref(), front.met(stale)), (Some("new"), 1), "its time is over");
}

/// Whoever reads it gets the head, half of the body, and no more.
#[tokio::test(flavor = "multi_thread")]
async fn half_an_answer_is_sent_before_the_connection_ends() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let cloud = cloud(Arc::default()).await;
    cloud.seed().parameter("/p", "x").await.unwrap();
    cloud.front.inject(Scope::service("ssm"), Fault::CutOff);
    let address = cloud.front.endpoint().replace("http://", "");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let body = r#"{"Name":"/p"}"#;
    let request = format!(
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\nx-amz-target: AmazonSSM.GetParameter\r\n\
         content-type: application/x-amz-json-1.1\r\nauthorization: AWS4-HMAC-SHA256 \
         Credential=A/20261127/ap-northeast-3/ssm/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // The end may be a reset.
    drop(stream.read_to_string(&mut answer).await);
    let (head, half) = answer.split_once("\r\n\r\n").unwrap();
    let length =
        head.to_lowercase().split("content-length: ").nth(1).unwrap().lines().next().unwrap().to_owned();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(half.len(), length.parse::<usize>().unwrap() / 2, "{answer}");
}
