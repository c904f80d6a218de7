//! What each function's role may do, by IAM's own simulation: the calls without which it fails on the day it is needed,
//! and the one that `follow` must never be able to make.
//!
//! A simulation knows the role's policies and its boundary. It does not know policies of topics, keys and parameters.

use aws_config::SdkConfig;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType};

use super::functions::Deployed;
use super::needs::{Ask, Right, Site, asks};
use super::unread::{Unread, answer};
use super::{Finding, databases};

const CALL: &str = "iam:SimulatePrincipalPolicy";
/// More than any ask has resources.
const DECISIONS_MAX: i32 = 1000;
const MEND: &str = "terraform apply; then the role's boundary and the organization's policies";

/// What IAM says of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Decision {
    resource: String,
    allowed: bool,
}

pub(super) async fn look(
    config: &SdkConfig,
    region: &str,
    prefix: &str,
    deployed: &[Deployed],
    findings: &mut Vec<Finding>,
) {
    // What cannot be read is told where the configurations of the Regions are compared.
    let Ok(configurations) = databases::read(config, region, prefix).await else { return };
    let client = Client::new(config);
    for it in deployed {
        let told = format!("{} {region}", it.kind);
        let Some((role, site)) =
            it.role.as_deref().and_then(|role| Some((role, Site::of(role, region, it.bucket.as_deref())?)))
        else {
            continue;
        };
        let mut heard = Vec::new();
        for ask in asks(it.kind, &site, prefix, &configurations) {
            match simulate(&client, role, &ask).await {
                Ok(decisions) => heard.push((ask, decisions)),
                Err(why) => {
                    findings.push(why.finding(&told, "what its role may do", CALL));
                    // The caller may not simulate any other role either: once a Region is enough.
                    if why.denied {
                        return;
                    }
                    break;
                }
            }
        }
        findings.extend(judge(&told, &heard));
    }
}

async fn simulate(client: &Client, role: &str, ask: &Ask) -> Result<Vec<Decision>, Unread> {
    let mut call = client
        .simulate_principal_policy()
        .policy_source_arn(role)
        .action_names(ask.action)
        .set_resource_arns(Some(ask.resources.clone()))
        .max_items(DECISIONS_MAX);
    for (key, values) in &ask.context {
        let kind = if values.len() > 1 { ContextKeyTypeEnum::StringList } else { ContextKeyTypeEnum::String };
        let entry = ContextEntry::builder().context_key_name(*key).context_key_type(kind);
        call = call.context_entries(entry.set_context_key_values(Some(values.clone())).build());
    }
    let said = answer(call.send()).await?;
    Ok(said.evaluation_results().iter().flat_map(decisions).collect())
}

/// IAM answers an entry a resource, or one entry with a part for each.
fn decisions(result: &EvaluationResult) -> Vec<Decision> {
    let decision = |resource: &str, said: &PolicyEvaluationDecisionType| Decision {
        resource: resource.to_owned(),
        allowed: *said == PolicyEvaluationDecisionType::Allowed,
    };
    let parts = result.resource_specific_results();
    if parts.is_empty() {
        return vec![decision(result.eval_resource_name().unwrap_or("*"), result.eval_decision())];
    }
    parts.iter().map(|it| decision(it.eval_resource_name(), it.eval_resource_decision())).collect()
}

