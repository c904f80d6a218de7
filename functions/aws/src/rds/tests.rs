//! Of what a list shows, which entry is asked for, and what is taken of it.

use aws_sdk_rds::types::{DbCluster, DbInstance, GlobalCluster, ServerlessV2ScalingConfigurationInfo};

use super::facts::{cluster_facts, instance, is_cluster, is_global_cluster, listed};

#[test]
fn an_entry_is_known_by_its_name() {
    let global = |name: &str| GlobalCluster::builder().global_cluster_identifier(name).build();
    assert!(is_global_cluster(&global("Todo"), "todo") && !is_global_cluster(&global("shop"), "todo"));
    assert!(!is_global_cluster(&GlobalCluster::builder().build(), "todo"));
    let arn = "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo";
    let cluster = |arn: &str| DbCluster::builder().db_cluster_arn(arn).build();
    let member = arn.parse().unwrap();
    assert!(is_cluster(&cluster(arn), &member) && !is_cluster(&cluster("x"), &member));
    assert!(listed::<u8>("rds:x", "DBClusters", None).is_err());
    assert_eq!(listed("rds:x", "DBClusters", Some(vec![1])).unwrap(), [1]);
}

#[test]
fn an_instance_needs_its_name_and_its_status() {
    let whole = DbInstance::builder().db_instance_identifier("todo-1").db_instance_status("available");
    assert_eq!(instance(whole.build()).unwrap().0, "todo-1");
    assert!(instance(DbInstance::builder().db_instance_identifier("todo-1").build()).is_none());
    assert!(instance(DbInstance::builder().db_instance_status("available").build()).is_none());
}

#[test]
fn a_cluster_replicates_where_it_names_its_source_and_scales_to_whole_units() {
    let region = "ap-northeast-2".parse().unwrap();
    let of = |source: Option<&str>, acu: Option<f64>| {
        let scaling =
            acu.map(|max| ServerlessV2ScalingConfigurationInfo::builder().max_capacity(max).build());
        let cluster = DbCluster::builder().status("available");
        let cluster = cluster.set_replication_source_identifier(source.map(str::to_owned));
        let facts = cluster_facts(&region, &cluster.set_serverless_v2_scaling_configuration(scaling).build());
        facts.map(|facts| (facts.is_replica, facts.serverless_acu)).unwrap()
    };
    assert_eq!(of(None, None), (false, None));
    assert_eq!(of(Some(""), Some(0.5)), (false, Some(0)));
    assert_eq!(of(Some("arn:x"), Some(16.0)), (true, Some(16)));
    assert_eq!(of(None, Some(999_999.0)).1, Some(999_999));
    for odd in [-1.0, 1e6, f64::NAN, f64::INFINITY] {
        assert_eq!(of(None, Some(odd)).1, None, "{odd}");
    }
}

#[test]
fn a_port_is_one_that_can_be_connected_to() {
    let region = "ap-northeast-2".parse().unwrap();
    for (said, port) in [(5432, Some(5432)), (0, None), (-1, None), (65_535, Some(65_535)), (65_536, None)] {
        let cluster = DbCluster::builder().status("available").port(said).build();
        assert_eq!(cluster_facts(&region, &cluster).unwrap().port, port, "{said}");
    }
}
