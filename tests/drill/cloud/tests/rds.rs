//! The real RDS SDK against the emulated Aurora: every answer is parsed, every fault has its type.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::sync::Arc;

use aws_sdk_rds::{
    error::ProvideErrorMetadata,
    types::{FailoverStatus, GlobalClusterMemberSynchronizationStatus},
};
use drill_cloud::{
    Aurora, Clients, Front, Region, Storage,
    aurora::{Kind, Moment, Names},
};
use support::{FakeStorage, eventually, quick, rds, settled};

/// A front with nothing behind it: no RDS operation that is ours goes to the emulator.
async fn front(storage: Arc<FakeStorage>) -> (Front, Aurora, Clients) {
    let aurora = Aurora::new(storage as Arc<dyn Storage>, Region::Seoul, quick());
    let front = Front::start(None, Arc::new(aurora.clone())).await.unwrap();
    let clients = Clients::new(front.endpoint());
    (front, aurora, clients)
}

fn arn(region: Region) -> String {
    Names::of(region).cluster_arn()
}

#[tokio::test]
async fn the_sdk_reads_a_healthy_global_database() {
    let (_front, _aurora, clients) = front(Arc::default()).await;
    for region in Region::ALL {
        let rds = rds(&clients, region);
        let answer = rds.describe_global_clusters().global_cluster_identifier("todo").send().await.unwrap();
        let [global] = answer.global_clusters() else { panic!("{answer:?}") };
        assert_eq!((global.status(), global.engine_version()), (Some("available"), Some("16.8")));
        assert!(global.failover_state().is_none());
        let [seoul, osaka] = global.global_cluster_members() else { panic!("{global:?}") };
        assert_eq!(
            (seoul.db_cluster_arn(), seoul.is_writer()),
            (Some(arn(Region::Seoul).as_str()), Some(true))
        );
        assert_eq!((seoul.readers(), osaka.is_writer()), ([arn(Region::Osaka)].as_slice(), Some(false)));
        assert_eq!(
            osaka.synchronization_status().map(GlobalClusterMemberSynchronizationStatus::as_str),
            Some("connected")
        );
    }
}

#[tokio::test]
async fn the_sdk_reads_clusters_and_instances() {
    let (_front, _aurora, clients) = front(Arc::default()).await;
    let osaka = rds(&clients, Region::Osaka);
    let by_id = osaka.describe_db_clusters().db_cluster_identifier("todo-osaka").send().await.unwrap();
    let filter =
        |value: &str| aws_sdk_rds::types::Filter::builder().name("db-cluster-id").values(value).build();
    let by_arn = osaka.describe_db_clusters().filters(filter(&arn(Region::Osaka))).send().await.unwrap();
    assert_eq!(by_id.db_clusters(), by_arn.db_clusters());
    let [cluster] = by_id.db_clusters() else { panic!("{by_id:?}") };
    assert_eq!(cluster.status(), Some("available"));
    assert_eq!(cluster.endpoint(), Some("todo-osaka.cluster-drillosaka1.ap-northeast-3.rds.amazonaws.com"));
    assert_eq!(
        cluster.reader_endpoint(),
        Some("todo-osaka.cluster-ro-drillosaka1.ap-northeast-3.rds.amazonaws.com")
    );
    assert_eq!((cluster.port(), cluster.global_cluster_identifier()), (Some(5433), Some("todo")));
    assert_eq!(cluster.replication_source_identifier(), Some(arn(Region::Seoul).as_str()));
    assert_eq!(cluster.db_cluster_members()[0].is_cluster_writer(), Some(false));
    let instances = osaka.describe_db_instances().filters(filter("todo-osaka")).send().await.unwrap();
    assert_eq!(instances.db_instances()[0].db_instance_status(), Some("available"));
    assert_eq!(instances.db_instances()[0].db_cluster_identifier(), Some("todo-osaka"));
    let nothing = osaka.describe_db_clusters().filters(filter("todo-seoul")).send().await.unwrap();
    assert!(nothing.db_clusters().is_empty());
}

