//! CloudWatch health alarms in the emulated AWS, and what CloudWatch sends when one changes.
//!
//! The alarms are the emulator's own: a function that reads them again reads them there. The emulator wakes nobody
//! but SNS, so what CloudWatch sends is made here, in the shapes that its documentation prints, and delivered by the drill.

use aws_sdk_cloudwatch::types::{ComparisonOperator, Dimension, StateValue, Statistic};
use drill_emulator::rds::model::ACCOUNT;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::{
    alarm_reason::{Datapoints, PERIOD_S, Reason},
    clients::Clients,
    clock::{now, rfc3339},
    error::CloudError,
    probes::names::{NAMESPACE as OF_FUNCTIONS, PROBE_PERIOD_S, WRITER_WRITABLE},
};

const NAMESPACE: &str = "Todo";
const METRIC: &str = "WriterReachable";
/// The period of the alarms on health checks, in seconds.
pub const ALARM_PERIOD_SECONDS: u32 = 60;
/// How many periods in a row they evaluate.
pub const ALARM_PERIODS: u32 = 2;
/// How many periods an alarm that [`Alarms::create`] makes evaluates.
const PERIODS: i32 = 3;

/// The alarm on the primary's health check. Route 53's metrics, and so the alarms, are in us-east-1.
pub const PRIMARY_ALARM: Alarm = Alarm { name: "todo-primary-unhealthy", region: "us-east-1" };
/// The alarm on the secondary's.
pub const SECONDARY_ALARM: Alarm = Alarm { name: "todo-secondary-unhealthy", region: "us-east-1" };

/// A health alarm by its name and place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarm {
    /// Its name.
    pub name: &'static str,
    /// The AWS name of its Region, which may be a third one.
    pub region: &'static str,
}

impl Alarm {
    /// Its ARN.
    pub fn arn(&self) -> String {
        format!("arn:aws:cloudwatch:{}:{ACCOUNT}:alarm:{}", self.region, self.name)
    }

    /// How many periods it evaluates.
    fn periods(&self) -> i32 {
        if [PRIMARY_ALARM, SECONDARY_ALARM].contains(self) {
            i32::try_from(ALARM_PERIODS).unwrap_or(PERIODS)
        } else {
            PERIODS
        }
    }
}

/// The states that a drill puts an alarm into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmState {
    /// The writer answers.
    Ok,
    /// It does not.
    Alarm,
    /// Nobody knows: no data.
    Insufficient,
}

impl AlarmState {
    /// CloudWatch's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::Insufficient => "INSUFFICIENT_DATA",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Ok => Self::Alarm,
            Self::Alarm | Self::Insufficient => Self::Ok,
        }
    }

    const fn value(self) -> StateValue {
        match self {
            Self::Ok => StateValue::Ok,
            Self::Alarm => StateValue::Alarm,
            Self::Insufficient => StateValue::InsufficientData,
        }
    }
}

/// The shapes in which a change of an alarm comes to a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The alarm's own Lambda action, which CloudWatch has within the alarm's Region only.
    Direct,
    /// The EventBridge event "CloudWatch Alarm State Change".
    EventBridge,
    /// CloudWatch's own message to a topic.
    Sns,
    /// The payload of the Lambda action, forwarded through a topic.
    SnsDirect,
    /// The EventBridge event, whose rule's target is a topic.
    SnsEventBridge,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Direct, Self::EventBridge, Self::Sns, Self::SnsDirect, Self::SnsEventBridge];

    /// In a few words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "Lambda action",
            Self::EventBridge => "EventBridge",
            Self::Sns => "SNS",
            Self::SnsDirect => "Lambda action in SNS",
            Self::SnsEventBridge => "EventBridge in SNS",
        }
    }
}

/// A change of one alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmChange {
    /// Which alarm.
    pub alarm: Alarm,
    /// What it changed to.
    pub state: AlarmState,
    /// When.
    pub at: OffsetDateTime,
}

