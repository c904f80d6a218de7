//! What wakes the functions of one Region: EventBridge's rules, and the permissions without which a rule wakes nothing.
//!
//! Only the default bus is looked at, where RDS and CloudWatch put their events.

use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::types::RuleState;
use serde_json::Value;

use super::Finding;
use super::functions::Deployed;
use super::unread::{Unread, answer};

const EVENTS: &str = "events.amazonaws.com";
const ALARMS: &str = "cloudwatch.amazonaws.com";
const CALLS: &str = "events:ListRuleNamesByTarget and events:DescribeRule";

/// A rule that has a function as its target.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    name: String,
    pattern: Value,
    schedule: bool,
    enabled: bool,
}

impl Rule {
    fn of(name: &str, told: &DescribeRuleOutput) -> Self {
        Self {
            name: name.to_owned(),
            pattern: told.event_pattern().and_then(|it| serde_json::from_str(it).ok()).unwrap_or_default(),
            schedule: told.schedule_expression().is_some_and(|it| !it.is_empty()),
            enabled: told.state() != Some(&RuleState::Disabled),
        }
    }

    /// Whether its pattern names a value of a field.
    fn names(&self, field: &str, value: &str) -> bool {
        let values = self.pattern.get(field).and_then(Value::as_array);
        values.is_some_and(|values| values.iter().any(|it| it.as_str() == Some(value)))
    }

    fn rds(&self) -> bool {
        self.names("source", "aws.rds")
    }

    /// Whether it passes changes of alarms on: by name, or among all that CloudWatch says.
    fn alarms(&self) -> bool {
        self.names("detail-type", "CloudWatch Alarm State Change")
            || self.names("source", "aws.cloudwatch") && self.pattern.get("detail-type").is_none()
    }
}

pub(super) async fn look(
    config: &SdkConfig,
    region: &str,
    deployed: &[Deployed],
    findings: &mut Vec<Finding>,
) {
    let client = Client::new(config);
    for it in deployed {
        let told = format!("{} {region}", it.kind);
        let rules = match &it.arn {
            Some(arn) => match read(&client, arn).await {
                Ok(rules) => Some(rules),
                Err(why) => {
                    findings.push(why.finding(&told, "the rules that wake it", CALLS));
                    None
                }
            },
            None => None,
        };
        match it.kind {
            "follow" => findings.extend(follow(&told, rules.as_deref(), &it.policy)),
            "failover" => findings.extend(failover(&told, rules.as_deref(), &it.policy)),
            // Only people wake it.
            _ => {}
        }
    }
}

async fn read(client: &Client, arn: &str) -> Result<Vec<Rule>, Unread> {
    let mut rules = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let call = client.list_rule_names_by_target().target_arn(arn).set_next_token(next.clone());
        let page = answer(call.send()).await?;
        for name in page.rule_names() {
            rules.push(Rule::of(name, &answer(client.describe_rule().name(name).send()).await?));
        }
        // A page that names itself as the next one is the last.
        next = page.next_token.filter(|token| next.as_ref() != Some(token));
        if next.is_none() {
            return Ok(rules);
        }
    }
}

/// What wakes `follow`. Without a look at the rules the permission alone is judged, and the passes elsewhere.
fn follow(told: &str, rules: Option<&[Rule]>, policy: &str) -> Vec<Finding> {
    let mut findings = vec![permission(told, policy, EVENTS, "RDS events and the schedule")];
    if let Some(rules) = rules {
        let rds = rules.iter().filter(|it| it.rds()).collect::<Vec<_>>();
        let schedule = rules.iter().filter(|it| it.schedule).collect::<Vec<_>>();
        let mend = "terraform apply; without it a move is noticed late or never";
        findings.push(rule(told, "RDS events", &rds, mend));
        findings.push(rule(told, "the schedule", &schedule, mend));
    }
    findings
}

