//! Quotas that are in the way only on the day when all moves at once: the account's concurrency in one Region, whether it is
//! enough for the functions and whether any of it could be reserved; the writes a second that its Parameter Store takes; and the
//! records that a zone has room for.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::AccountLimit;
use aws_sdk_route53::types::HostedZoneLimitType;
use responder_core::config::Database;

use super::Finding;
use super::unread::answer;

/// What the functions may want at once, and a probe: what the Terraform modules reserve when they are told to.
const FUNCTIONS: i32 = 13;
const PROBE: i32 = 5;
/// What AWS leaves to functions that reserve nothing.
const LEFT: i32 = 100;

/// The setting by which an account pays for more calls of Parameter Store, and what it takes without and with it: writes a second.
const THROUGHPUT: &str = "/ssm/parameter-store/high-throughput-enabled";
const WRITES_A_SECOND: usize = 3;
/// What a move of one database writes in a Region: its writer parameter and its state.
const WRITES: usize = 2;
/// How long the writes of a Region may take when all its databases move at once, in seconds.
const WRITES_SECONDS_MAX: usize = 10;
/// What one database has in its zone: the writer record and its ownership.
const RECORDS: i64 = 2;

/// What Lambda says of an account in a Region.
#[derive(Debug, Clone, Copy)]
struct Concurrency {
    quota: i32,
    unreserved: i32,
}

/// What is bounded in one Region.
pub(super) async fn look(config: &SdkConfig, region: &str, databases: &[Database]) -> [Finding; 2] {
    [concurrency(config, region, databases).await, throughput(config, region, databases).await]
}

/// What is bounded in each zone.
pub(super) async fn zones(config: &SdkConfig, databases: &[Database]) -> Vec<Finding> {
    let mut zones: BTreeMap<&str, i64> = BTreeMap::new();
    for database in databases {
        *zones.entry(database.record().zone_id.as_str()).or_default() += 1;
    }
    let client = aws_sdk_route53::Client::new(config);
    let mut findings = Vec::new();
    for (zone, count) in zones {
        let place = format!("zone {zone}");
        let call = client.get_hosted_zone_limit().hosted_zone_id(zone);
        findings.push(match answer(call.r#type(HostedZoneLimitType::MaxRrsetsByZone).send()).await {
            Ok(told) => match told.limit() {
                Some(limit) => records(&place, told.count(), limit.value(), count),
                None => {
                    Finding::warn(&place, "its quota of records was not said", "look again when it answers")
                }
            },
            Err(why) => why.finding(&place, "its quota of records", "route53:GetHostedZoneLimit"),
        });
    }
    findings
}

/// A move deletes as many records as it creates; only a first publication needs room.
fn records(place: &str, count: i64, limit: i64, databases: i64) -> Finding {
    let seen = format!("{count} of {limit} records");
    let left = limit.saturating_sub(count);
    if left < RECORDS.saturating_mul(databases.max(1)) {
        let what = format!("{seen}: a database's first publication may find no room for its {RECORDS}");
        let mend = "delete records that nobody needs, or ask for a higher quota of records in this hosted zone (Service Quotas, Route 53)";
        return Finding::warn(place, what, mend);
    }
    Finding::ok(place, seen)
}

async fn throughput(config: &SdkConfig, region: &str, databases: &[Database]) -> Finding {
    let place = format!("Parameter Store {region}");
    let here = databases.iter().filter(|it| it.regions().any(|other| other.as_str() == region)).count();
    let call = aws_sdk_ssm::Client::new(config).get_service_setting().setting_id(THROUGHPUT);
    match answer(call.send()).await {
        Ok(told) => match told.service_setting().and_then(|it| it.setting_value()) {
            Some(value) => paced(&place, region, value == "true", here),
            None => Finding::warn(&place, "its throughput was not said", "look again when it answers"),
        },
        Err(why) => why.finding(&place, "its throughput", "ssm:GetServiceSetting"),
    }
}

fn paced(place: &str, region: &str, is_high: bool, databases: usize) -> Finding {
    if is_high {
        return Finding::ok(place, "has the higher throughput");
    }
    let seconds = databases.saturating_mul(WRITES).div_ceil(WRITES_A_SECOND);
    let what = format!(
        "takes about {WRITES_A_SECOND} writes a second: {databases} that move at once are written in {seconds} s"
    );
    if seconds <= WRITES_SECONDS_MAX {
        return Finding::ok(place, what);
    }
    let mend = format!(
        "aws ssm update-service-setting --region {region} --setting-id {THROUGHPUT} --setting-value true (AWS then charges by the call)"
    );
    Finding::warn(place, what, mend)
}

