//! What each function has to be allowed to do, from the configuration: the few calls that decide, each with the
//! resources and the condition keys that the real call has.

use std::collections::{BTreeMap, BTreeSet};

use responder_core::world::snapshot::{OF_A_FAILOVER, copy_name};
use serde_json::Value;

use super::databases::Configurations;

/// The condition key of the Region that a call goes to.
const REGION: &str = "aws:RequestedRegion";
/// How the name of AWS's snapshot ends. A policy knows it by its beginning, so that any time will do.
const TAKEN: &str = "-2026-11-27-10-05";

/// What a function is with a right, and without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Right {
    /// Without it the function fails on the day it is needed.
    Needed,
    /// Without it no move fails: what is lacking then.
    Wanted(&'static str),
    /// The function must not have it.
    Forbidden,
}

/// A question to IAM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) action: &'static str,
    pub(super) resources: Vec<String>,
    /// Condition keys with their values.
    pub(super) context: Vec<(&'static str, Vec<String>)>,
    pub(super) right: Right,
}

impl Ask {
    fn of(action: &'static str, resources: Vec<String>) -> Self {
        Self { action, resources, context: Vec::new(), right: Right::Needed }
    }

    /// A call in that Region to whatever is there.
    fn in_region(action: &'static str, region: &str) -> Self {
        let context = vec![(REGION, vec![region.to_owned()])];
        Self { context, ..Self::of(action, vec!["*".to_owned()]) }
    }

    /// The Region that the call is bound to, where a policy bounds it.
    pub(super) fn region(&self) -> Option<&str> {
        self.context.iter().find(|(key, _)| *key == REGION)?.1.first().map(String::as_str)
    }
}

/// Where a function is, by its role's ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site {
    partition: String,
    account: String,
    region: String,
    /// The bucket that it keeps its pages in.
    bucket: Option<String>,
}

impl Site {
    pub(super) fn of(role: &str, region: &str, bucket: Option<&str>) -> Option<Self> {
        let mut parts = role.split(':').skip(1);
        let partition = parts.next()?.to_owned();
        let account = parts.nth(2)?.to_owned();
        Some(Self { partition, account, region: region.to_owned(), bucket: bucket.map(str::to_owned) })
    }
}

/// What the configuration of one database names.
struct Database<'a> {
    name: &'a str,
    global_cluster: String,
    members: BTreeMap<String, String>,
    parameter: String,
    zone: String,
    record: String,
    topics: Vec<String>,
    /// The function in each Region that is asked before a publication.
    probes: BTreeMap<String, String>,
}

impl<'a> Database<'a> {
    /// None when something is missing: the drill function's status says what.
    fn of(parameter: &'a str, json: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(json).ok()?;
        let text = |path: &str| value.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let members = value.get("members")?.as_object()?;
        let each = value.pointer("/failover/topic_arns").and_then(Value::as_object).into_iter().flatten();
        let each = each.filter_map(|(_, topic)| topic.as_str().map(str::to_owned));
        let pair = |(region, it): (&String, &Value)| Some((region.clone(), it.as_str()?.to_owned()));
        let probes = value.get("probe").and_then(Value::as_object).into_iter().flatten();
        Some(Self {
            name: parameter.rsplit('/').next()?,
            global_cluster: text("/global_cluster")?,
            members: members.iter().map(pair).collect::<Option<_>>()?,
            parameter: text("/parameter")?,
            zone: text("/record/zone_id")?,
            // As IAM compares it.
            record: text("/record/name")?.trim_end_matches('.').to_ascii_lowercase(),
            topics: text("/failover/topic_arn").into_iter().chain(each).collect(),
            probes: probes.filter_map(pair).collect(),
        })
    }

    /// A parameter's ARN in each of its Regions.
    fn parameters(&self, site: &Site, name: &str) -> Vec<String> {
        let arn =
            |region: &String| format!("arn:{}:ssm:{region}:{}:parameter{name}", site.partition, site.account);
        self.members.keys().map(arn).collect()
    }

    /// The probes' ARNs.
    fn probes(&self, site: &Site) -> impl Iterator<Item = String> {
        self.probes.iter().map(|(region, function)| {
            format!("arn:{}:lambda:{region}:{}:function:{function}", site.partition, site.account)
        })
    }

    /// The global cluster, and the members that may become the writer: RDS checks the right on both.
    fn clusters(&self, site: &Site, may: impl Fn(&str) -> bool) -> Vec<String> {
        let global =
            format!("arn:{}:rds::{}:global-cluster:{}", site.partition, site.account, self.global_cluster);
        let members = self.members.iter().filter(|(region, _)| may(region)).map(|(_, arn)| arn.clone());
        std::iter::once(global).chain(members).collect()
    }
}

