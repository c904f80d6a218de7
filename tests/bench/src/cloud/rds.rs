//! The three listings of RDS, by name, by filter and by page, as a Region's own endpoint answers them.

use std::collections::HashMap;
use std::fmt::Write;

use super::Reply;
use super::world::{Clusters, World};
use crate::fleet::{REGIONS, arn, cluster, endpoint};

/// Entries a page at most.
const PAGE: usize = 100;
const VERSION: &str = "16.8";

pub(super) fn answer(world: &World, region: &str, operation: &str, body: &[u8]) -> Reply {
    let form: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
    let wanted = ["GlobalClusterIdentifier", "DBClusterIdentifier", "Filters.Filter.1.Values.Value.1"];
    let named = wanted.iter().find_map(|name| form.get(*name));
    let one = named.map(|name| find(world, name));
    match (operation, one) {
        ("DescribeGlobalClusters", Some(None)) => {
            Reply::xml_error("GlobalClusterNotFoundFault", "no such global cluster")
        }
        ("DescribeDBClusters", Some(None)) => Reply::xml_error("DBClusterNotFoundFault", "no such cluster"),
        ("DescribeGlobalClusters", one) => {
            listing(world, one.flatten(), &form, operation, "GlobalClusters", &|it, out| global(it, out))
        }
        ("DescribeDBClusters", one) => {
            listing(world, one.flatten(), &form, operation, "DBClusters", &|it, out| member(it, region, out))
        }
        ("DescribeDBInstances", one) => {
            listing(world, one.flatten(), &form, operation, "DBInstances", &|it, out| {
                instance(it, region, out);
            })
        }
        _ => Reply::xml_error("InvalidAction", operation),
    }
}

/// By global cluster, cluster or ARN.
fn find<'a>(world: &'a World, name: &str) -> Option<&'a Clusters> {
    let name = name.rsplit(':').next()?;
    let name = REGIONS
        .iter()
        .find_map(|region| name.strip_suffix(&format!("-{}", crate::fleet::city(region))))
        .unwrap_or(name);
    world.clusters.get(*world.by_name.get(name)?)
}

fn listing(
    world: &World,
    one: Option<&Clusters>,
    form: &HashMap<String, String>,
    operation: &str,
    element: &str,
    write: &dyn Fn(&Clusters, &mut String),
) -> Reply {
    let from: usize = form.get("Marker").and_then(|marker| marker.parse().ok()).unwrap_or_default();
    let most: usize = form.get("MaxRecords").and_then(|most| most.parse().ok()).unwrap_or(PAGE);
    let upto = from.saturating_add(most.min(PAGE));
    let mut items = String::new();
    match one {
        Some(one) => write(one, &mut items),
        None => world.clusters.iter().skip(from).take(upto - from).for_each(|it| write(it, &mut items)),
    }
    let more = one.is_none() && upto < world.clusters.len();
    let marker = if more { format!("<Marker>{upto}</Marker>") } else { String::new() };
    Reply::xml(format!(
        "<{operation}Response xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><{operation}Result>{marker}\
         <{element}>{items}</{element}></{operation}Result></{operation}Response>"
    ))
}

/// Writing to a string cannot fail.
macro_rules! put {
    ($out:expr, $($text:tt)*) => { let _ = write!($out, $($text)*); };
}

fn global(it: &Clusters, out: &mut String) {
    let name = &it.name;
    put!(
        out,
        "<GlobalClusterMember><GlobalClusterIdentifier>{name}</GlobalClusterIdentifier><Status>available</Status>\
         <Engine>aurora-postgresql</Engine><EngineVersion>{VERSION}</EngineVersion><GlobalClusterMembers>"
    );
    for region in REGIONS {
        put!(
            out,
            "<GlobalClusterMember><DBClusterArn>{}</DBClusterArn><IsWriter>{}</IsWriter><Readers/></GlobalClusterMember>",
            arn(name, region),
            region == it.writer
        );
    }
    out.push_str("</GlobalClusterMembers></GlobalClusterMember>");
}

fn member(it: &Clusters, region: &str, out: &mut String) {
    let (name, id, is_writer) = (&it.name, cluster(&it.name, region), region == it.writer);
    put!(
        out,
        "<DBCluster><DBClusterIdentifier>{id}</DBClusterIdentifier><DBClusterArn>{}</DBClusterArn>\
         <Status>available</Status><Engine>aurora-postgresql</Engine><EngineVersion>{VERSION}</EngineVersion>\
         <Endpoint>{}</Endpoint><Port>5432</Port><MultiAZ>false</MultiAZ><GlobalClusterIdentifier>{name}</GlobalClusterIdentifier>",
        arn(name, region),
        endpoint(name, region)
    );
    if !is_writer {
        put!(out, "<ReplicationSourceIdentifier>{}</ReplicationSourceIdentifier>", arn(name, it.writer));
    }
    put!(
        out,
        "<DBClusterMembers><DBClusterMember><DBInstanceIdentifier>{id}-1</DBInstanceIdentifier>\
         <IsClusterWriter>{is_writer}</IsClusterWriter><PromotionTier>1</PromotionTier></DBClusterMember>\
         </DBClusterMembers></DBCluster>"
    );
}

fn instance(it: &Clusters, region: &str, out: &mut String) {
    let id = cluster(&it.name, region);
    put!(
        out,
        "<DBInstance><DBInstanceIdentifier>{id}-1</DBInstanceIdentifier><DBInstanceClass>db.r8g.large</DBInstanceClass>\
         <DBInstanceStatus>available</DBInstanceStatus><DBClusterIdentifier>{id}</DBClusterIdentifier>\
         <Engine>aurora-postgresql</Engine><EngineVersion>{VERSION}</EngineVersion></DBInstance>"
    );
}
