//! The account's concurrency in one Region: whether it is enough for the functions, and whether any of it could be reserved.

use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::AccountLimit;
use responder_core::config::Database;

use super::Finding;
use super::unread::answer;

/// What the functions may want at once, and a probe: what the Terraform modules reserve when they are told to.
const FUNCTIONS: i32 = 13;
const PROBE: i32 = 5;
/// What AWS leaves to functions that reserve nothing.
const LEFT: i32 = 100;

/// What Lambda says of an account in a Region.
#[derive(Debug, Clone, Copy)]
struct Concurrency {
    quota: i32,
    unreserved: i32,
}

pub(super) async fn look(config: &SdkConfig, region: &str, databases: &[Database]) -> Finding {
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