/// What a function of this kind has to be allowed to do there.
pub(super) fn asks(kind: &str, site: &Site, prefix: &str, configurations: &Configurations) -> Vec<Ask> {
    let databases: Vec<_> =
        configurations.iter().filter_map(|(name, json)| Database::of(name, json)).collect();
    if databases.is_empty() {
        return Vec::new();
    }
    let own = |kind: &str| {
        let of = |it: &Database<'_>| it.parameters(site, &format!("{prefix}/{kind}/{}", it.name));
        databases.iter().flat_map(of).collect::<Vec<_>>()
    };
    let clusters = |may: &dyn Fn(&str) -> bool| {
        databases.iter().flat_map(|it| it.clusters(site, may)).collect::<Vec<_>>()
    };
    let here = |arn: &String| arn.split(':').nth(3) == Some(site.region.as_str());
    let probes: BTreeSet<_> = databases.iter().flat_map(|it| it.probes(site)).collect();
    let mut asks = match kind {
        "follow" => follow(site, &databases, own("state"), clusters(&|_| true)),
        "failover" => {
            // It makes its own Region's member the writer, and remembers there what it does and finds.
            let attempts = [own("attempt"), own("readiness")].concat().into_iter().filter(here).collect();
            let topics: BTreeSet<_> = databases.iter().flat_map(|it| it.topics.clone()).collect();
            vec![
                Ask::of("rds:FailoverGlobalCluster", clusters(&|region| region == site.region)),
                Ask::of("ssm:PutParameter", attempts),
                Ask::of("sns:Publish", topics.into_iter().collect()),
                Ask::of("cloudwatch:DescribeAlarms", vec!["*".to_owned()]),
                // While it is not known whether an alarm is muted nothing is started.
                Ask::of("cloudwatch:ListAlarmMuteRules", vec!["*".to_owned()]),
                Ask::of("cloudwatch:GetMetricData", vec!["*".to_owned()]),
            ]
        }
        "drill" => {
            // A run is remembered where it was asked for, a switch is set everywhere.
            let runs = own("run").into_iter().filter(here).collect();
            let mut asks = salvage(&databases);
            asks.push(Ask::of("rds:SwitchoverGlobalCluster", clusters(&|_| true)));
            asks.push(Ask::of("ssm:PutParameter", [own("hold"), own("declared"), runs].concat()));
            asks
        }
        _ => return Vec::new(),
    };
    // Only who starts a move is told of a bucket.
    asks.extend(page(site, prefix, &databases));
    // Whoever publishes asks first; without its yes or no RDS's word would count.
    asks.push(Ask::of("lambda:InvokeFunction", probes.into_iter().collect()));
    // Without a topic there is nobody to tell, without a probe nobody to ask.
    asks.retain(|it| !it.resources.is_empty());
    // What must never be is said last.
    asks.sort_by_key(|it| it.right);
    asks
}

