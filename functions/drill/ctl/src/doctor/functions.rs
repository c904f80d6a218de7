//! The functions of one Region: there, woken by what should wake them, and not silently failing.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat};
use aws_sdk_lambda::error::ProvideErrorMetadata;
use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use responder_core::words::failure::sentence;

use super::Finding;
use crate::args::Place;

/// The schedule's passes are a minute apart: within this time some must have been made.
const RECENT: Duration = Duration::from_mins(10);

/// What is installed in a Region; the first alone, where nobody is to start or advise a failover.
const KINDS: [&str; 3] = ["follow", "failover", "drill"];

/// A function, as far as it was found.
pub(super) struct Deployed {
    /// Which of the three.
    pub(super) kind: &'static str,
    /// Its ARN; none when it could not be read.
    pub(super) arn: Option<String>,
    /// Its role's ARN.
    #[cfg_attr(not(feature = "permissions"), expect(dead_code, reason = "nobody asks what it may do"))]
    pub(super) role: Option<String>,
    /// The bucket that it keeps its pages in.
    #[cfg_attr(not(feature = "permissions"), expect(dead_code, reason = "nobody asks what it may do"))]
    pub(super) bucket: Option<String>,
    /// Who may invoke it, as JSON; empty when it could not be read.
    pub(super) policy: String,
}

/// Looks at the three of one Region. `is_followed_alone`: no database is configured for more than `follow` does, so that the
/// other two may be left out together.
pub(super) async fn look(
    config: &SdkConfig,
    region: &str,
    place: &Place,
    is_followed_alone: bool,
    findings: &mut Vec<Finding>,
) -> Vec<Deployed> {
    let lambda = aws_sdk_lambda::Client::new(config);
    let watch = aws_sdk_cloudwatch::Client::new(config);
    let mut deployed = Vec::new();
    let mut left_out = Vec::new();
    for kind in KINDS {
        let name = sibling(&place.function_name, kind);
        let told = format!("{kind} {region}");
        let found = match lambda.get_function_configuration().function_name(&name).send().await {
            Ok(found) => {
                findings.push(state(&told, &found));
                if kind != "drill" {
                    findings.push(dead_letters(&lambda, &watch, &told, &found).await);
                }
                Some(found)
            }
            Err(error) => {
                if error.code() == Some("ResourceNotFoundException") {
                    left_out.push(findings.len());
                }
                let why = sentence(&error);
                findings.push(Finding::fail(&told, format!("{name}: {why}"), "deploy it: terraform apply"));
                None
            }
        };
        let policy = lambda.get_policy().function_name(&name).send().await;
        deployed.push(Deployed {
            kind,
            arn: found.as_ref().and_then(|it| it.function_arn()).map(str::to_owned),
            role: found.as_ref().and_then(|it| it.role()).map(str::to_owned),
            bucket: found.as_ref().and_then(bucket),
            policy: policy.ok().and_then(|it| it.policy).unwrap_or_default(),
        });
    }
    let follows = deployed.first().is_some_and(|it| it.arn.is_some());
    if is_followed_alone && follows && left_out.len() == KINDS.len() - 1 {
        deployed.truncate(1);
        for at in left_out {
            if let Some(finding) = findings.get_mut(at) {
                let place = finding.place.clone();
                let what = "is not installed: follow alone is";
                *finding = Finding::warn(&place, what, "install size all to have it");
            }
        }
    }
    findings.push(passes(&watch, region).await);
    deployed
}

fn bucket(found: &GetFunctionConfigurationOutput) -> Option<String> {
    let named = found.environment()?.variables()?.get("REPORT_BUCKET")?;
    Some(named.clone()).filter(|name| !name.is_empty())
}

/// The name of a function beside the drill function.
pub(crate) fn sibling(drill: &str, kind: &str) -> String {
    match drill.strip_suffix("drill") {
        Some(stem) => format!("{stem}{kind}"),
        None => format!("failover-responder-{kind}"),
    }
}

fn state(told: &str, found: &GetFunctionConfigurationOutput) -> Finding {
    let state = found.state().map_or("unknown", |state| state.as_str());
    if state == "Active" || state == "unknown" {
        return Finding::ok(told, "is deployed");
    }
    let reason = found.state_reason().unwrap_or("no reason given");
    Finding::fail(told, format!("is {state}: {reason}"), "publish it again: terraform apply")
}

/// The depth of the dead-letter queue, by the queue's own metric: an invocation that failed for good stands there.
async fn dead_letters(
    lambda: &aws_sdk_lambda::Client,
    watch: &aws_sdk_cloudwatch::Client,
    told: &str,
    found: &GetFunctionConfigurationOutput,
) -> Finding {
    let own = found.dead_letter_config().and_then(|it| it.target_arn()).map(str::to_owned);
    let name = found.function_name().unwrap_or_default();
    let invoke = lambda.get_function_event_invoke_config().function_name(name).send().await.ok();
    let destination = invoke.and_then(|it| it.destination_config?.on_failure?.destination);
    let Some(arn) = own.or(destination) else {
        return Finding::warn(
            told,
            "has no dead-letter queue",
            "events that fail for good are lost: give it one",
        );
    };
    let queue = arn.rsplit(':').next().unwrap_or(&arn);
    match latest(watch, "AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue, "Maximum").await
    {
        Some(count) if count > 0.0 => Finding::fail(
            told,
            format!("{count} invocations failed for good and wait in {queue}"),
            "read their error messages, mend the cause, then redrive or purge the queue",
        ),
        Some(_) => Finding::ok(told, format!("{queue} is empty")),
        None => Finding::ok(told, format!("{queue} has had no message lately")),
    }
}

async fn passes(watch: &aws_sdk_cloudwatch::Client, region: &str) -> Finding {
    let told = format!("follow {region}");
    let count = latest_of(watch, "FailoverResponder", "PassDuration", Vec::new(), "SampleCount").await;
    match count {
        Some(count) if count > 0.0 => Finding::ok(&told, "made passes within the last ten minutes"),
        _ => Finding::fail(
            &told,
            "made no pass within the last ten minutes",
            "enable its schedule, or look into its log for why it fails",
        ),
    }
}

async fn latest(
    watch: &aws_sdk_cloudwatch::Client,
    namespace: &str,
    metric: &str,
    dimension: &str,
    value: &str,
    stat: &str,
) -> Option<f64> {
    let dimension = Dimension::builder().name(dimension).value(value).build();
    latest_of(watch, namespace, metric, vec![dimension], stat).await
}

async fn latest_of(
    watch: &aws_sdk_cloudwatch::Client,
    namespace: &str,
    metric: &str,
    dimensions: Vec<Dimension>,
    stat: &str,
) -> Option<f64> {
    let metric =
        Metric::builder().namespace(namespace).metric_name(metric).set_dimensions(Some(dimensions)).build();
    let stat = MetricStat::builder().metric(metric).period(60).stat(stat).build();
    let query = MetricDataQuery::builder().id("m").metric_stat(stat).build();
    let now = SystemTime::now();
    let answer = watch
        .get_metric_data()
        .start_time(DateTime::from(now.checked_sub(RECENT)?))
        .end_time(DateTime::from(now))
        .metric_data_queries(query)
        .send()
        .await;
    answer.ok()?.metric_data_results().first()?.values().iter().copied().reduce(f64::max)
}
