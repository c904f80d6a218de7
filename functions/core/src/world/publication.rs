//! One publication of a writer: who it is, under which name, and since when.

use crate::config::Database;
use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;

/// One publication of a writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Its fencing token.
    pub epoch: Epoch,
    /// The writer's Region.
    pub writer: Region,
    /// The writer endpoint.
    pub endpoint: String,
    /// When it was published, in whole seconds.
    pub at: Timestamp,
}

/// A host name as names are compared: lower case, without the trailing dot.
pub fn host(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Whether `host` has the form of the cluster's own writer endpoint, `<cluster>.cluster-<id>.<region>.rds.amazonaws.com`; in some
/// partitions `rds` stands before the Region. A Region that is down cannot confirm its endpoint, so the form has to do.
pub fn has_endpoint_form(host: &str, region: &Region, identifier: &str) -> bool {
    let cluster = format!("{}.cluster-", identifier.to_ascii_lowercase());
    let Some((id, place)) = host.strip_prefix(&cluster).and_then(|rest| rest.split_once('.')) else {
        return false;
    };
    let suffix = region.partition().dns_suffix;
    let others = id.is_empty() || id.starts_with("ro-") || id.starts_with("custom-");
    !others
        && [format!("{region}.rds.{suffix}"), format!("rds.{region}.{suffix}")].iter().any(|it| it == place)
}

/// How far apart the clocks of two Regions may be, in milliseconds, before one of them is wrong.
const CLOCKS_APART_MS_MAX: i64 = 5_000;

/// What is left of the settle time, in milliseconds. A publication dated further ahead than clocks are apart comes from a
/// wrong one and does not count: it could stop every move for years.
pub(crate) fn settling_ms(database: &Database, published: &Published, now: Timestamp) -> Option<i64> {
    let left_ms = database.settle_ms() - now.since_ms(published.at);
    (left_ms > 0 && left_ms <= database.settle_ms() + CLOCKS_APART_MS_MAX).then_some(left_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(name: &str) -> Region {
        name.parse().unwrap()
    }

    #[test]
    fn the_form_of_an_endpoint_names_its_cluster_and_region() {
        let osaka = region("ap-northeast-3");
        let good = "todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com";
        assert!(has_endpoint_form(good, &osaka, "todo-osaka"));
        for bad in [
            "todo-osaka2.cluster-abc.ap-northeast-3.rds.amazonaws.com",
            "todo-osaka.cluster-abc.ap-northeast-2.rds.amazonaws.com",
            "todo-osaka.cluster-ro-abc.ap-northeast-3.rds.amazonaws.com",
            "todo-osaka.cluster-.ap-northeast-3.rds.amazonaws.com",
            "todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com.example.com",
            "todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com.cn",
            "example.com",
        ] {
            assert!(!has_endpoint_form(bad, &osaka, "todo-osaka"), "{bad}");
        }
    }

    #[test]
    fn a_publication_settles_for_its_time_and_not_by_a_clock_that_is_wrong() {
        let osaka = region("ap-northeast-3");
        let members = format!(
            r#"{{"ap-northeast-2":"{}","ap-northeast-3":"{}"}}"#,
            arn("ap-northeast-2"),
            arn("ap-northeast-3")
        );
        let json = format!(
            r#"{{"global_cluster":"todo","members":{members},"parameter":"/todo/writer","settle_seconds":60,
                "record":{{"zone_id":"Z0123456789","name":"writer.db.todo.internal","ttl_seconds":5}}}}"#
        );
        let database = Database::parse("/p", &"todo".parse().unwrap(), &json, &osaka).unwrap();
        let left = |age_ms: i64| {
            let at = Timestamp::from_ms(1_000_000_000);
            let published = Published { epoch: Epoch(7), writer: osaka.clone(), endpoint: String::new(), at };
            settling_ms(&database, &published, at.plus_ms(age_ms))
        };
        let ages = [0, 59_999, 60_000, -5_000, -5_001, -600_000].map(left);
        assert_eq!(ages, [Some(60_000), Some(1), None, Some(65_000), None, None]);
    }

    fn arn(region: &str) -> String {
        format!("arn:aws:rds:{region}:123456789012:cluster:todo")
    }

    #[test]
    fn each_partition_has_its_own_form() {
        for (name, good) in [
            ("cn-north-1", "todo.cluster-abc.rds.cn-north-1.amazonaws.com.cn"),
            ("cn-northwest-1", "todo.cluster-abc.cn-northwest-1.rds.amazonaws.com.cn"),
            ("us-gov-west-1", "todo.cluster-abc.us-gov-west-1.rds.amazonaws.com"),
            ("eusc-de-east-1", "todo.cluster-abc.eusc-de-east-1.rds.amazonaws.eu"),
            ("us-iso-east-1", "todo.cluster-abc.rds.us-iso-east-1.c2s.ic.gov"),
            ("us-isob-east-1", "todo.cluster-abc.rds.us-isob-east-1.sc2s.sgov.gov"),
        ] {
            assert!(has_endpoint_form(good, &region(name), "Todo"), "{good}");
            assert!(!has_endpoint_form(good, &region("us-east-1"), "todo"), "{good}");
        }
    }
}