#[tokio::test]
async fn each_fault_has_its_type() {
    let (_front, aurora, clients) = front(Arc::default()).await;
    let (seoul, osaka) = (rds(&clients, Region::Seoul), rds(&clients, Region::Osaka));
    let error = seoul.describe_global_clusters().global_cluster_identifier("nope").send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 404);
    assert!(error.into_service_error().is_global_cluster_not_found_fault());
    let error = seoul.describe_db_clusters().db_cluster_identifier("todo-osaka").send().await.unwrap_err();
    assert!(error.into_service_error().is_db_cluster_not_found_fault());
    let switchover = |rds: &aws_sdk_rds::Client, target: String| {
        rds.switchover_global_cluster()
            .global_cluster_identifier("todo")
            .target_db_cluster_identifier(target)
            .send()
    };
    let error = switchover(&seoul, "arn:aws:rds:eu-west-1:123456789012:cluster:x".into()).await.unwrap_err();
    assert!(error.into_service_error().is_db_cluster_not_found_fault());
    let error = switchover(&osaka, arn(Region::Osaka)).await.unwrap_err();
    assert!(error.into_service_error().is_invalid_db_cluster_state_fault(), "called in the wrong Region");
    aurora.set_headless(Region::Osaka, true);
    let error = switchover(&seoul, arn(Region::Osaka)).await.unwrap_err();
    assert!(error.into_service_error().is_invalid_db_cluster_state_fault(), "headless");
    aurora.set_headless(Region::Osaka, false);
    aurora.set_engine_version(Region::Osaka, "15.4");
    let error = switchover(&seoul, arn(Region::Osaka)).await.unwrap_err();
    assert!(error.into_service_error().is_invalid_db_cluster_state_fault(), "other version");
    let both = osaka
        .failover_global_cluster()
        .global_cluster_identifier("todo")
        .target_db_cluster_identifier(arn(Region::Osaka))
        .allow_data_loss(true)
        .switchover(true);
    assert_eq!(both.send().await.unwrap_err().code(), Some("InvalidParameterCombination"));
}

#[tokio::test]
async fn a_second_operation_is_refused_while_one_runs() {
    let storage = FakeStorage { promotion: std::time::Duration::from_secs(1), ..FakeStorage::default() };
    let (_front, aurora, clients) = front(Arc::new(storage)).await;
    let seoul = rds(&clients, Region::Seoul);
    let ask = || {
        let target = arn(Region::Osaka);
        seoul
            .switchover_global_cluster()
            .global_cluster_identifier("todo")
            .target_db_cluster_identifier(target)
            .send()
    };
    let accepted = ask().await.unwrap();
    let state = accepted.global_cluster().unwrap().failover_state().unwrap().clone();
    assert_eq!(state.status().map(FailoverStatus::as_str), Some("pending"));
    assert_eq!(state.to_db_cluster_arn(), Some(arn(Region::Osaka).as_str()));
    assert!(ask().await.unwrap_err().into_service_error().is_invalid_global_cluster_state_fault());
    settled(&aurora).await;
}

#[tokio::test]
async fn a_switchover_plays_in_order_and_ends_clean() {
    let storage = Arc::new(FakeStorage::default());
    let (_front, aurora, clients) = front(Arc::clone(&storage)).await;
    let (mut events, mut notices) = (aurora.events(), aurora.notices());
    aurora.switchover(Region::Osaka).unwrap();
    settled(&aurora).await;
    assert_eq!(
        *storage.calls.lock().unwrap(),
        ["stop Seoul", "receive everything Osaka", "promote Osaka", "rejoin Seoul"]
    );
    let mut seen = Vec::new();
    while let Ok(event) = events.try_recv() {
        seen.push((event.id.trim_start_matches("RDS-EVENT-"), event.region.city()));
    }
    let expected = [
        ("0181", "Seoul"),
        ("0181", "Osaka"),
        ("0182", "Seoul"),
        ("0183", "Osaka"),
        ("0184", "Osaka"),
        ("0184", "Seoul"),
        ("0185", "Osaka"),
        ("0185", "Seoul"),
    ];
    assert_eq!(seen, expected);
    let mut moments = Vec::new();
    while let Ok(notice) = notices.try_recv() {
        moments.push(notice.moment);
    }
    let started = Moment::Started { kind: Kind::Switchover, to: Region::Osaka };
    assert_eq!(
        moments,
        [
            started,
            Moment::Stopped(Region::Seoul),
            Moment::Promoted(Region::Osaka),
            Moment::Rejoined(Region::Seoul),
            Moment::Finished
        ]
    );
    let answer = rds(&clients, Region::Seoul).describe_global_clusters().send().await.unwrap();
    let global = &answer.global_clusters()[0];
    assert!(global.failover_state().is_none());
    assert_eq!(global.global_cluster_members()[1].is_writer(), Some(true));
}

#[tokio::test]
async fn a_failover_leaves_a_dead_writer_alone_until_it_rejoins() {
    let storage = Arc::new(FakeStorage { down: vec![Region::Seoul].into(), ..FakeStorage::default() });
    let (_front, aurora, clients) = front(Arc::clone(&storage)).await;
    let mut events = aurora.events();
    let osaka = rds(&clients, Region::Osaka);
    let failover = osaka.failover_global_cluster().global_cluster_identifier("todo");
    failover.target_db_cluster_identifier(arn(Region::Osaka)).allow_data_loss(true).send().await.unwrap();
    settled(&aurora).await;
    aurora.rejoin(Region::Seoul).await.unwrap();
    assert_eq!(*storage.calls.lock().unwrap(), ["promote Osaka", "rejoin Seoul"]);
    let mut seen = Vec::new();
    while let Ok(event) = events.try_recv() {
        seen.push(event.id);
    }
    assert_eq!(seen, ["RDS-EVENT-0238", "RDS-EVENT-0391", "RDS-EVENT-0240", "RDS-EVENT-0241"]);
}

