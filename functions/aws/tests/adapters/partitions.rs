//! Each partition of AWS has a Route 53 and host names of its own.

use responder_core::config::Database;
use responder_core::ports::{Connection, Parameters, RegionViews, WriterRecord};
use responder_core::words::names::Region;

use crate::exchange::ACCEPTED;
use crate::service::{Reply, Service};
use crate::world::{PREFIX, configuration, ports_in};

fn database_in(partition: &str, one: &str, other: &str) -> Database {
    let json = configuration("todo", &[])
        .replace("arn:aws:", &format!("arn:{partition}:"))
        .replace("ap-northeast-2", one)
        .replace("ap-northeast-3", other);
    Database::parse(PREFIX, &"todo".parse().unwrap(), &json, &one.parse().unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_record_is_changed_in_the_partition_of_the_functions_region_and_signed_for_its_control_plane() {
    for (partition, one, other, route53, suffix, signed) in [
        ("aws", "ap-northeast-2", "ap-northeast-3", "route53.amazonaws.com", "amazonaws.com", "us-east-1"),
        (
            "aws-cn",
            "cn-north-1",
            "cn-northwest-1",
            "route53.amazonaws.com.cn",
            "amazonaws.com.cn",
            "cn-northwest-1",
        ),
        (
            "aws-us-gov",
            "us-gov-east-1",
            "us-gov-west-1",
            "route53.us-gov.amazonaws.com",
            "amazonaws.com",
            "us-gov-west-1",
        ),
        (
            "aws-eusc",
            "eusc-de-east-1",
            "eusc-de-east-2",
            "route53.amazonaws.eu",
            "amazonaws.eu",
            "eusc-de-east-1",
        ),
        ("aws-iso", "us-iso-east-1", "us-iso-west-1", "route53.c2s.ic.gov", "c2s.ic.gov", "us-iso-east-1"),
    ] {
        let service = Service::scripted(vec![Reply::ok(ACCEPTED), Reply::Http(403, Vec::new())]);
        let (database, region): (_, Region) = (database_in(partition, one, other), other.parse().unwrap());
        let ports = ports_in(&service, one);
        ports.exchange(&database, &crate::exchange::exchange(&database)).await.unwrap();
        drop(ports.read_parameters(&database, &region).await);
        drop(ports.view(&database, &region, Connection::Kept).await);
        let asked = service.asked();
        let line = format!("POST https://{route53}/2013-04-01/hostedzone/Z0123456789/rrset");
        assert_eq!((&asked[0].line, asked[0].scope.as_str()), (&line, format!("{signed}/route53").as_str()));
        let hosts = ["ssm", "rds"].map(|service| format!("https://{service}.{other}.{suffix}/"));
        assert!(hosts.iter().all(|host| asked.iter().any(|it| it.line.contains(host))), "{asked:?}");
    }
}
