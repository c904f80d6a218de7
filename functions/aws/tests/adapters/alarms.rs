//! What health alarms say together. CloudWatch speaks CBOR: a few lines of it are written here by hand.

use responder_core::ports::HealthAlarms;
use responder_core::world::evidence::Alarms;

use crate::service::{Reply, Service};
use crate::world::{database_with_alarms, ports};

const LAG: &str = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo: lag";
const DEAD: &str = "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:todo-dead";

pub(crate) fn text(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    [&[0x78, length], text.as_bytes()].concat()
}

pub(crate) fn map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![0xa0 + u8::try_from(entries.len()).unwrap()];
    for (key, value) in entries {
        bytes.extend(text(key));
        bytes.extend(value);
    }
    bytes
}

pub(crate) fn list(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0x80 + u8::try_from(entries.len()).unwrap()];
    bytes.extend(entries.concat());
    bytes
}

fn alarm(arn: &str, state: &str) -> Vec<u8> {
    map(&[("AlarmArn", text(arn)), ("StateValue", text(state))])
}

/// An answer with these metric and composite alarms.
fn answer(metric: &[Vec<u8>], composite: &[Vec<u8>]) -> Reply {
    Reply::ok(map(&[("MetricAlarms", list(metric)), ("CompositeAlarms", list(composite))]))
}

async fn state_of(service: &Service, alarms: &[&str]) -> Alarms {
    let database = database_with_alarms("todo", alarms);
    Alarms::of(&database, &ports(service).alarm_readings(&database).await)
}

#[tokio::test(start_paused = true)]
async fn metric_and_composite_alarms_are_read_each_in_its_own_region() {
    let service = Service::new(|request| {
        if request.line.contains("ap-northeast-3") {
            answer(&[alarm(LAG, "ALARM")], &[])
        } else {
            answer(&[], &[alarm(DEAD, "ALARM")])
        }
    });
    assert_eq!(state_of(&service, &[LAG, DEAD]).await, Alarms::AllInAlarm);
    let asked = service.asked();
    assert_eq!(asked.len(), 2);
    for (region, name) in [("ap-northeast-2", "todo-dead"), ("ap-northeast-3", "todo: lag")] {
        let place = format!(
            "POST https://monitoring.{region}.amazonaws.com/service/GraniteServiceVersion20100801/operation/DescribeAlarms"
        );
        let request = asked.iter().find(|request| request.line == place).unwrap();
        assert!(request.has(name) && request.has("MetricAlarm") && request.has("CompositeAlarm"));
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_is_known_to_be_in_alarm_counts_as_such() {
    for (lag, expected) in
        [("OK", Alarms::NotAll), ("INSUFFICIENT_DATA", Alarms::NotAll), ("ALARM", Alarms::Unknown)]
    {
        let service = Service::new(move |request| {
            if request.line.contains("ap-northeast-3") {
                answer(&[alarm(LAG, lag)], &[])
            } else {
                Reply::Never
            }
        });
        let start = tokio::time::Instant::now();
        assert_eq!(state_of(&service, &[LAG, DEAD]).await, expected, "{lag}");
        assert!(start.elapsed().as_millis() <= 2_001);
    }
    let missing = Service::scripted(vec![answer(&[], &[])]);
    assert_eq!(state_of(&missing, &[LAG]).await, Alarms::Unknown);
    for trouble in [Reply::ok("<html>"), Reply::ok(""), Reply::Http(403, b"no".to_vec()), Reply::NoConnection]
    {
        assert_eq!(state_of(&Service::scripted(vec![trouble]), &[LAG]).await, Alarms::Unknown);
    }
    let untouched = Service::scripted(vec![Reply::Never]);
    assert_eq!(state_of(&untouched, &[]).await, Alarms::Unknown);
    assert!(untouched.asked().is_empty());
}
