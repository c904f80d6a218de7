//! What a Region says, whether it takes writes, whether it could take over, and how large it is.

use super::*;
use crate::world::facts::{capacity, takes_connections};
use crate::world::topology::{NotReady, NotStandby, Readiness, Standby, Word};

#[test]
fn the_word_of_a_region() {
    let stranger = "arn:aws:rds:ap-northeast-1:123456789012:cluster:todo";
    let of = |members: &[(&str, bool)]| {
        let members = members.iter().map(|(arn, is_writer)| ((*arn).to_owned(), *is_writer)).collect();
        Some(GlobalFacts { members, ..GlobalFacts::default() })
    };
    let (seoul, osaka) = (arn(SEOUL), arn(OSAKA));
    let (alone, replica) = (|| Some(cluster(false, Vec::new())), || Some(cluster(true, Vec::new())));
    for (global, cluster, word, said) in [
        (of(&[(&seoul, true), (&osaka, false)]), alone(), Word::Writer(region(SEOUL)), "claims the writer"),
        (
            of(&[(&seoul, false), (&osaka, true)]),
            replica(),
            Word::Writer(region(OSAKA)),
            "names ap-northeast-3",
        ),
        (of(&[(&seoul, false), (&osaka, true)]), None, Word::Writer(region(OSAKA)), "names ap-northeast-3"),
        (of(&[(&osaka, true)]), alone(), Word::Detached, "its cluster stands alone, in no global cluster"),
        (of(&[(&osaka, true)]), replica(), Word::Writer(region(OSAKA)), "names ap-northeast-3"),
        (of(&[(&osaka, true)]), None, Word::Writer(region(OSAKA)), "names ap-northeast-3"),
        (of(&[(&seoul, false), (&osaka, false)]), alone(), Word::Nobody, "reports no writer"),
        (of(&[(&seoul, true), (&osaka, true)]), alone(), Word::Several, "reports several writers"),
        (
            of(&[(&seoul, false), (stranger, true)]),
            replica(),
            Word::Stranger(stranger.to_owned()),
            "names arn:aws:rds:ap-northeast-1:123456789012:cluster:todo, which is not configured",
        ),
        (None, replica(), Word::Unlisted, "its cluster replicates, in no global cluster of this name"),
        (None, alone(), Word::Detached, "its cluster stands alone, in no global cluster"),
        (None, None, Word::Nothing, "knows neither the global cluster nor its own"),
    ] {
        let view = view(SEOUL, global.clone(), cluster.clone());
        assert_eq!(
            (view.word(), view.word().said_by(&region(SEOUL)).as_str()),
            (&word, said),
            "{global:?} {cluster:?}"
        );
        assert_eq!(view.claims(&region(SEOUL)), word == Word::Writer(region(SEOUL)));
        assert_eq!(view.is_replica(), cluster.is_some_and(|it| it.is_replica));
    }
}

#[test]
fn whether_a_region_takes_writes() {
    let (good, bad, reader) =
        (instance(true, "available"), instance(true, "rebooting"), instance(false, "available"));
    let of = |change: &dyn Fn(&mut ClusterFacts), instances: Vec<InstanceFacts>| {
        let mut facts = cluster(false, instances);
        change(&mut facts);
        view(SEOUL, None, Some(facts)).readiness().clone()
    };
    let as_is: &dyn Fn(&mut ClusterFacts) = &|_| ();
    let ready = |instances| Readiness::Ready { instances };
    assert_eq!(of(as_is, vec![good.clone()]), ready(1));
    assert_eq!(of(as_is, vec![good.clone(), reader.clone()]), ready(2));
    for (found, why, words) in [
        (of(as_is, vec![]), NotReady::Headless, "the cluster has no instance (headless)"),
        (
            of(as_is, vec![reader.clone(), reader]),
            NotReady::NoWriterInstance(2),
            "none of its 2 instances is the writer",
        ),
        (
            of(as_is, vec![bad]),
            NotReady::Instance("rebooting".to_owned()),
            "the writer instance is rebooting",
        ),
        (
            of(as_is, vec![good.clone(); 3]),
            NotReady::SeveralWriterInstances(3),
            "3 of its instances call themselves the writer",
        ),
        (
            of(&|it| it.endpoint = None, vec![good.clone()]),
            NotReady::NoEndpoint,
            "the cluster lists no endpoint",
        ),
        (
            of(&|it| it.status = "upgrading".to_owned(), vec![good]),
            NotReady::Cluster("upgrading".to_owned()),
            "the cluster is upgrading",
        ),
        (view(SEOUL, None, None).readiness().clone(), NotReady::Missing, "the cluster does not exist"),
    ] {
        assert_eq!((found, why.to_string().as_str()), (Readiness::NotReady(why.clone()), words));
    }
}