impl AlarmChange {
    /// What a function is invoked with. Synthetic: after the documented examples, not captured.
    pub fn event(&self, shape: Shape) -> Value {
        match shape {
            Shape::Direct => self.direct(),
            Shape::EventBridge => self.event_bridge(),
            Shape::Sns => records(&[self.message()]),
            Shape::SnsDirect => records(&[self.direct()]),
            Shape::SnsEventBridge => records(&[self.event_bridge()]),
        }
    }

    fn direct(&self) -> Value {
        json!({
            "source": "aws.cloudwatch",
            "alarmArn": self.alarm.arn(),
            "accountId": ACCOUNT,
            "time": self.zoned(),
            "region": self.alarm.region,
            "alarmData": self.data(),
        })
    }

    fn event_bridge(&self) -> Value {
        json!({
            "version": "0",
            "id": "00000000-0000-4000-8000-00000000a1a2",
            "detail-type": "CloudWatch Alarm State Change",
            "source": "aws.cloudwatch",
            "account": ACCOUNT,
            "time": rfc3339(self.at.replace_nanosecond(0).unwrap_or(self.at)),
            "region": self.alarm.region,
            "resources": [self.alarm.arn()],
            "detail": self.data(),
        })
    }

    fn data(&self) -> Value {
        let state = |state: AlarmState| json!({ "value": state.as_str(), "reason": "drill", "timestamp": self.zoned() });
        let metric = json!({ "namespace": NAMESPACE, "name": METRIC, "dimensions": {} });
        json!({
            "alarmName": self.alarm.name,
            "state": state(self.state),
            "previousState": state(self.state.other()),
            "configuration": {
                "description": "The writer does not answer.",
                "metrics": [{
                    "id": "m1", "returnData": true,
                    "metricStat": { "metric": metric, "period": 60, "stat": "Minimum" },
                }],
            },
        })
    }

    fn message(&self) -> Value {
        json!({
            "AlarmName": self.alarm.name,
            "AlarmDescription": null,
            "AWSAccountId": ACCOUNT,
            "NewStateValue": self.state.as_str(),
            "NewStateReason": "drill",
            "StateChangeTime": self.zoned(),
            "Region": self.alarm.region,
            "AlarmArn": self.alarm.arn(),
            "OldStateValue": self.state.other().as_str(),
            "Trigger": { "MetricName": METRIC, "Namespace": NAMESPACE, "Statistic": "MINIMUM", "Dimensions": [] },
        })
    }

    /// As CloudWatch writes it: with a zone that has no colon.
    fn zoned(&self) -> String {
        rfc3339(self.at).replace('Z', "+0000")
    }
}

/// An SNS event with these messages, as a subscribed function gets it.
fn records(messages: &[Value]) -> Value {
    let record = |message: &Value| {
        json!({
            "EventVersion": "1.0",
            "EventSource": "aws:sns",
            "Sns": { "Type": "Notification", "Subject": null, "Message": message.to_string() },
        })
    };
    json!({ "Records": messages.iter().map(record).collect::<Vec<_>>() })
}

/// Creates alarms in the emulated AWS and changes their state, past the front.
#[derive(Debug, Clone)]
pub struct Alarms {
    emulator: Clients,
}

impl Alarms {
    pub(crate) const fn new(emulator: Clients) -> Self {
        Self { emulator }
    }

    /// Creates an alarm with periods of a minute, in state OK.
    pub async fn create(&self, alarm: Alarm) -> Result<(), CloudError> {
        let cloudwatch = self.emulator.cloudwatch(alarm.region);
        let put = cloudwatch
            .put_metric_alarm()
            .alarm_name(alarm.name)
            .namespace(NAMESPACE)
            .metric_name(METRIC)
            .statistic(Statistic::Minimum)
            .period(PERIOD_S)
            .evaluation_periods(PERIODS)
            .threshold(1.0)
            .comparison_operator(ComparisonOperator::LessThanThreshold)
            .treat_missing_data("breaching");
        put.send().await.map_err(CloudError::aws(format!("PutMetricAlarm {}", alarm.arn())))?;
        self.set(alarm, AlarmState::Ok).await.map(|_| ())
    }

