//! Alarms, replication lag and topics through the front, as a function's SDK asks for them: the emulator is to understand
//! the protocols that the SDKs speak now.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_sdk_cloudwatch::{
    primitives::DateTime,
    types::{Dimension, Metric, MetricDataQuery, MetricStat, StateValue},
};
use drill_cloud::{
    Alarm, AlarmState, Clients, Cloud, Region, Shape,
    front::{Change, Fault, Scope},
};
use support::{cloud, eventually};

const WITNESS: Alarm = Alarm { name: "todo-writer-witness", region: "ap-northeast-1" };
const LOCAL: Alarm = Alarm { name: "todo-writer-unreachable", region: "ap-northeast-3" };

/// The alarm's ARN, its state and since when, as `DescribeAlarms` says through the front.
async fn read(clients: &Clients, alarm: Alarm) -> (String, StateValue, DateTime) {
    let cloudwatch = clients.cloudwatch(alarm.region);
    let answer = cloudwatch.describe_alarms().alarm_names(alarm.name).send().await.unwrap();
    let [read] = answer.metric_alarms() else { panic!("{answer:?}") };
    let since = read.state_transitioned_timestamp().or(read.state_updated_timestamp()).unwrap();
    (read.alarm_arn().unwrap().to_owned(), read.state_value().unwrap().clone(), *since)
}

#[tokio::test(flavor = "multi_thread")]
async fn alarms_are_read_in_their_own_region_with_their_state_and_since_when() {
    let cloud = cloud(Arc::default()).await;
    let (alarms, clients) = (cloud.alarms(), cloud.clients());
    for alarm in [WITNESS, LOCAL] {
        alarms.create(alarm).await.unwrap();
    }
    assert_eq!(read(&clients, WITNESS).await.1, StateValue::Ok);
    let change = alarms.set(WITNESS, AlarmState::Alarm).await.unwrap();
    let (arn, state, since) = read(&clients, WITNESS).await;
    assert_eq!((arn, state), (WITNESS.arn(), StateValue::Alarm));
    assert!((since.secs() - change.at.unix_timestamp()).abs() <= 1, "{since:?} {change:?}");
    assert_eq!(read(&clients, LOCAL).await.1, StateValue::Ok, "each Region has its own");
    let elsewhere = clients.cloudwatch(LOCAL.region).describe_alarms().alarm_names(WITNESS.name).send();
    assert!(elsewhere.await.unwrap().metric_alarms().is_empty());
    let calls = cloud.front.journal().entries();
    let reads =
        calls.iter().filter(|it| it.call.operation == "DescribeAlarms" && it.call.service == "monitoring");
    assert_eq!(reads.count(), 4, "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarms_region_can_be_cut_off_alone() {
    let cloud = cloud(Arc::default()).await;
    for alarm in [WITNESS, LOCAL] {
        cloud.alarms().create(alarm).await.unwrap();
    }
    let fault = cloud.front.inject(Scope::elsewhere(WITNESS.region), Fault::BlackHole);
    let clients = cloud.clients();
    let witness = clients.cloudwatch(WITNESS.region);
    let silent = tokio::time::timeout(Duration::from_millis(500), witness.describe_alarms().send());
    assert!(silent.await.is_err(), "it does not answer");
    assert_eq!(read(&clients, LOCAL).await.1, StateValue::Ok);
    cloud.front.heal(fault);
    assert_eq!(read(&clients, WITNESS).await.1, StateValue::Ok);
}

/// The samples of the lag as `failover` asks for them.
async fn lags(cloud: &Cloud, region: Region, cluster: &str) -> Vec<(DateTime, f64)> {
    let dimension = Dimension::builder().name("DBClusterIdentifier").value(cluster).build();
    let metric = Metric::builder().namespace("AWS/RDS").metric_name("AuroraGlobalDBReplicationLag");
    let stat = MetricStat::builder().metric(metric.dimensions(dimension).build()).period(60).stat("Maximum");
    let query = MetricDataQuery::builder().id("m0").metric_stat(stat.build()).build();
    let now = SystemTime::now();
    let answer = cloud
        .clients()
        .cloudwatch(region.id())
        .get_metric_data()
        .start_time((now - Duration::from_mins(15)).into())
        .end_time((now + Duration::from_mins(1)).into())
        .metric_data_queries(query)
        .send()
        .await
        .unwrap();
    let [result] = answer.metric_data_results() else { panic!("{answer:?}") };
    result.timestamps().iter().copied().zip(result.values().iter().copied()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lag_is_read_where_it_is_reported_and_nowhere_else() {
    let cloud = cloud(Arc::default()).await;
    assert_eq!(lags(&cloud, Region::Osaka, "todo-osaka").await, []);
    let since = SystemTime::now();
    for ms in [80, 120] {
        cloud.lag().put(Region::Osaka, Duration::from_millis(ms)).await.unwrap();
    }
    let read = lags(&cloud, Region::Osaka, "todo-osaka").await;
    let (at, value) = *read.last().unwrap();
    assert!((value - 120.0).abs() < 0.01, "the greatest of its minute: {read:?}");
    let age = DateTime::from(since).secs() - at.secs();
    assert!((-1..=60).contains(&age), "a minute begins with its first second: {age}");
    assert_eq!(lags(&cloud, Region::Seoul, "todo-osaka").await, []);
    assert_eq!(lags(&cloud, Region::Osaka, "todo-seoul").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_to_a_topic_arrives() {
    let cloud = cloud(Arc::default()).await;
    let inbox = cloud.inbox(Region::Osaka, "todo-failover").await.unwrap();
    assert_eq!(inbox.topic_arn(), "arn:aws:sns:ap-northeast-3:123456789012:todo-failover");
    let sns = cloud.clients().sns(Region::Osaka);
    let published =
        sns.publish().topic_arn(inbox.topic_arn()).subject("todo: look").message("Every check:\n- ä");
    published.send().await.unwrap();
    eventually("the message arrives", || async { inbox.mail().len() == 1 }).await;
    let mail = inbox.mail();
    assert_eq!((mail[0].subject.as_str(), mail[0].message.as_str()), ("todo: look", "Every check:\n- ä"));
    let journal = cloud.front.journal().entries();
    let [call] = journal.as_slice() else { panic!("{journal:?}") };
    assert_eq!((call.call.operation.as_str(), call.applied()), ("Publish", true));
    let said = Change::Message { topic: inbox.topic_arn().to_owned(), subject: "todo: look".to_owned() };
    assert_eq!(call.change, Some(said));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shape_names_the_alarm_and_its_state() {
    let cloud = cloud(Arc::default()).await;
    cloud.alarms().create(LOCAL).await.unwrap();
    let change = cloud.alarms().set(LOCAL, AlarmState::Alarm).await.unwrap();
    for shape in Shape::ALL {
        let event = change.event(shape).to_string();
        assert!(event.contains(&LOCAL.arn()) && event.contains("ALARM"), "{}: {event}", shape.as_str());
    }
}
