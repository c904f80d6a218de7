//! When a fleet's configuration is read again.

use super::*;

#[test]
fn the_configuration_is_read_again_after_a_minute_and_at_once_where_an_event_does_not_hurry() {
    let now = Timestamp::from_ms(1_795_386_600_000);
    let mut fleet = Fleet::new("ap-northeast-2".parse().unwrap());
    let wants = |fleet: &Fleet, kind| fleet.wants_reading(&Trigger { kind, ..Trigger::default() }, now);
    assert!(wants(&fleet, TriggerKind::RdsEvent), "it was never read");
    for (age_ms, expected) in [(0, false), (59_999, false), (60_000, true)] {
        fleet.take(Installation::default(), now.plus_ms(-age_ms));
        assert_eq!(wants(&fleet, TriggerKind::RdsEvent), expected, "{age_ms}");
        for kind in [TriggerKind::Alarm, TriggerKind::Schedule, TriggerKind::Manual] {
            assert!(wants(&fleet, kind), "{kind:?}");
        }
    }
}