    /// Creates an alarm on the metric of a health check, of the shape that the module `app_failover` gives it, in state OK.
    pub async fn create_of_health_check(&self, alarm: Alarm, health_check: &str) -> Result<(), CloudError> {
        let operation = || format!("PutMetricAlarm {}", alarm.arn());
        let (period, periods) = (ALARM_PERIOD_SECONDS, ALARM_PERIODS);
        let cloudwatch = self.emulator.cloudwatch(alarm.region);
        let put = cloudwatch
            .put_metric_alarm()
            .alarm_name(alarm.name)
            .namespace("AWS/Route53")
            .metric_name("HealthCheckStatus")
            .dimensions(Dimension::builder().name("HealthCheckId").value(health_check).build())
            .statistic(Statistic::Minimum)
            .period(i32::try_from(period).map_err(CloudError::aws(operation()))?)
            .evaluation_periods(i32::try_from(periods).map_err(CloudError::aws(operation()))?)
            .threshold(1.0)
            .comparison_operator(ComparisonOperator::LessThanThreshold)
            .treat_missing_data("ignore");
        put.send().await.map_err(CloudError::aws(operation()))?;
        self.set(alarm, AlarmState::Ok).await.map(|_| ())
    }

    /// Changes its state, by the whole minutes before. Nobody is told but who reads it: delivering the change is the drill's
    /// to do, or not.
    pub async fn set(&self, alarm: Alarm, state: AlarmState) -> Result<AlarmChange, CloudError> {
        let by = Datapoints::of_minutes_before(now(), alarm.periods());
        self.set_by(alarm, state, by).await
    }

    /// Creates the alarm on what the probes say of the writer of that database, of the shape that the module `probe` gives it,
    /// in state OK.
    pub async fn create_of_probe(&self, alarm: Alarm, database: &str) -> Result<(), CloudError> {
        let operation = || format!("PutMetricAlarm {}", alarm.arn());
        let cloudwatch = self.emulator.cloudwatch(alarm.region);
        let put = cloudwatch
            .put_metric_alarm()
            .alarm_name(alarm.name)
            .namespace(OF_FUNCTIONS)
            .metric_name(WRITER_WRITABLE)
            .dimensions(Dimension::builder().name("Database").value(database).build())
            .statistic(Statistic::Maximum)
            .period(i32::try_from(PROBE_PERIOD_S).map_err(CloudError::aws(operation()))?)
            .evaluation_periods(PERIODS)
            .datapoints_to_alarm(PERIODS)
            .threshold(1.0)
            .comparison_operator(ComparisonOperator::LessThanThreshold)
            .treat_missing_data("missing");
        put.send().await.map_err(CloudError::aws(operation()))?;
        self.set(alarm, AlarmState::Ok).await.map(|_| ())
    }

    /// The same, by these datapoints.
    pub async fn set_by(
        &self,
        alarm: Alarm,
        state: AlarmState,
        by: Datapoints,
    ) -> Result<AlarmChange, CloudError> {
        let at = now();
        let value = if state == AlarmState::Alarm { 0.0 } else { 1.0 };
        self.set_because(alarm, state, at, &Reason::uniform(by, value)).await
    }

    /// The same then, by what its evaluation found.
    pub(crate) async fn set_because(
        &self,
        alarm: Alarm,
        state: AlarmState,
        at: OffsetDateTime,
        reason: &Reason,
    ) -> Result<AlarmChange, CloudError> {
        let cloudwatch = self.emulator.cloudwatch(alarm.region);
        let set = cloudwatch.set_alarm_state().alarm_name(alarm.name).state_value(state.value());
        set.state_reason("drill")
            .state_reason_data(reason.data(at))
            .send()
            .await
            .map_err(CloudError::aws(format!("SetAlarmState {}", alarm.arn())))?;
        Ok(AlarmChange { alarm, state, at })
    }
}
