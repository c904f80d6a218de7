//! What each Region's RDS endpoint says.

use futures_util::future::join_all;
use responder_core::ports::{Connection, PortError, RegionViews};
use responder_core::words::failure::FailureKind;
use responder_core::world::topology::RegionView;
use responder_core::world::topology::{NotReady, Readiness, Word};

use crate::service::{Reply, Request, Service};
use crate::world::{OSAKA_ARN, SEOUL_ARN, database, databases, osaka, ports, seoul};

fn result(operation: &str, inner: &str) -> String {
    format!(
        "<{operation}Response xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><{operation}Result>{inner}\
         </{operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{operation}Response>"
    )
}

/// A global cluster; members are ARNs with their `IsWriter`.
fn global(name: &str, members: &[(&str, bool)], state: &str) -> String {
    let members: String = members
        .iter()
        .map(|(arn, writer)| {
            format!("<GlobalClusterMember><DBClusterArn>{arn}</DBClusterArn><IsWriter>{writer}</IsWriter><Readers/></GlobalClusterMember>")
        })
        .collect();
    format!(
        "<GlobalClusterMember><GlobalClusterIdentifier>{name}</GlobalClusterIdentifier><Status>available</Status>\
         <GlobalClusterMembers>{members}</GlobalClusterMembers>{state}</GlobalClusterMember>"
    )
}

fn cluster(name: &str, replicates: bool) -> String {
    let source = if replicates {
        format!(
            "<ReplicationSourceIdentifier>{}</ReplicationSourceIdentifier>",
            SEOUL_ARN.replace("todo", name)
        )
    } else {
        String::new()
    };
    format!(
        "<DBCluster><DBClusterIdentifier>{name}-osaka</DBClusterIdentifier><DBClusterArn>{}</DBClusterArn>\
         <Status>available</Status><Endpoint>{name}-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com</Endpoint>{source}\
         <DBClusterMembers><DBClusterMember><DBInstanceIdentifier>{name}-osaka-1</DBInstanceIdentifier>\
         <IsClusterWriter>true</IsClusterWriter></DBClusterMember><DBClusterMember><DBInstanceIdentifier>{name}-osaka-2\
         </DBInstanceIdentifier><IsClusterWriter>false</IsClusterWriter></DBClusterMember></DBClusterMembers></DBCluster>",
        OSAKA_ARN.replace("todo", name)
    )
}

fn instances(name: &str) -> String {
    [1, 2]
        .map(|number| {
            format!(
                "<DBInstance><DBInstanceIdentifier>{name}-osaka-{number}</DBInstanceIdentifier>\
                 <DBInstanceStatus>available</DBInstanceStatus></DBInstance>"
            )
        })
        .concat()
}

fn global_clusters(inner: &str) -> Reply {
    Reply::ok(result("DescribeGlobalClusters", &format!("<GlobalClusters>{inner}</GlobalClusters>")))
}

fn clusters(inner: &str) -> Reply {
    Reply::ok(result("DescribeDBClusters", &format!("<DBClusters>{inner}</DBClusters>")))
}

fn db_instances(inner: &str) -> Reply {
    Reply::ok(result("DescribeDBInstances", &format!("<DBInstances>{inner}</DBInstances>")))
}

/// A healthy Osaka that claims the writer of `todo`.
pub(crate) fn healthy(request: &Request) -> Reply {
    if request.is("DescribeGlobalClusters") {
        global_clusters(&global("todo", &[(SEOUL_ARN, false), (OSAKA_ARN, true)], ""))
    } else if request.is("DescribeDBClusters") {
        clusters(&cluster("todo", false))
    } else {
        db_instances(&instances("todo"))
    }
}

/// The healthy answers, but for one operation.
fn but(operation: &'static str, reply: Reply) -> Service {
    Service::new(move |request| if request.is(operation) { reply.clone() } else { healthy(request) })
}

async fn view(service: &Service) -> Result<RegionView, PortError> {
    ports(service).view(&database("todo"), &osaka(), Connection::Kept).await
}