/// AWS takes it when the old writer comes back, and only then; a copy is made of what is available, once.
#[tokio::test]
async fn an_old_writers_volume_is_kept_in_a_snapshot_that_can_be_copied() {
    let (_front, aurora, clients) = front(Arc::default()).await;
    aurora.switchover(Region::Osaka).unwrap();
    settled(&aurora).await;
    aurora.failover(Region::Seoul).unwrap();
    settled(&aurora).await;
    assert!(aurora.snapshots(Region::Seoul).is_empty() && aurora.snapshots(Region::Osaka).is_empty());
    aurora.set_snapshot_time(std::time::Duration::from_millis(200));
    aurora.rejoin(Region::Osaka).await.unwrap();
    let rds = rds(&clients, Region::Osaka);
    let listed = || rds.describe_db_cluster_snapshots().db_cluster_identifier("todo-osaka").send();
    let [original] = listed().await.unwrap().db_cluster_snapshots.unwrap().try_into().unwrap();
    let name = original.db_cluster_snapshot_identifier().unwrap().to_owned();
    assert!(name.starts_with("rds:unplanned-global-failover-todo-osaka-20"), "{name}");
    assert!(original.snapshot_create_time().is_some() && original.status() == Some("creating"));
    let copy = |to: &str| {
        let tag = aws_sdk_rds::types::Tag::builder().key("a").value("b").build();
        let copy = rds.copy_db_cluster_snapshot().source_db_cluster_snapshot_identifier(&name);
        copy.target_db_cluster_snapshot_identifier(to).tags(tag).send()
    };
    let error = copy("kept").await.unwrap_err().into_service_error();
    assert!(error.is_invalid_db_cluster_snapshot_state_fault(), "{error:?}");
    let status = || async { aurora.snapshots(Region::Osaka)[0].status == "available" };
    eventually("it is available", status).await;
    let made = copy("kept").await.unwrap().db_cluster_snapshot.unwrap();
    assert_eq!((made.status(), made.snapshot_type()), (Some("copying"), Some("manual")));
    assert_eq!(made.source_db_cluster_snapshot_arn(), original.db_cluster_snapshot_arn());
    assert_eq!((made.tag_list()[0].key(), made.tag_list()[0].value()), (Some("a"), Some("b")));
    let error = copy("kept").await.unwrap_err().into_service_error();
    assert!(error.is_db_cluster_snapshot_already_exists_fault(), "{error:?}");
    assert_eq!(copy("kept--twice").await.unwrap_err().code(), Some("InvalidParameterValue"));
    for number in 1..100 {
        copy(&format!("kept-{number}")).await.unwrap();
    }
    let error = copy("kept-100").await.unwrap_err().into_service_error();
    assert!(error.is_snapshot_quota_exceeded_fault(), "{error:?}");
    let first = listed().await.unwrap();
    assert_eq!((first.db_cluster_snapshots().len(), first.marker()), (100, Some("100")));
    let other = rds.describe_db_cluster_snapshots().db_cluster_identifier("todo-seoul").send();
    assert!(other.await.unwrap_err().into_service_error().code() == Some("DBClusterNotFoundFault"));
}

#[tokio::test]
async fn the_new_writer_claims_in_its_own_region_first_and_before_it_is_ready() {
    let storage = FakeStorage { promotion: std::time::Duration::from_secs(1), ..FakeStorage::default() };
    let (_front, aurora, clients) = front(Arc::new(storage)).await;
    aurora.switchover(Region::Osaka).unwrap();
    let claims = || async { aurora.seen_by(Region::Osaka).writer() == Some(Region::Osaka) };
    eventually("the new writer claims", claims).await;
    let osaka = rds(&clients, Region::Osaka);
    assert_eq!(aurora.seen_by(Region::Seoul).writer(), Some(Region::Seoul));
    let clusters = osaka.describe_db_clusters().send().await.unwrap();
    assert_eq!(clusters.db_clusters()[0].status(), Some("promoting"));
    let global = osaka.describe_global_clusters().send().await.unwrap();
    let state = global.global_clusters()[0].failover_state().unwrap();
    assert_eq!(state.status().map(FailoverStatus::as_str), Some("switching-over"));
    settled(&aurora).await;
}

