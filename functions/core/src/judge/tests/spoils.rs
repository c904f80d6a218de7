//! For each check, cases in which it alone stands between an alarm and a failover.

use serde_json::json;

use super::{ALARMS, NOW, OSAKA, SEOUL, Scene, arn, sample};
use crate::words::failure::{FailureKind, NoAnswer};
use crate::words::names::Epoch;
use crate::world::alarm::{AlarmReading, AlarmState};
use crate::world::attempt::{Refusals, Started};
use crate::world::evidence::{RegionParameters, Seen, Switch};
use crate::world::lag::{Lag, Lags};

/// The check, what is wrong, and how to make it so.
pub(super) type Spoil = (&'static str, &'static str, fn(&mut Scene));

/// For each check, cases in which it alone stands between an alarm and a failover.
#[allow(clippy::too_many_lines, reason = "a table")]
pub(super) fn spoils() -> Vec<Spoil> {
    vec![
        ("alarms_in_alarm", "one is OK again", |it| it.set_witness(AlarmState::Ok)),
        ("alarms_in_alarm", "one lacks data", |it| it.set_witness(AlarmState::InsufficientData)),
        ("alarms_in_alarm", "a state that nobody knows", |it| {
            it.set_witness(AlarmState::Other("NEW".to_owned()));
        }),
        ("alarms_in_alarm", "a witness that does not answer", |it| {
            let unknown = AlarmReading::Unknown(NoAnswer::silent("no answer"));
            it.readings.insert(ALARMS[1].to_owned(), unknown);
        }),
        ("alarms_in_alarm", "one was not read", |it| drop(it.readings.remove(ALARMS[0]))),
        ("alarms_in_alarm", "none is configured", |it| {
            it.configuration["failover"]["health_alarms"] = json!([]);
            // With nothing in ALARM the outage begins now.
            it.lag = Seen::Got(vec![Lag::of_minute(5_000, NOW.plus_ms(-60_000))].into());
        }),
        ("alarms_in_alarm", "the actions of one are disabled", |it| it.quiet("its actions are disabled")),
        ("writer_down", "three looks", |it| it.journal().silence.as_mut().unwrap().count = 3),
        ("writer_down", "a moment less than half a minute", |it| {
            it.journal().silence.as_mut().unwrap().first = NOW.plus_ms(-29_999);
        }),
        ("writer_down", "the looks before were too long ago", |it| it.journal().silence = None),
        ("writer_down", "its RDS throttles", |it| it.seoul_says(FailureKind::Throttled)),
        ("writer_down", "its RDS denies", |it| it.seoul_says(FailureKind::Refused)),
        ("writer_down", "its Parameter Store answers", |it| {
            it.evidence.parameters.insert(SEOUL.parse().unwrap(), Seen::Got(RegionParameters::default()));
        }),
        ("writer_down", "its CloudWatch answers", |it| it.cloudwatch = Seen::Got(())),
        ("writer_down", "the writer is well", |it| it.seoul("available", &["available"])),
        ("writer_down", "a status that nobody knows", |it| it.seoul("available", &["contemplating"])),
        ("writer_down", "without a writer instance, seen once", |it| it.seoul("available", &[])),
        ("writer_down", "a writer alarm is OK", |it| {
            it.writer_alarm(AlarmReading::known(AlarmState::Ok, None));
        }),
        ("writer_down", "a writer alarm does not answer", |it| {
            it.writer_alarm(AlarmReading::Unknown(NoAnswer::silent("no answer")));
        }),
        ("no_hold", "the switch is set", |it| {
            let switch = Switch { reason: Some("maintenance".to_owned()), read_at: NOW };
            it.evidence.switches.insert(it.own.clone(), switch);
        }),
        ("no_transition", "the own Region shows one", |it| {
            it.global().failover_status = Some("failing-over".to_owned());
        }),
        ("no_transition", "a status that the model lacks", |it| {
            it.global().failover_status = Some("switching-over".to_owned());
        }),
        ("no_transition", "a failover within the writer's Region", |it| {
            it.sighted("failing-over", 299_999);
        }),
        ("no_transition", "what somebody asked for", |it| it.sighted("rebooting", 899_999)),
        ("region_is_target", "another Region takes over", |it| {
            let tokyo = "ap-northeast-1";
            it.configuration["members"][tokyo] = json!(arn(tokyo));
        }),
        ("region_is_target", "the own Region claims already", |it| {
            it.global().members = vec![(arn(SEOUL), false), (arn(OSAKA), true)];
        }),
        ("region_is_target", "the own Region names nobody", |it| it.global().members.clear()),
        ("target_ready", "headless", |it| it.cluster().instances.clear()),
        ("target_ready", "the cluster is being modified", |it| {
            "modifying".clone_into(&mut it.cluster().status);
        }),
        ("target_ready", "no instance is available", |it| {
            "rebooting".clone_into(&mut it.cluster().instances[0].status);
        }),
        ("target_ready", "it replicates from nobody", |it| it.cluster().is_replica = false),
        ("target_ready", "it was not connected when the outage began", |it| {
            it.global().synchronization = [(arn(OSAKA), "pending-resync".to_owned())].into();
        }),
        ("target_ready", "less than the least capacity", |it| {
            it.configuration["min_capacity"] = json!(8);
            "db.r6g.large".clone_into(&mut it.cluster().instances[0].class);
        }),
        ("target_ready", "a capacity that is not known", |it| it.configuration["min_capacity"] = json!(2)),
        ("versions_equal", "another version", |it| it.cluster().engine_version = Some("15.18".to_owned())),
        ("versions_equal", "unknown", |it| it.cluster().engine_version = None),
        ("replication_lag", "too much", |it| it.lag = Seen::Got(vec![sample(5_001, -60_000)].into())),
        ("replication_lag", "too old when the outage began", |it| {
            it.lag = Seen::Got(vec![sample(1, -300_001)].into());
        }),
        ("replication_lag", "a sample that the outage is in", |it| {
            it.lag = Seen::Got(vec![sample(1, -59_999)].into());
        }),
        ("replication_lag", "no sample", |it| it.lag = Seen::Got(Lags::default())),
        ("replication_lag", "CloudWatch does not answer", |it| {
            it.lag = Seen::silent("no answer");
        }),
        ("replication_lag", "not read", |it| it.lag = Seen::NotYet),
        ("cooldown", "a publication a moment too recent", |it| it.published().at = NOW.plus_ms(-3_599_999)),
        ("cooldown", "a publication of the future", |it| {
            it.published().at = NOW.plus_ms(3_600_000);
            it.remember_outage();
        }),
        ("cooldown", "an attempt that was taken for an earlier epoch", |it| {
            it.attempt(Started::Accepted, 1_000);
            it.published().epoch = Epoch(8);
        }),
        ("single_flight", "an attempt whose end was not written", |it| {
            it.attempt(Started::Calling, 86_400_000);
        }),
        ("single_flight", "an attempt that RDS did not answer", |it| {
            it.attempt(Started::Unknown, 86_400_000);
        }),
        ("single_flight", "RDS refused the last call a moment ago", |it| {
            it.journal().refusals = Some(Refusals { count: 2, last: NOW.plus_ms(-119_999) });
        }),
    ]
}