fn follow(site: &Site, databases: &[Database<'_>], state: Vec<String>, clusters: Vec<String>) -> Vec<Ask> {
    let records = databases.iter().map(|it| Ask {
        context: moves(&it.record),
        ..Ask::of(
            "route53:ChangeResourceRecordSets",
            vec![format!("arn:{}:route53:::hostedzone/{}", site.partition, it.zone)],
        )
    });
    let writers = databases.iter().flat_map(|it| it.parameters(site, &it.parameter));
    let mut asks: Vec<Ask> = records.collect();
    asks.push(Ask::of("ssm:PutParameter", state.into_iter().chain(writers).collect()));
    asks.push(Ask::in_region("rds:DescribeGlobalClusters", &site.region));
    asks.push(Ask { right: Right::Forbidden, ..Ask::of("rds:FailoverGlobalCluster", clusters) });
    asks
}

/// The copy of what a failover lost: any member may have been the writer. RDS checks the right on the original and on the copy.
fn salvage(databases: &[Database<'_>]) -> Vec<Ask> {
    let members = || databases.iter().flat_map(|it| &it.members);
    let regions: BTreeSet<_> = members().map(|(region, _)| region).collect();
    let names = members().filter_map(|(_, arn)| {
        let (place, cluster) = arn.split_once(":cluster:")?;
        let original = format!("{OF_A_FAILOVER}{cluster}{TAKEN}");
        let copy = copy_name(&original);
        Some([original, copy].map(|name| format!("{place}:cluster-snapshot:{name}")))
    });
    let (originals, copies): (Vec<_>, Vec<_>) = names.map(|[original, copy]| (original, copy)).unzip();
    let mut asks: Vec<Ask> =
        regions.into_iter().map(|region| Ask::in_region("rds:DescribeDBClusterSnapshots", region)).collect();
    asks.push(Ask::of("rds:CopyDBClusterSnapshot", [originals, copies.clone()].concat()));
    asks.push(Ask::of("rds:AddTagsToResource", copies));
    let right = Right::Wanted("failoverctl salvage cannot keep what a failover lost");
    asks.into_iter().map(|ask| Ask { right, ..ask }).collect()
}

/// The pages about moves, where they are kept.
fn page(site: &Site, prefix: &str, databases: &[Database<'_>]) -> Option<Ask> {
    let bucket = site.bucket.as_deref()?;
    let page = |it: &Database<'_>| format!("arn:{}:s3:::{bucket}{prefix}/{}/x.html", site.partition, it.name);
    let right = Right::Wanted("no move has its page, and the links of the messages lead nowhere");
    Some(Ask { right, ..Ask::of("s3:PutObject", databases.iter().map(page).collect()) })
}

/// A move as the fence has it: both records, deleted and created.
fn moves(record: &str) -> Vec<(&'static str, Vec<String>)> {
    let owned = |values: [&str; 2]| values.map(str::to_owned).to_vec();
    vec![
        (
            "route53:ChangeResourceRecordSetsNormalizedRecordNames",
            owned([record, &format!("_failover-responder.{record}")]),
        ),
        ("route53:ChangeResourceRecordSetsRecordTypes", owned(["CNAME", "TXT"])),
        ("route53:ChangeResourceRecordSetsActions", owned(["CREATE", "DELETE"])),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::123456789012:role/failover-responder-follow-ap-northeast-3";
    const TODO: &str = r#"{"global_cluster": "todo", "parameter": "/todo/writer",
        "members": {"ap-northeast-2": "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul",
                    "ap-northeast-3": "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"},
        "record": {"zone_id": "Z1", "name": "Writer.todo.internal.", "ttl_seconds": 5},
        "failover": {"topic_arn": "arn:aws:sns:ap-northeast-3:123456789012:todo"}}"#;

    fn asked(kind: &str, json: &str) -> Vec<Ask> {
        let site = Site::of(ROLE, "ap-northeast-3", None).unwrap();
        asks(kind, &site, "/fr", &Configurations::from([("/fr/databases/todo".to_owned(), json.to_owned())]))
    }

    fn parameter(region: &str, name: &str) -> String {
        format!("arn:aws:ssm:{region}:123456789012:parameter{name}")
    }

    #[test]
    fn follow_publishes_in_both_regions_and_never_fails_over() {
        let asked = asked("follow", TODO);
        let actions: Vec<_> = asked.iter().map(|it| (it.action, it.right)).collect();
        let wanted = [
            ("route53:ChangeResourceRecordSets", Right::Needed),
            ("ssm:PutParameter", Right::Needed),
            ("rds:DescribeGlobalClusters", Right::Needed),
            ("rds:FailoverGlobalCluster", Right::Forbidden),
        ];
        assert_eq!(actions, wanted);
        assert_eq!(asked[0].resources, ["arn:aws:route53:::hostedzone/Z1"]);
        let names = ["writer.todo.internal", "_failover-responder.writer.todo.internal"];
        assert_eq!(asked[0].context[0].1, names);
        assert_eq!(asked[0].context.len(), 3);
        let parameters = ["/fr/state/todo", "/todo/writer"]
            .map(|name| ["ap-northeast-2", "ap-northeast-3"].map(|region| parameter(region, name)));
        assert_eq!(asked[1].resources, parameters.concat());
        assert_eq!(asked[2].context, [("aws:RequestedRegion", vec!["ap-northeast-3".to_owned()])]);
    }

    #[test]
    fn failover_makes_its_own_regions_member_the_writer() {
        let asked = asked("failover", TODO);
        let clusters = [
            "arn:aws:rds::123456789012:global-cluster:todo",
            "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka",
        ];
        assert_eq!(asked[0].resources, clusters);
        let own = ["attempt", "readiness"].map(|it| parameter("ap-northeast-3", &format!("/fr/{it}/todo")));
        assert_eq!(asked[1].resources, own);
        assert_eq!(asked[2].resources, ["arn:aws:sns:ap-northeast-3:123456789012:todo"]);
        assert!(asked.iter().all(|it| it.right == Right::Needed));
        let reads: Vec<_> = asked[3..].iter().map(|it| it.action).collect();
        let wanted = ["DescribeAlarms", "ListAlarmMuteRules", "GetMetricData"];
        assert_eq!(reads, wanted.map(|call| format!("cloudwatch:{call}")));
    }

    #[test]
    fn failover_tells_people_by_each_regions_topic() {
        let each = r#""topic_arns": {"ap-northeast-2": "arn:b", "ap-northeast-3": "arn:a"}, "topic_arn""#;
        let asked = asked("failover", &TODO.replace("\"topic_arn\"", each));
        assert_eq!(asked[2].resources, ["arn:a", "arn:aws:sns:ap-northeast-3:123456789012:todo", "arn:b"]);
    }

    #[test]
    fn drill_switches_over_and_writes_its_three_parameters() {
        let asked = asked("drill", TODO);
        assert_eq!((asked[0].action, asked[0].resources.len()), ("rds:SwitchoverGlobalCluster", 3));
        assert_eq!((asked[1].action, asked[1].resources.len()), ("ssm:PutParameter", 5));
        for kind in ["hold", "declared", "run"] {
            let name = parameter("ap-northeast-3", &format!("/fr/{kind}/todo"));
            assert!(asked[1].resources.contains(&name), "{asked:?}");
        }
    }

    #[test]
    fn drill_finds_and_copies_the_snapshot_of_any_member_under_a_name_of_its_own() {
        let asked = asked("drill", TODO);
        let actions: Vec<_> = asked[2..].iter().map(|it| (it.action, it.region())).collect();
        let wanted = [
            ("rds:DescribeDBClusterSnapshots", Some("ap-northeast-2")),
            ("rds:DescribeDBClusterSnapshots", Some("ap-northeast-3")),
            ("rds:CopyDBClusterSnapshot", None),
            ("rds:AddTagsToResource", None),
        ];
        assert_eq!(actions, wanted);
        assert!(asked[2..].iter().all(|it| matches!(it.right, Right::Wanted(_))), "{asked:?}");
        let of = |kind: &str| {
            [("ap-northeast-2", "todo-seoul"), ("ap-northeast-3", "todo-osaka")].map(|(region, cluster)| {
                format!("arn:aws:rds:{region}:123456789012:cluster-snapshot:{kind}{cluster}-2026-11-27-10-05")
            })
        };
        assert_eq!(asked[4].resources, [of("rds:unplanned-global-failover-"), of("salvage-")].concat());
        assert_eq!(asked[5].resources, of("salvage-"));
    }

    #[test]
    fn whoever_publishes_may_ask_every_probe_that_is_named() {
        let probe = r#""probe": {"ap-northeast-2": "probe-a", "ap-northeast-3": "probe"}, "record""#;
        let with = TODO.replace("\"record\"", probe);
        let probes = [("ap-northeast-2", "probe-a"), ("ap-northeast-3", "probe")]
            .map(|(region, name)| format!("arn:aws:lambda:{region}:123456789012:function:{name}"));
        for kind in ["follow", "failover", "drill"] {
            let asks = |json: &str| {
                let all = asked(kind, json);
                all.into_iter().filter(|it| it.action == "lambda:InvokeFunction").collect::<Vec<_>>()
            };
            assert_eq!(asks(&with), [Ask::of("lambda:InvokeFunction", probes.to_vec())], "{kind}");
            assert_eq!(asks(TODO), [], "{kind}: nobody to ask");
        }
        assert_eq!(asked("probe", &with), [], "it makes no call");
    }

    #[test]
    fn whoever_is_told_of_a_bucket_may_write_below_the_prefix_there() {
        let with = Site::of(ROLE, "ap-northeast-3", Some("reports")).unwrap();
        let databases = Configurations::from([("/fr/databases/todo".to_owned(), TODO.to_owned())]);
        let all = asks("drill", &with, "/fr", &databases);
        let page = all.iter().find(|it| it.action == "s3:PutObject").unwrap();
        assert_eq!(page.resources, ["arn:aws:s3:::reports/fr/todo/x.html"]);
        assert!(matches!(page.right, Right::Wanted(_)), "without it nothing but the page is missing");
        assert!(asked("drill", TODO).iter().all(|it| it.action != "s3:PutObject"));
    }

    #[test]
    fn without_a_topic_nobody_is_told_and_a_broken_configuration_asks_nothing() {
        let silent = TODO.replace("topic_arn", "no_topic");
        assert!(asked("failover", &silent).iter().all(|it| it.action != "sns:Publish"));
        for broken in ["{", "{}", r#"{"global_cluster": "todo", "members": {"a": 1}}"#] {
            assert!(asked("follow", broken).is_empty(), "{broken}");
        }
        assert_eq!(Site::of("role", "ap-northeast-3", None), None);
    }
}