/// A rule that has to be there. A second one that somebody disabled is no better: it was made to pass something on.
fn rule(told: &str, what: &str, rules: &[&Rule], mend: &str) -> Finding {
    if rules.is_empty() {
        return Finding::fail(told, format!("no rule for {what} reaches it"), mend);
    }
    let names = |enabled: bool| {
        let names = rules.iter().filter(|it| it.enabled == enabled).map(|it| it.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let disabled = names(false);
    if disabled.is_empty() {
        return Finding::ok(told, format!("a rule for {what} reaches it: {}", names(true)));
    }
    let mend = format!("aws events enable-rule --name {disabled}, or terraform apply");
    Finding::fail(told, format!("the rule for {what} is DISABLED: {disabled}"), mend)
}

/// What wakes `failover`: health alarms, and the schedule, by which nothing is lost when an alarm's event is.
fn failover(told: &str, rules: Option<&[Rule]>, policy: &str) -> Vec<Finding> {
    let mut findings =
        vec![health_alarms(told, rules, policy), permission(told, policy, EVENTS, "the schedule")];
    if let Some(rules) = rules {
        let schedule = rules.iter().filter(|it| it.schedule).collect::<Vec<_>>();
        let mend = "terraform apply; without it an alarm whose event is lost starts nothing";
        findings.push(rule(told, "the schedule", &schedule, mend));
    }
    findings
}

/// An alarm wakes it directly, or by the rule that passes changes of alarms on. One of the two is enough.
fn health_alarms(told: &str, rules: Option<&[Rule]>, policy: &str) -> Finding {
    let direct = policy.contains(ALARMS);
    let Some(rules) = rules.filter(|_| !direct) else {
        return permission(told, policy, ALARMS, "health alarms");
    };
    let mut alarms = rules.iter().filter(|it| it.alarms());
    let mend = "terraform apply; until then no alarm advises or starts a failover";
    match alarms.clone().find(|it| it.enabled).or_else(|| alarms.next()) {
        Some(it) if it.enabled && policy.contains(EVENTS) => {
            Finding::ok(told, format!("a rule for health alarms reaches it: {}", it.name))
        }
        Some(it) if it.enabled => Finding::warn(told, format!("the rule {} may not wake it", it.name), mend),
        Some(it) => {
            let what = format!("the rule for health alarms is DISABLED: {}", it.name);
            Finding::warn(told, what, format!("aws events enable-rule --name {}", it.name))
        }
        None => Finding::warn(told, "neither a rule for health alarms nor an alarm itself reaches it", mend),
    }
}

fn permission(told: &str, policy: &str, principal: &str, what: &str) -> Finding {
    if policy.contains(principal) {
        return Finding::ok(told, format!("may be woken by {what}"));
    }
    let mend = format!("its permission and rule for {what} are missing: terraform apply");
    Finding::fail(told, format!("nothing of {principal} may wake it"), mend)
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    const BY_RULE: &str = r#"{"Principal":{"Service":"events.amazonaws.com"}}"#;
    const BY_ALARM: &str = r#"{"Principal":{"Service":"lambda.alarms.cloudwatch.amazonaws.com"}}"#;
    const RDS: &str = r#"{"source":["aws.rds"],"detail-type":["RDS DB Cluster Event"]}"#;
    const ALARM: &str = r#"{"source":["aws.cloudwatch"],"detail-type":["CloudWatch Alarm State Change"]}"#;

    fn read(name: &str, pattern: Option<&str>, state: &str) -> Rule {
        let schedule = if pattern.is_none() { "rate(1 minute)" } else { "" };
        let told = DescribeRuleOutput::builder().state(RuleState::from(state)).schedule_expression(schedule);
        Rule::of(name, &told.set_event_pattern(pattern.map(str::to_owned)).build())
    }

    fn levels(findings: &[Finding]) -> Vec<Level> {
        findings.iter().map(|it| it.level).collect()
    }

    #[test]
    fn changes_of_alarms_come_by_name_or_with_all_that_cloudwatch_says() {
        for (pattern, passes) in [
            (ALARM, true),
            (r#"{"source":["aws.cloudwatch"]}"#, true),
            (
                r#"{"source":["aws.cloudwatch"],"detail-type":["CloudWatch Alarm Configuration Change"]}"#,
                false,
            ),
            (r#"{"source":["aws.ecs"]}"#, false),
            (RDS, false),
        ] {
            assert_eq!(read("it", Some(pattern), "ENABLED").alarms(), passes, "{pattern}");
        }
    }

    #[test]
    fn follow_needs_both_rules_enabled_and_the_permission() {
        use Level::{Fail, Ok};
        let (rds, tick) = (read("rds", Some(RDS), "ENABLED"), read("tick", None, "ENABLED"));
        let (rds_off, tick_off) = (read("rds", Some(RDS), "DISABLED"), read("tick", None, "DISABLED"));
        for (rules, policy, wanted) in [
            (vec![rds.clone(), tick.clone()], BY_RULE, vec![Ok, Ok, Ok]),
            (vec![rds.clone(), tick.clone()], "", vec![Fail, Ok, Ok]),
            (vec![tick.clone()], BY_RULE, vec![Ok, Fail, Ok]),
            (vec![rds.clone()], BY_RULE, vec![Ok, Ok, Fail]),
            (vec![rds_off, tick.clone()], BY_RULE, vec![Ok, Fail, Ok]),
            (vec![rds.clone(), tick_off.clone()], BY_RULE, vec![Ok, Ok, Fail]),
            (vec![rds.clone(), tick, tick_off], BY_RULE, vec![Ok, Ok, Fail]),
            (vec![read("else", Some(ALARM), "ENABLED"), rds], BY_RULE, vec![Ok, Ok, Fail]),
            (vec![read("broken", Some("{"), "ENABLED")], BY_RULE, vec![Ok, Fail, Fail]),
        ] {
            let findings = follow("follow", Some(&rules), policy);
            assert_eq!(levels(&findings), wanted, "{rules:?} {findings:?}");
            assert!(findings.iter().all(|it| it.level == Ok || !it.mend.is_empty()), "{findings:?}");
        }
    }

    #[test]
    fn without_a_look_at_the_rules_the_permissions_are_judged() {
        assert_eq!(levels(&follow("follow", None, BY_RULE)), [Level::Ok]);
        assert_eq!(levels(&follow("follow", None, "")), [Level::Fail]);
        assert_eq!(levels(&failover("failover", None, BY_ALARM)), [Level::Ok, Level::Fail]);
        assert_eq!(levels(&failover("failover", None, "")), [Level::Fail, Level::Fail]);
    }

    #[test]
    fn failover_needs_the_schedules_rule_and_permission_beside_its_alarms() {
        use Level::{Fail, Ok};
        let (tick, off) = (read("tick", None, "ENABLED"), read("tick", None, "DISABLED"));
        let both = format!("{BY_ALARM}{BY_RULE}");
        for (rules, policy, wanted) in [
            (vec![tick.clone()], both.as_str(), [Ok, Ok, Ok]),
            (vec![tick], BY_ALARM, [Ok, Fail, Ok]),
            (vec![off], &both, [Ok, Ok, Fail]),
            (vec![], &both, [Ok, Ok, Fail]),
            (vec![read("alarms", Some(ALARM), "ENABLED")], BY_RULE, [Ok, Ok, Fail]),
        ] {
            let findings = failover("failover", Some(&rules), policy);
            assert_eq!(levels(&findings), wanted, "{rules:?} {findings:?}");
            assert!(findings.iter().all(|it| it.level == Ok || !it.mend.is_empty()), "{findings:?}");
        }
    }

    #[test]
    fn an_alarm_reaches_failover_directly_or_by_an_enabled_rule_that_may_wake_it() {
        let every = r#"{"source":["aws.cloudwatch"]}"#;
        for (rules, policy, level) in [
            (vec![], BY_ALARM, Level::Ok),
            (vec![read("alarms", Some(ALARM), "ENABLED")], BY_RULE, Level::Ok),
            (vec![read("alarms", Some(every), "ENABLED")], BY_RULE, Level::Ok),
            (vec![read("alarms", Some(ALARM), "ENABLED")], "", Level::Warn),
            (vec![read("alarms", Some(ALARM), "DISABLED")], BY_RULE, Level::Warn),
            (vec![read("rds", Some(RDS), "ENABLED")], BY_RULE, Level::Warn),
            (vec![], "", Level::Warn),
        ] {
            let finding = health_alarms("failover", Some(&rules), policy);
            assert_eq!(finding.level, level, "{rules:?} {finding:?}");
        }
        let off = read("off", Some(ALARM), "DISABLED");
        let both = [off.clone(), read("on", Some(ALARM), "ENABLED")];
        assert_eq!(health_alarms("failover", Some(&both), BY_RULE).level, Level::Ok);
        assert!(health_alarms("failover", Some(&[off]), BY_RULE).mend.contains("enable-rule --name off"));
    }
}
