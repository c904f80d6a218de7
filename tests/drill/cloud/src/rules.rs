//! EventBridge's rules as they are in the emulated AWS, and which of them an event meets.
//!
//! Nobody but AWS may put events of a source such as `aws.rds`, and the emulator refuses them as AWS does. So the drill
//! asks `TestEventPattern`, which is the matcher that the emulator's own rules use (it refuses a pattern that it does not
//! understand), and delivers by itself. Schedules it leaves to the emulator, which plays them.

use aws_sdk_eventbridge::types::{RuleState, Target};
use drill_emulator::{Pair, Region};
use serde_json::Value;

use crate::{clients::Clients, error::CloudError};

/// A rule of the default bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Its event pattern, as JSON.
    pub pattern: Option<String>,
    /// Its schedule, such as `rate(1 minute)`.
    pub schedule: Option<String>,
    /// Whether it is enabled.
    pub enabled: bool,
    /// ARNs of its targets.
    pub targets: Vec<String>,
}

/// The rules of both Regions, as they were when they were read.
#[derive(Debug, Clone)]
pub struct Rules {
    emulator: Clients,
    rules: Pair<Vec<Rule>>,
}

impl Rules {
    /// Reads the rules of both Regions and their targets.
    pub async fn read(emulator: &Clients) -> Result<Self, CloudError> {
        let (seoul, osaka) =
            tokio::try_join!(rules(emulator, Region::Seoul), rules(emulator, Region::Osaka))?;
        Ok(Self { emulator: emulator.clone(), rules: Pair { seoul, osaka } })
    }

    /// The Region's rules.
    pub fn of(&self, region: Region) -> &[Rule] {
        self.rules.get(region)
    }

    /// The enabled rules of the Region whose pattern the event meets.
    pub async fn met_by(&self, region: Region, event: &Value) -> Result<Vec<&Rule>, CloudError> {
        let mut met = Vec::new();
        for rule in self.of(region).iter().filter(|rule| rule.enabled) {
            if let Some(pattern) = &rule.pattern
                && self.meets(region, rule, pattern, event).await?
            {
                met.push(rule);
            }
        }
        Ok(met)
    }

    async fn meets(
        &self,
        region: Region,
        rule: &Rule,
        pattern: &str,
        event: &Value,
    ) -> Result<bool, CloudError> {
        let client = self.emulator.eventbridge(region);
        let asked = client.test_event_pattern().event_pattern(pattern).event(event.to_string()).send().await;
        let operation = format!("TestEventPattern of {} in {region}", rule.name);
        Ok(asked.map_err(CloudError::aws(operation))?.result())
    }
}

async fn rules(emulator: &Clients, region: Region) -> Result<Vec<Rule>, CloudError> {
    let client = emulator.eventbridge(region);
    let (mut rules, mut next) = (Vec::new(), None);
    loop {
        let page = client.list_rules().set_next_token(next).send().await;
        let page = page.map_err(CloudError::aws(format!("ListRules in {region}")))?;
        for rule in page.rules() {
            let name = rule.name().unwrap_or_default().to_owned();
            rules.push(Rule {
                targets: targets(&client, region, &name).await?,
                pattern: rule.event_pattern().map(str::to_owned),
                schedule: rule.schedule_expression().map(str::to_owned),
                enabled: rule.state() == Some(&RuleState::Enabled),
                name,
            });
        }
        next = page.next_token().map(str::to_owned);
        if next.is_none() {
            return Ok(rules);
        }
    }
}

async fn targets(
    client: &aws_sdk_eventbridge::Client,
    region: Region,
    rule: &str,
) -> Result<Vec<String>, CloudError> {
    let (mut targets, mut next) = (Vec::new(), None);
    loop {
        let page = client.list_targets_by_rule().rule(rule).set_next_token(next).send().await;
        let page = page.map_err(CloudError::aws(format!("ListTargetsByRule {rule} in {region}")))?;
        for target in page.targets() {
            require_whole_event(rule, target)?;
            targets.push(target.arn().to_owned());
        }
        next = page.next_token().map(str::to_owned);
        if next.is_none() {
            return Ok(targets);
        }
    }
}

/// The drill delivers an event as it is; a target that would get something else is refused rather than misplayed.
fn require_whole_event(rule: &str, target: &Target) -> Result<(), CloudError> {
    let changed = [
        ("Input", target.input().is_some()),
        ("InputPath", target.input_path().is_some()),
        ("InputTransformer", target.input_transformer().is_some()),
    ];
    changed.into_iter().find(|(_, is_set)| *is_set).map_or(Ok(()), |(feature, _)| {
        Err(CloudError::NotPlayed { subject: format!("a target of the rule {rule}"), feature })
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_eventbridge::types::InputTransformer;

    use super::*;

    fn target() -> aws_sdk_eventbridge::types::builders::TargetBuilder {
        Target::builder().id("one").arn("arn:aws:lambda:ap-northeast-2:123456789012:function:follow")
    }

    #[test]
    fn a_target_that_gets_the_event_as_it_is_can_be_played() {
        assert!(require_whole_event("rds", &target().build().unwrap()).is_ok());
    }

    #[test]
    fn a_target_that_gets_something_else_is_refused_by_name() {
        let transformer = InputTransformer::builder().input_template("{}").build().unwrap();
        for (changed, feature) in [
            (target().input("{}"), "Input"),
            (target().input_path("$.detail"), "InputPath"),
            (target().input_transformer(transformer), "InputTransformer"),
        ] {
            let refused = require_whole_event("rds", &changed.build().unwrap()).unwrap_err();
            let wanted = format!("the drill does not play {feature} of a target of the rule rds");
            assert_eq!(refused.to_string(), wanted);
        }
    }
}