#[tokio::test]
async fn a_switchover_that_cannot_be_without_loss_leaves_the_writer_in_its_place() {
    let storage = Arc::new(FakeStorage { standby_is_deaf: true, ..FakeStorage::default() });
    let (_front, aurora, _clients) = front(Arc::clone(&storage)).await;
    let mut events = aurora.events();
    aurora.switchover(Region::Osaka).unwrap();
    settled(&aurora).await;
    assert_eq!(*storage.calls.lock().unwrap(), ["stop Seoul", "receive everything Osaka", "start Seoul"]);
    let truth = aurora.truth();
    assert!(truth.writer() == Some(Region::Seoul) && truth.clusters.seoul.is_available());
    let mut last = "";
    while let Ok(event) = events.try_recv() {
        last = event.id;
    }
    assert_eq!(last, "RDS-EVENT-0187");
}

#[tokio::test]
async fn a_failed_promotion_gives_the_role_back() {
    let storage = FakeStorage { promotion_fails: true, ..FakeStorage::default() };
    let (_front, aurora, _clients) = front(Arc::new(storage)).await;
    let mut notices = aurora.notices();
    aurora.failover(Region::Osaka).unwrap();
    settled(&aurora).await;
    assert_eq!(aurora.truth().writer(), Some(Region::Seoul));
    let mut last = None;
    while let Ok(notice) = notices.try_recv() {
        last = Some(notice.moment);
    }
    assert_eq!(last, Some(Moment::Failed("promote: the disk is full".into())));
}

#[tokio::test]
async fn a_detached_cluster_leaves_the_global_cluster() {
    let (_front, aurora, clients) = front(Arc::default()).await;
    let osaka = rds(&clients, Region::Osaka);
    let remove = osaka.remove_from_global_cluster().global_cluster_identifier("todo");
    remove.db_cluster_identifier(arn(Region::Osaka)).send().await.unwrap();
    settled(&aurora).await;
    let global = osaka.describe_global_clusters().send().await.unwrap();
    assert_eq!(global.global_clusters()[0].global_cluster_members().len(), 1);
    let clusters = osaka.describe_db_clusters().send().await.unwrap();
    let cluster = &clusters.db_clusters()[0];
    assert_eq!((cluster.status(), cluster.global_cluster_identifier()), (Some("available"), None));
    assert_eq!(cluster.db_cluster_members()[0].is_cluster_writer(), Some(true));
}

#[tokio::test]
async fn a_region_that_is_cut_off_keeps_its_old_view() {
    let (_front, aurora, _clients) = front(Arc::default()).await;
    aurora.cut(Region::Seoul);
    aurora.failover(Region::Osaka).unwrap();
    settled(&aurora).await;
    assert_eq!(aurora.seen_by(Region::Seoul).writer(), Some(Region::Seoul));
    assert_eq!(aurora.seen_by(Region::Osaka).writer(), Some(Region::Osaka));
    aurora.heal(Region::Seoul);
    assert_eq!(aurora.seen_by(Region::Seoul).writer(), Some(Region::Osaka));
}

#[tokio::test]
async fn a_failover_promotes_for_as_long_as_it_is_told_to() {
    let takes = std::time::Duration::from_millis(300);
    let settings = drill_cloud::AuroraSettings { promotion: takes, ..quick() };
    let aurora = Aurora::new(Arc::new(FakeStorage::default()), Region::Seoul, settings);
    let mut notices = aurora.notices();
    let began = std::time::Instant::now();
    aurora.failover(Region::Osaka).unwrap();
    let status = || aurora.seen_by(Region::Osaka).clusters.get(Region::Osaka).status.clone();
    eventually("it is promoting", || async { status() == "promoting" }).await;
    assert_eq!(aurora.seen_by(Region::Osaka).writer(), Some(Region::Osaka), "it says so before it is ready");
    settled(&aurora).await;
    assert_eq!(status(), "available");
    while let Ok(notice) = notices.try_recv() {
        if notice.moment == Moment::Promoted(Region::Osaka) {
            return assert!(notice.at.duration_since(began) >= takes);
        }
    }
    panic!("it was never promoted");
}

#[tokio::test]
async fn a_view_lags_and_a_pinned_one_lies() {
    let settings =
        drill_cloud::AuroraSettings { view_delay: std::time::Duration::from_millis(100), ..quick() };
    let aurora = Aurora::new(Arc::new(FakeStorage::default()), Region::Seoul, settings);
    aurora.set_engine_version(Region::Seoul, "17.1");
    let seen = |region| aurora.seen_by(region).clusters.get(Region::Seoul).engine_version.clone();
    assert_eq!(seen(Region::Osaka), "16.8");
    eventually("the view follows", || async { seen(Region::Osaka) == "17.1" }).await;
    aurora.pin_claim(Region::Osaka, true);
    assert_eq!(aurora.seen_by(Region::Osaka).writer(), Some(Region::Osaka));
    assert_eq!(aurora.seen_by(Region::Seoul).writer(), Some(Region::Seoul));
}