#[tokio::test(start_paused = true)]
async fn a_view_asks_the_regions_own_endpoint_for_one_database_by_name() {
    let service = Service::new(healthy);
    let view = view(&service).await.unwrap();
    assert_eq!(*view.word(), Word::Writer(osaka()));
    assert_eq!(*view.readiness(), Readiness::Ready { instances: 2 });
    assert_eq!(view.endpoint(), Some("todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com"));
    assert_eq!(view.question().unwrap().port, 5432, "what lists none");
    assert_eq!(view.failover_status(), None);
    let asked = service.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|request| request.line == "POST https://rds.ap-northeast-3.amazonaws.com/"));
    let arn = OSAKA_ARN.replace(':', "%3A");
    let find = |operation| asked.iter().find(|request| request.is(operation)).unwrap().text();
    assert!(find("DescribeGlobalClusters").ends_with("&GlobalClusterIdentifier=todo"));
    assert!(find("DescribeDBClusters").ends_with(&format!("&DBClusterIdentifier={arn}")));
    let filter =
        format!("&Filters.Filter.1.Name=db-cluster-id&Filters.Filter.1.Values.Value.1={arn}&MaxRecords=100");
    assert!(find("DescribeDBInstances").ends_with(&filter));
}

#[tokio::test(start_paused = true)]
async fn a_probe_is_asked_about_the_endpoint_and_port_that_are_listed() {
    for (port, expected) in [("6432", 6_432), ("0", 5_432), ("-1", 5_432), ("65536", 5_432)] {
        let listed =
            cluster("todo", false).replace("</Endpoint>", &format!("</Endpoint><Port>{port}</Port>"));
        let view = view(&but("DescribeDBClusters", clusters(&listed))).await.unwrap();
        let question = view.question().unwrap();
        assert_eq!(question.endpoint, "todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com");
        assert_eq!(question.port, expected, "{port}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_that_the_model_lacks_arrives_as_it_was_sent() {
    let state = "<FailoverState><Status>switching-over</Status></FailoverState>";
    let global = global("todo", &[(SEOUL_ARN, true), (OSAKA_ARN, false)], state);
    let view = view(&but("DescribeGlobalClusters", global_clusters(&global))).await.unwrap();
    assert_eq!(view.failover_status(), Some("switching-over"));
    assert_eq!(*view.word(), Word::Writer(seoul()));
}

#[tokio::test(start_paused = true)]
async fn the_synchronization_and_the_capacity_are_those_of_the_regions_own_cluster() {
    let synchronized = |status: &str| {
        let own = format!("<SynchronizationStatus>{status}</SynchronizationStatus>");
        let members = [(SEOUL_ARN, true), (OSAKA_ARN, false)];
        let global = global("todo", &members, "");
        let at = global.rfind("<Readers/>").unwrap();
        but("DescribeGlobalClusters", global_clusters(&format!("{}{own}{}", &global[..at], &global[at..])))
    };
    for status in ["connected", "pending-resync", "something-new"] {
        assert_eq!(view(&synchronized(status)).await.unwrap().synchronization(), Some(status));
    }
    assert_eq!(view(&Service::new(healthy)).await.unwrap().synchronization(), None);
    let classes = |first: &str, second: &str| {
        let instances = instances("todo");
        let class = |class: &str| format!("<DBInstanceClass>{class}</DBInstanceClass></DBInstance>");
        let (one, other) = instances.split_once("</DBInstance>").unwrap();
        format!("{one}{}{}", class(first), other.replace("</DBInstance>", &class(second)))
    };
    let sizes = but("DescribeDBInstances", db_instances(&classes("db.r6g.large", "db.r6g.4xlarge")));
    assert_eq!(view(&sizes).await.unwrap().capacity(), Some(16));
    assert_eq!(view(&Service::new(healthy)).await.unwrap().capacity(), None, "no class is listed");
    let scaling = "<ServerlessV2ScalingConfiguration><MinCapacity>0.5</MinCapacity><MaxCapacity>24.5\
         </MaxCapacity></ServerlessV2ScalingConfiguration></DBCluster>";
    let serverless = cluster("todo", false).replace("</DBCluster>", scaling);
    let serverless = Service::new(move |request| match request {
        _ if request.is("DescribeDBClusters") => clusters(&serverless),
        _ if request.is("DescribeDBInstances") => db_instances(&classes("db.serverless", "db.serverless")),
        _ => healthy(request),
    });
    assert_eq!(view(&serverless).await.unwrap().capacity(), Some(24));
}

#[tokio::test(start_paused = true)]
async fn a_cluster_replicates_where_it_names_its_source() {
    let named = cluster("todo", true);
    let from = named.find("<ReplicationSourceIdentifier>").unwrap() + "<ReplicationSourceIdentifier>".len();
    let to = named.find("</ReplicationSourceIdentifier>").unwrap();
    let empty = format!("{}{}", &named[..from], &named[to..]);
    for (cluster, replicates) in [(named, true), (empty, false), (cluster("todo", false), false)] {
        let view = view(&but("DescribeDBClusters", clusters(&cluster))).await.unwrap();
        assert_eq!(view.is_replica(), replicates, "{cluster}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_writer_and_several_writers_are_words_of_their_own() {
    for (writers, word) in [((false, false), Word::Nobody), ((true, true), Word::Several)] {
        let members = [(SEOUL_ARN, writers.0), (OSAKA_ARN, writers.1)];
        let global = global_clusters(&global("todo", &members, ""));
        assert_eq!(*view(&but("DescribeGlobalClusters", global)).await.unwrap().word(), word);
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_exist_is_a_fact() {
    let gone = Reply::rds_error(404, "GlobalClusterNotFoundFault");
    let detached = view(&but("DescribeGlobalClusters", gone.clone())).await.unwrap();
    assert_eq!(*detached.word(), Word::Detached);
    let nothing = Service::new(move |request| {
        if request.is("DescribeGlobalClusters") {
            gone.clone()
        } else {
            Reply::rds_error(404, "DBClusterNotFoundFault")
        }
    });
    let view = view(&nothing).await.unwrap();
    assert_eq!(*view.word(), Word::Nothing);
    assert_eq!(*view.readiness(), Readiness::NotReady(NotReady::Missing));
}

#[tokio::test(start_paused = true)]
async fn instances_of_all_pages_count_and_an_unlisted_one_is_not_available() {
    let paged = Service::new(|request| match request {
        _ if !request.is("DescribeDBInstances") => healthy(request),
        _ if request.has("Marker=next") => db_instances(&instances("todo")),
        _ => Reply::ok(result("DescribeDBInstances", "<Marker>next</Marker><DBInstances/>")),
    });
    assert_eq!(*view(&paged).await.unwrap().readiness(), Readiness::Ready { instances: 2 });
    assert_eq!(paged.count("DescribeDBInstances"), 2);
    let none = view(&but("DescribeDBInstances", db_instances(""))).await.unwrap();
    assert_eq!(*none.readiness(), Readiness::NotReady(NotReady::Instance("not listed".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn many_databases_share_one_round_of_listings_with_all_its_pages() {
    let all = databases(40);
    let names: Vec<String> = all.iter().map(|database| database.name().to_string()).collect();
    let service = Service::new(move |request| {
        let half = names.len() / 2;
        let second = request.has("Marker=next");
        let names = if second { &names[half..] } else { &names[..half] };
        let marker = if second { "" } else { "<Marker>next</Marker>" };
        let inner = |one: &dyn Fn(&String) -> String| names.iter().map(one).collect::<String>();
        Reply::ok(if request.is("DescribeGlobalClusters") {
            let writer = |name: &String| global(name, &[(&OSAKA_ARN.replace("todo", name), true)], "");
            let inner = inner(&writer);
            result("DescribeGlobalClusters", &format!("{marker}<GlobalClusters>{inner}</GlobalClusters>"))
        } else if request.is("DescribeDBClusters") {
            let inner = inner(&|name| cluster(name, false));
            result("DescribeDBClusters", &format!("{marker}<DBClusters>{inner}</DBClusters>"))
        } else {
            let inner = inner(&|name| instances(name));
            result("DescribeDBInstances", &format!("{marker}<DBInstances>{inner}</DBInstances>"))
        })
    });
    let ports = ports(&service);
    let region = osaka();
    let views = join_all(all.iter().map(|database| ports.view(database, &region, Connection::Kept))).await;
    for (view, database) in views.into_iter().zip(&all) {
        let view = view.unwrap();
        assert_eq!(*view.word(), Word::Writer(osaka()));
        assert!(view.endpoint().unwrap().starts_with(&format!("{}-osaka.", database.name())));
        assert_eq!(*view.readiness(), Readiness::Ready { instances: 2 });
    }
    let asked = service.asked();
    assert_eq!(asked.len(), 6, "three listings of two pages");
    assert!(asked.iter().all(|request| request.has("MaxRecords=100") && !request.has("Identifier=")));
}

#[tokio::test(start_paused = true)]
async fn one_databases_trouble_is_not_its_neighbours() {
    let service = Service::new(|request| {
        if request.has("bad") { Reply::rds_error(403, "AccessDenied") } else { healthy(request) }
    });
    let (good, bad, region, ports) = (database("todo"), database("bad"), osaka(), ports(&service));
    let (good, bad) = futures_util::future::join(
        ports.view(&good, &region, Connection::Kept),
        ports.view(&bad, &region, Connection::Kept),
    )
    .await;
    assert!(good.is_ok());
    assert_eq!(bad.unwrap_err().kind, FailureKind::Refused);
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_tried_again_at_once_and_within_the_budget() {
    for trouble in [
        Reply::rds_error(400, "Throttling"),
        Reply::rds_error(400, "ThrottlingException"),
        Reply::rds_error(503, "ServiceUnavailable"),
        Reply::rds_error(500, "InternalFailure"),
        Reply::NoConnection,
        Reply::Http(502, b"<html>Bad Gateway</html>".to_vec()),
    ] {
        let first = std::sync::atomic::AtomicBool::new(true);
        let once = trouble.clone();
        let service = Service::new(move |request| {
            let hit =
                request.is("DescribeDBClusters") && first.swap(false, std::sync::atomic::Ordering::SeqCst);
            if hit { once.clone() } else { healthy(request) }
        });
        let start = tokio::time::Instant::now();
        assert!(view(&service).await.is_ok(), "{trouble:?}");
        assert!(start.elapsed().as_millis() < 500, "{trouble:?}: {:?}", start.elapsed());
        assert_eq!(service.count("DescribeDBClusters"), 2, "{trouble:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_failure_is_named_with_its_kind() {
    for (reply, kind, detail) in [
        (
            Reply::rds_error(403, "AccessDenied"),
            FailureKind::Refused,
            "AccessDenied: the words of AccessDenied",
        ),
        (Reply::rds_error(400, "Throttling"), FailureKind::Throttled, "Throttling: the words of Throttling"),
        // A service that throttles is there, whatever the status says.
        (Reply::rds_error(503, "Throttling"), FailureKind::Throttled, "Throttling"),
        (Reply::Http(429, b"slow down".to_vec()), FailureKind::Throttled, ""),
        (Reply::rds_error(500, "InternalFailure"), FailureKind::Busy, "InternalFailure"),
        (Reply::rds_error(503, "ServiceUnavailable"), FailureKind::Busy, "ServiceUnavailable"),
        (Reply::NoConnection, FailureKind::Unreachable, "connection refused"),
        (Reply::ok("<html><body>Sign in</body></html>"), FailureKind::Malformed, ""),
        (Reply::ok(""), FailureKind::Malformed, ""),
        (Reply::ok(result("DescribeDBClusters", "")), FailureKind::Malformed, "the answer lacks DBClusters"),
        (Reply::Http(404, b"not found".to_vec()), FailureKind::Malformed, ""),
        (Reply::rds_error(299, "Strange"), FailureKind::Malformed, ""),
        (Reply::rds_error(300, "Strange"), FailureKind::Refused, "Strange"),
    ] {
        let error = view(&but("DescribeDBClusters", reply.clone())).await.unwrap_err();
        assert_eq!(error.operation, "rds:DescribeDBClusters in ap-northeast-3", "{reply:?}");
        assert_eq!(error.kind, kind, "{reply:?}: {error}");
        assert!(error.to_string().contains(detail), "{reply:?}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_breaks_off_anywhere_is_never_taken_for_a_shorter_one() {
    let Reply::Http(_, whole) = healthy(&Request {
        line: String::new(),
        target: String::new(),
        scope: String::new(),
        body: b"Action=DescribeGlobalClusters&".to_vec(),
    }) else {
        unreachable!()
    };
    let right = view(&Service::new(healthy)).await.unwrap();
    for end in (0..whole.len()).step_by(7) {
        let cut = Reply::ok(&whole[..end]);
        if let Ok(view) = view(&but("DescribeGlobalClusters", cut)).await {
            assert_eq!(view, right, "cut at {end}");
        }
    }
}