/// One finding for all that is as it should be, and one for each call that is not.
fn judge(told: &str, heard: &[(Ask, Vec<Decision>)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut good = Vec::new();
    for (ask, decisions) in heard {
        let call = ask.action;
        if let Some(wrong) = wrong(told, ask, decisions) {
            findings.push(wrong);
        } else if decisions.len() < ask.resources.len() {
            let what = format!("IAM did not say whether its role may call {call}");
            findings.push(Finding::warn(told, what, "look again, or look at the role's policy"));
        } else {
            good.push(if ask.right == Right::Forbidden { format!("never {call}") } else { call.to_owned() });
        }
    }
    if !good.is_empty() {
        good.dedup();
        findings.push(Finding::ok(told, format!("its role may do what it has to: {}", good.join(", "))));
    }
    findings
}

/// What is not as it should be: where the role may not call, or may and must not.
fn wrong(told: &str, ask: &Ask, decisions: &[Decision]) -> Option<Finding> {
    let is_right = ask.right != Right::Forbidden;
    let wrong: Vec<&str> =
        decisions.iter().filter(|it| it.allowed != is_right).map(|it| it.resource.as_str()).collect();
    if wrong.is_empty() {
        return None;
    }
    let region = ask.region().map(|region| format!(" in {region}")).unwrap_or_default();
    let (call, places) = (ask.action, wrong.join(", ") + &region);
    let lacks = format!("its role may not call {call} on {places}");
    Some(match ask.right {
        Right::Needed => Finding::fail(told, lacks, MEND),
        Right::Wanted(without) => Finding::warn(told, format!("{lacks}: {without}"), MEND),
        Right::Forbidden => {
            let what = format!("its role may call {call} on {places}, and must not");
            Finding::fail(told, what, "take it out of the role's policies: terraform apply")
        }
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::ResourceSpecificResult;

    use super::super::Level;
    use super::*;

    fn ask(action: &'static str, resources: &[&str], right: Right) -> Ask {
        let resources = resources.iter().map(|&it| it.to_owned()).collect();
        Ask { action, resources, context: Vec::new(), right }
    }

    fn said(decisions: &[(&str, bool)]) -> Vec<Decision> {
        decisions
            .iter()
            .map(|(it, allowed)| Decision { resource: (*it).to_owned(), allowed: *allowed })
            .collect()
    }

    #[test]
    fn a_role_is_judged_call_by_call() {
        let put = || ask("ssm:PutParameter", &["a", "b"], Right::Needed);
        let list = || Ask {
            context: vec![("aws:RequestedRegion", vec!["ap-northeast-3".to_owned()])],
            ..ask("rds:DescribeDBClusterSnapshots", &["*"], Right::Wanted("nothing is kept"))
        };
        let never = || ask("rds:FailoverGlobalCluster", &["a"], Right::Forbidden);
        for (ask, decisions, level, word) in [
            (put(), said(&[("a", true), ("b", true)]), Level::Ok, "what it has to: ssm:PutParameter"),
            (put(), said(&[("a", true), ("b", false)]), Level::Fail, "may not call ssm:PutParameter on b"),
            (put(), said(&[("a", true)]), Level::Warn, "did not say"),
            (put(), said(&[]), Level::Warn, "did not say"),
            (list(), said(&[("*", true)]), Level::Ok, "what it has to: rds:DescribeDBClusterSnapshots"),
            (list(), said(&[("*", false)]), Level::Warn, "on * in ap-northeast-3: nothing is kept"),
            (list(), said(&[]), Level::Warn, "did not say"),
            (never(), said(&[("a", false)]), Level::Ok, "never rds:FailoverGlobalCluster"),
            (never(), said(&[("a", true)]), Level::Fail, "and must not"),
        ] {
            let findings = judge("follow", &[(ask, decisions)]);
            assert!(
                matches!(&findings[..], [it] if it.level == level && it.what.contains(word)),
                "{findings:?}"
            );
        }
        let both = [(put(), said(&[("a", true), ("b", true)])), (never(), said(&[("a", true)]))];
        let levels: Vec<_> = judge("follow", &both).iter().map(|it| it.level).collect();
        assert_eq!(levels, [Level::Fail, Level::Ok]);
        assert!(judge("follow", &[]).is_empty());
    }

    #[test]
    fn an_entry_may_stand_for_one_resource_or_for_several() {
        let (yes, no) = (PolicyEvaluationDecisionType::Allowed, PolicyEvaluationDecisionType::ImplicitDeny);
        let result = EvaluationResult::builder().eval_action_name("x").eval_resource_name("a");
        let one = result.clone().eval_decision(no.clone()).build().unwrap();
        assert_eq!(decisions(&one), said(&[("a", false)]));
        let part = |name: &str, it: &PolicyEvaluationDecisionType| {
            let part = ResourceSpecificResult::builder().eval_resource_name(name);
            part.eval_resource_decision(it.clone()).build().unwrap()
        };
        let several = result.eval_decision(no.clone());
        let several =
            several.resource_specific_results(part("a", &yes)).resource_specific_results(part("b", &no));
        assert_eq!(decisions(&several.build().unwrap()), said(&[("a", true), ("b", false)]));
    }
}