#[test]
fn whether_a_region_could_take_over() {
    let (good, bad) = (instance(false, "available"), instance(false, "rebooting"));
    let of = |status: &str, is_replica, instances: Vec<InstanceFacts>| {
        let facts = ClusterFacts { status: status.to_owned(), ..cluster(is_replica, instances) };
        view(SEOUL, None, Some(facts)).standby().clone()
    };
    assert_eq!(of("available", true, vec![good.clone()]), Standby::Ready { instances: 1 });
    assert_eq!(of("backing-up", true, vec![good.clone(), bad.clone()]), Standby::Ready { instances: 2 });
    for (found, why, words) in [
        (
            of("available", false, vec![good.clone()]),
            NotStandby::NoReplica,
            "the cluster replicates from no other",
        ),
        (
            of("modifying", true, vec![good]),
            NotStandby::Cluster("modifying".to_owned()),
            "the cluster is modifying",
        ),
        (of("available", true, vec![]), NotStandby::Headless, "the cluster has no instance (headless)"),
        (
            of("available", true, vec![bad.clone(), bad]),
            NotStandby::NoInstance(2),
            "none of its 2 instances is available",
        ),
        (view(SEOUL, None, None).standby().clone(), NotStandby::Missing, "the cluster does not exist"),
    ] {
        assert_eq!((found, why.to_string().as_str()), (Standby::NotReady(why.clone()), words));
    }
}

#[test]
fn what_else_a_view_shows() {
    let mut global = global(SEOUL);
    global.failover_status = Some("switching-over".to_owned());
    global.engine_version = Some("16.8".to_owned());
    global.synchronization = [(arn(OSAKA), "pending-resync".to_owned())].into();
    let mut cluster = cluster(true, vec![instance(true, "creating"), instance(false, "available")]);
    cluster.engine_version = Some("16.9".to_owned());
    let view = view(OSAKA, Some(global), Some(cluster));
    assert_eq!(
        (view.failover_status(), view.synchronization()),
        (Some("switching-over"), Some("pending-resync"))
    );
    assert_eq!((view.endpoint(), view.capacity()), (Some("e.example"), Some(2)));
    assert_eq!(view.versions().global.as_deref(), Some("16.8"));
    assert_eq!(view.versions().cluster.as_deref(), Some("16.9"));
    assert_eq!(view.instances(), ["todo-1", "todo-1"]);
    let statuses = view.statuses().unwrap();
    assert_eq!(
        (statuses.cluster.as_str(), statuses.writers.as_slice()),
        ("available", &["creating".to_owned()][..])
    );
    let moved = view.clone().after_move(&region(OSAKA), &region(OSAKA));
    assert!(moved.claims(&region(OSAKA)) && !moved.is_replica() && moved.failover_status().is_none());
    assert_eq!(moved.readiness(), &Readiness::Ready { instances: 2 }, "its standby was ready");
    let other = view.clone().after_move(&region(OSAKA), &region(SEOUL));
    assert!(other.claims(&region(SEOUL)) && other.is_replica());
    assert_eq!(other.readiness(), view.readiness());
}

#[test]
fn how_large_a_region_is() {
    let of = |classes: &[&str], serverless_acu| {
        let instances =
            classes.iter().map(|class| InstanceFacts { class: (*class).to_owned(), ..instance(false, "x") });
        capacity(&ClusterFacts { serverless_acu, instances: instances.collect(), ..ClusterFacts::default() })
    };
    for (class, expected) in [
        ("db.t4g.medium", Some(2)),
        ("db.r6g.large", Some(2)),
        ("db.r6g.xlarge", Some(4)),
        ("db.r6g.2xlarge", Some(8)),
        ("db.r6g.16xlarge", Some(64)),
        ("db.r6g.4294967295xlarge", None),
        ("db.serverless", Some(32)),
        ("db.r6g.micro", None),
        ("", None),
    ] {
        assert_eq!(of(&[class], Some(32)), expected, "{class}");
    }
    assert_eq!(of(&["db.serverless"], None), None);
    assert_eq!(of(&["db.r6g.large", "db.r6g.4xlarge", "x"], None), Some(16), "the largest counts");
    assert_eq!(of(&[], Some(1)), None);
    let working = ["available", "backing-up", "storage-optimization", "configuring-log-exports"];
    assert!(working.iter().all(|status| takes_connections(status)));
    assert!(["rebooting", "failed", "", "stopped"].iter().all(|status| !takes_connections(status)));
}