async fn concurrency(config: &SdkConfig, region: &str, databases: &[Database]) -> Finding {
    let place = format!("concurrency {region}");
    let has_probe = databases.iter().any(|database| {
        database.regions().any(|it| it.as_str() == region && database.probe_in(it).is_some())
    });
    let told = match answer(Client::new(config).get_account_settings().send()).await {
        Ok(told) => told,
        Err(why) => return why.finding(&place, "the account's quota", "lambda:GetAccountSettings"),
    };
    let limit = told.account_limit();
    let quota = limit.map_or(0, AccountLimit::concurrent_executions);
    let Some(unreserved) = limit.and_then(AccountLimit::unreserved_concurrent_executions) else {
        return Finding::warn(&place, "the account's quota was not said", "look again when it answers");
    };
    judge(&place, Concurrency { quota, unreserved }, FUNCTIONS + if has_probe { PROBE } else { 0 })
}

fn judge(place: &str, Concurrency { quota, unreserved }: Concurrency, wanted: i32) -> Finding {
    let seen = format!("{unreserved} of the account's {quota} concurrent executions are unreserved");
    let more = "ask for a higher quota of concurrent executions (Service Quotas, Lambda, L-B99A9384)";
    if unreserved < wanted {
        let what = format!("{seen}; the functions want {wanted} at the worst, and what is throttled is late");
        return Finding::warn(place, what, more);
    }
    // Where as much is reserved already, it may be for these functions.
    if unreserved < LEFT + wanted && quota - unreserved < wanted {
        let what = format!("{seen}: {wanted} cannot be reserved, because AWS leaves {LEFT} to all others");
        return Finding::warn(place, what, format!("leave reserve_concurrency false, or {more}"));
    }
    Finding::ok(place, seen)
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn too_little_is_said_and_so_is_what_cannot_be_reserved() {
        for (quota, unreserved, wanted, level, word) in [
            (1_000, 1_000, 13, Level::Ok, "1000 of the account's 1000"),
            (113, 113, 13, Level::Ok, "113 of"),
            (112, 112, 13, Level::Warn, "13 cannot be reserved"),
            (113, 113, 18, Level::Warn, "18 cannot be reserved"),
            // Reserved already.
            (113, 100, 13, Level::Ok, "100 of the account's 113"),
            (1_000, 100, 18, Level::Ok, "100 of"),
            // Others reserve a little, and no more can be had.
            (120, 110, 13, Level::Warn, "cannot be reserved"),
            (13, 13, 13, Level::Warn, "cannot be reserved"),
            (10, 10, 13, Level::Warn, "the functions want 13"),
            (17, 17, 18, Level::Warn, "the functions want 18"),
            (1_000, 12, 13, Level::Warn, "the functions want 13"),
        ] {
            let finding = judge("concurrency", Concurrency { quota, unreserved }, wanted);
            assert_eq!(finding.level, level, "{quota} {unreserved} {wanted}: {finding:?}");
            assert!(finding.what.contains(word), "{finding:?}");
            assert_eq!(finding.mend.contains("L-B99A9384"), level == Level::Warn, "{finding:?}");
        }
    }

    #[test]
    fn a_fleet_whose_writes_take_long_is_told_of_the_setting() {
        for (is_high, databases, level, word) in [
            (false, 1, Level::Ok, "1 that move at once are written in 1 s"),
            (false, 15, Level::Ok, "written in 10 s"),
            (false, 16, Level::Warn, "16 that move at once are written in 11 s"),
            (true, 5_000, Level::Ok, "has the higher throughput"),
        ] {
            let finding = paced("here", "ap-northeast-3", is_high, databases);
            assert_eq!(finding.level, level, "{finding:?}");
            assert!(finding.what.contains(word), "{finding:?}");
            let command = "update-service-setting --region ap-northeast-3 --setting-id /ssm/";
            assert_eq!(finding.mend.contains(command), level == Level::Warn, "{finding:?}");
        }
    }

    #[test]
    fn a_zone_needs_room_for_each_database_once() {
        for (count, limit, databases, level) in [
            (12, 10_000, 5, Level::Ok),
            (9_990, 10_000, 5, Level::Ok),
            (9_991, 10_000, 5, Level::Warn),
            (10_000, 10_000, 1, Level::Warn),
            (10_001, 10_000, 1, Level::Warn),
            (9_998, 10_000, 1, Level::Ok),
        ] {
            let finding = records("zone", count, limit, databases);
            assert_eq!(finding.level, level, "{finding:?}");
            assert!(finding.what.starts_with(&format!("{count} of {limit} records")), "{finding:?}");
            assert_eq!(finding.mend.contains("Service Quotas"), level == Level::Warn, "{finding:?}");
        }
    }

    #[test]
    fn what_is_wanted_is_what_the_modules_reserve() {
        let modules = include_str!("../../../../../infra/modules/responder/variables.tf");
        let default = |name: &str| {
            let variable = modules.split_once(&format!("variable \"{name}\"")).unwrap().1;
            let default = variable.split_once("default     = ").unwrap().1;
            default.lines().next().unwrap().parse::<i32>().unwrap()
        };
        let wanted = ["follow_concurrency", "failover_concurrency", "drill_concurrency"].map(default);
        assert_eq!(wanted.iter().sum::<i32>(), FUNCTIONS);
        let example = include_str!("../../../../../infra/examples/existing_database/probe.tf");
        assert!(example.contains(&format!("var.reserve_concurrency ? {PROBE} : null")));
    }
}
