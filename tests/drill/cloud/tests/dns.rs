//! DNS answers follow the emulated Route 53 and lead to the servers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use drill_cloud::{
    Cloud, Region, SeedRecord,
    aurora::Names,
    front::{Fault, Scope},
};
use hickory_resolver::{
    Resolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts},
    net::runtime::TokioRuntimeProvider,
};
use support::{cloud, eventually};

const NAME: &str = "writer.db.todo.internal";

fn resolver(cloud: &Cloud, tcp: bool) -> Resolver<TokioRuntimeProvider> {
    let mut connection = if tcp { ConnectionConfig::tcp() } else { ConnectionConfig::udp() };
    connection.port = cloud.dns.address().port();
    let server = NameServerConfig::new(cloud.dns.address().ip(), true, vec![connection]);
    let config = ResolverConfig::from_parts(None, vec![], vec![server]);
    let mut options = ResolverOpts::default();
    options.cache_size = 0;
    Resolver::builder_with_config(config, TokioRuntimeProvider::default())
        .with_options(options)
        .build()
        .unwrap()
}

async fn addresses(resolver: &Resolver<TokioRuntimeProvider>, name: &str) -> Vec<IpAddr> {
    resolver.lookup_ip(name).await.map(|found| found.iter().collect()).unwrap_or_default()
}

async fn move_to(cloud: &Cloud, zone: &str, from: Region, to: Region) {
    use aws_sdk_route53::types::{
        Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType,
    };
    let change = |action, region| {
        let record = ResourceRecord::builder().value(Names::of(region).endpoint()).build().unwrap();
        let set =
            ResourceRecordSet::builder().name(NAME).r#type(RrType::Cname).ttl(5).resource_records(record);
        Change::builder().action(action).resource_record_set(set.build().unwrap()).build().unwrap()
    };
    let changes = vec![change(ChangeAction::Delete, from), change(ChangeAction::Create, to)];
    let batch = ChangeBatch::builder().set_changes(Some(changes)).build().unwrap();
    let route53 = cloud.clients().route53();
    route53.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_is_chased_to_the_writer_and_follows_it() {
    let cloud = cloud(Arc::default()).await;
    let (udp, tcp) = (resolver(&cloud, false), resolver(&cloud, true));
    assert_eq!(addresses(&udp, &Names::of(Region::Osaka).endpoint()).await, [IpAddr::from([127, 0, 2, 1])]);
    let zone = cloud.seed().zone("todo.internal").await.unwrap();
    cloud
        .seed()
        .records(&zone, &[SeedRecord::cname(NAME, 5, Names::of(Region::Seoul).endpoint())])
        .await
        .unwrap();
    eventually("the record is there", || async {
        addresses(&udp, NAME).await == [IpAddr::from([127, 0, 1, 1])]
    })
    .await;
    assert_eq!(addresses(&tcp, NAME).await, [IpAddr::from([127, 0, 1, 1])]);
    let mut changes = cloud.dns.changes();
    // Route 53's control plane fails, its data plane does not.
    let moved = Instant::now();
    move_to(&cloud, &zone, Region::Seoul, Region::Osaka).await;
    let fault = cloud.front.inject(Scope::service("route53"), Fault::BlackHole);
    let change = tokio::time::timeout(Duration::from_secs(2), changes.recv()).await.unwrap().unwrap();
    assert_eq!((change.name.as_str(), change.kind.as_str()), (NAME, "CNAME"));
    assert_eq!(change.values, [Names::of(Region::Osaka).endpoint()]);
    assert!(change.at.duration_since(moved) >= Duration::from_millis(200), "not before it has propagated");
    assert_eq!(addresses(&udp, NAME).await, [IpAddr::from([127, 0, 2, 1])]);
    cloud.front.heal(fault);
    cloud.dns.set_propagation(Duration::from_millis(800));
    let moved = Instant::now();
    move_to(&cloud, &zone, Region::Osaka, Region::Seoul).await;
    let change = tokio::time::timeout(Duration::from_secs(3), changes.recv()).await.unwrap().unwrap();
    assert!(change.at.duration_since(moved) >= Duration::from_millis(800), "it takes longer from now on");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_answered_and_absent_names_denied() {
    let cloud = cloud(Arc::default()).await;
    let resolver = resolver(&cloud, false);
    let zone = cloud.seed().zone("todo.internal").await.unwrap();
    let owner = "heritage=failover-responder,owner=/failover-responder,database=todo,epoch=7";
    let text = SeedRecord::txt(format!("_failover-responder.{NAME}"), 5, owner);
    cloud.seed().records(&zone, std::slice::from_ref(&text)).await.unwrap();
    eventually("the text is there", || async { resolver.txt_lookup(text.name.as_str()).await.is_ok() }).await;
    let found = resolver.txt_lookup(text.name.as_str()).await.unwrap();
    let texts: Vec<String> = found.answers().iter().map(|record| record.data.to_string()).collect();
    assert_eq!(texts, [owner]);
    assert!(cloud.seed().read_records(&zone).await.unwrap().contains(&text));
    let absent = resolver.lookup_ip("nothing.todo.internal").await.unwrap_err();
    assert!(absent.is_nx_domain(), "{absent}");
}
