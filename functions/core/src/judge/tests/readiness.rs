//! The look ahead: all that stands between an alarm and a failover stands between a Region and "ready", while nothing burns.

use serde_json::json;

use super::spoils::spoils;
use super::{ALARMS, NOW, OSAKA, Scene, WRITER_ALARM};
use crate::answer::readiness::ReadinessKind;
use crate::answer::result::{Check, CheckVerdict};
use crate::judge::checks::CHECKS;
use crate::judge::readiness::{Found, after, burns, readiness};
use crate::words::failure::{FailureKind, NoAnswer};
use crate::world::alarm::{AlarmReading, AlarmState, AlarmStatus};
use crate::world::evidence::Seen;
use crate::world::lag::Lag;
use crate::world::limits::{NO_DATA_MS_MAX, STUCK_ALARM_MS};
use crate::world::readiness::Readiness;
use crate::world::record::RecordSet;

type Change = fn(&mut RecordSet);

/// Nothing burns, and all is well.
fn calm() -> Scene {
    let mut scene = Scene::good();
    scene.seoul("available", &["available"]);
    scene.journal().silence = None;
    for reading in scene.readings.values_mut() {
        *reading = AlarmReading::known(AlarmState::Ok, Some(NOW.plus_ms(-86_400_000)));
    }
    scene.lag = Seen::Got(vec![Lag::of_minute(80, NOW.plus_ms(-120_000))].into());
    let published = scene.published().clone();
    scene.evidence.record = Seen::Got(RecordSet::of(&scene.database(), &published));
    scene
}

fn found(scene: &Scene) -> Found {
    scene.judged(readiness)
}

fn blocked(found: &Found) -> Vec<(&str, CheckVerdict)> {
    found.checks.iter().filter(|it| !it.pass).map(|it| (it.name.as_str(), it.verdict())).collect()
}

#[test]
fn a_calm_scene_is_ready_by_every_check_but_those_that_ask_whether_it_burns() {
    let found = found(&calm());
    assert_eq!((found.verdict, blocked(&found)), (ReadinessKind::Ready, Vec::new()));
    let names: Vec<&str> = found.checks.iter().map(|it| it.name.as_str()).collect();
    let policy: Vec<&str> = CHECKS.iter().map(|(name, _)| *name).collect();
    assert_eq!(policy[..2], ["alarms_in_alarm", "writer_down"]);
    assert_eq!(names, [&policy[2..], &["alarms_can_fire", "record_ours", "people_hear"]].concat());
}

/// Whatever spoils a failover by one of these checks spoils readiness by the same.
#[test]
fn what_would_refuse_a_failover_is_in_the_way_now() {
    let mut looked = 0;
    for (check, what, spoil) in spoils() {
        if ["alarms_in_alarm", "writer_down"].contains(&check) {
            continue;
        }
        let mut scene = calm();
        spoil(&mut scene);
        let found = found(&scene);
        let elsewhere = found.verdict == ReadinessKind::NotFirst && what == "another Region takes over";
        let is_named = blocked(&found).iter().any(|(name, _)| *name == check);
        assert!(
            found.verdict != ReadinessKind::Ready && (is_named || elsewhere),
            "{check}, {what}: {found:?}"
        );
        looked += 1;
    }
    assert!(looked > 25, "{looked}");
}

#[test]
fn the_writers_own_region_and_one_that_is_not_first_have_nothing_to_be_ready_for() {
    let mut scene = calm();
    scene.published().writer = OSAKA.parse().unwrap();
    assert_eq!(found(&scene), Found { verdict: ReadinessKind::Writer, checks: Vec::new() });
    let mut scene = calm();
    scene.configuration["members"]["ap-northeast-1"] = json!(super::arn("ap-northeast-1"));
    assert_eq!(found(&scene), Found { verdict: ReadinessKind::NotFirst, checks: Vec::new() });
    let mut scene = calm();
    scene.evidence.base = crate::world::evidence::Base::default();
    assert_ne!(found(&scene).verdict, ReadinessKind::Ready, "nobody knows where the writer is");
}

#[test]
fn an_alarm_that_cannot_fire_is_in_the_way() {
    let status = |state, age_ms: i64| AlarmStatus::plain(state, Some(NOW.plus_ms(-age_ms)));
    let quiet =
        AlarmStatus { quieted: Some("its actions are disabled".to_owned()), ..status(AlarmState::Ok, 0) };
    let unread = |kind| AlarmReading::Unknown(NoAnswer { why: "because".to_owned(), kind });
    let cases = [
        (AlarmReading::Known(status(AlarmState::Ok, 0)), CheckVerdict::Pass),
        (AlarmReading::Known(status(AlarmState::Alarm, STUCK_ALARM_MS - 1)), CheckVerdict::Pass),
        (AlarmReading::Known(status(AlarmState::Alarm, STUCK_ALARM_MS)), CheckVerdict::Fail),
        (
            AlarmReading::Known(status(AlarmState::InsufficientData, NO_DATA_MS_MAX - 1)),
            CheckVerdict::Unknown,
        ),
        (AlarmReading::Known(status(AlarmState::InsufficientData, NO_DATA_MS_MAX)), CheckVerdict::Fail),
        (AlarmReading::known(AlarmState::InsufficientData, None), CheckVerdict::Fail),
        (AlarmReading::Known(status(AlarmState::Other("NEW".to_owned()), 0)), CheckVerdict::Unknown),
        (AlarmReading::Known(quiet), CheckVerdict::Fail),
        (unread(FailureKind::Throttled), CheckVerdict::Unknown),
        (unread(FailureKind::Refused), CheckVerdict::Unknown),
    ];
    for (reading, verdict) in cases {
        for arn in [ALARMS[1], WRITER_ALARM] {
            let mut scene = calm();
            scene.configuration["failover"]["writer_alarms"] = json!([WRITER_ALARM]);
            scene.readings.insert(WRITER_ALARM.to_owned(), AlarmReading::known(AlarmState::Ok, None));
            scene.readings.insert(arn.to_owned(), reading.clone());
            let found = found(&scene);
            let check = found.checks.iter().find(|it| it.name == "alarms_can_fire").unwrap();
            assert_eq!(check.verdict(), verdict, "{arn} {reading:?}: {}", check.value);
        }
    }
    let mut scene = calm();
    scene.readings.remove(ALARMS[0]);
    assert_eq!(blocked(&found(&scene)), [("alarms_can_fire", CheckVerdict::Unknown)]);
    scene.configuration["failover"]["health_alarms"] = json!([]);
    assert_eq!(blocked(&found(&scene)), [("alarms_can_fire", CheckVerdict::Fail)], "none is configured");
}

#[test]
fn a_record_that_could_not_be_moved_and_advice_that_nobody_hears_are_in_the_way() {
    let standing = |change: Change| {
        let mut scene = calm();
        let Seen::Got(records) = &mut scene.evidence.record else { panic!("a calm scene has a record") };
        change(records);
        found(&scene)
    };
    let cases: [(Change, bool); 5] = [
        (|_| (), true),
        (|it| (it.cname, it.txt) = (None, None), false),
        (|it| it.txt = None, false),
        (|it| it.other = Some("A".to_owned()), false),
        (|it| it.cname.as_mut().unwrap().values = vec!["elsewhere.example".to_owned()], false),
    ];
    for (at, (change, passes)) in cases.into_iter().enumerate() {
        let expected: &[(&str, CheckVerdict)] =
            if passes { &[] } else { &[("record_ours", CheckVerdict::Fail)] };
        assert_eq!(blocked(&standing(change)), expected, "case {at}");
    }
    for unread in [Seen::silent("no answer"), Seen::NotYet] {
        let mut scene = calm();
        scene.evidence.record = unread;
        let found = found(&scene);
        assert_eq!(
            (found.verdict, blocked(&found)),
            (ReadinessKind::Unknown, vec![("record_ours", CheckVerdict::Unknown)])
        );
    }
    let mut scene = calm();
    scene.configuration["failover"]["mode"] = json!("advise");
    assert_eq!(blocked(&found(&scene)), [("people_hear", CheckVerdict::Fail)]);
    scene.configuration["failover"]["topic_arn"] = json!("arn:aws:sns:ap-northeast-3:123456789012:todo");
    assert_eq!(found(&scene).verdict, ReadinessKind::Ready);
}

/// Of every combination the worst word counts, and what is unknown never counts as ready.
#[test]
fn the_worst_check_says_what_it_is() {
    use CheckVerdict::{Fail, Pass, Unknown};
    let all = [Pass, Unknown, Fail];
    for (one, two, three) in all.into_iter().flat_map(|one| {
        all.into_iter().flat_map(move |two| all.into_iter().map(move |three| (one, two, three)))
    }) {
        let mut found = Found { verdict: ReadinessKind::Ready, checks: Vec::new() };
        for verdict in [one, two, three] {
            found = found.and(Check::new("a", "b", None::<&str>, verdict));
        }
        let expected = match one.max(two).max(three) {
            Pass => ReadinessKind::Ready,
            Unknown => ReadinessKind::Unknown,
            Fail => ReadinessKind::NotReady,
        };
        assert_eq!(found.verdict, expected);
        assert_eq!(found.verdict.metric(), Some(u8::from(expected == ReadinessKind::Ready)));
    }
    let silent = [ReadinessKind::Writer, ReadinessKind::NotFirst, ReadinessKind::NotNow];
    assert_eq!(silent.map(ReadinessKind::metric), [None; 3]);
}

#[test]
fn what_stands_in_the_way_keeps_the_time_of_its_first_sight() {
    let noted = |scene: &Scene, before: Option<&Readiness>| {
        scene.judged(|case| after(before, &readiness(case), case))
    };
    let mut scene = calm();
    scene.lag = Seen::silent("no answer");
    let first = noted(&scene, None);
    assert_eq!((first.verdict, first.since, first.epoch.0), (ReadinessKind::Unknown, NOW.whole_seconds(), 7));
    let long_ago = NOW.plus_ms(-7_200_000);
    let mut earlier = first.clone();
    (earlier.since, earlier.at, earlier.told) = (long_ago, long_ago, Some("x".to_owned()));
    earlier.obstacles[0].since = long_ago;
    let again = noted(&scene, Some(&earlier));
    assert_eq!((again.since, again.obstacles[0].since, again.at), (long_ago, long_ago, NOW.whole_seconds()));
    assert_eq!(again.told.as_deref(), Some("x"));
    scene.lag = Seen::Got(vec![Lag::of_minute(9_000, NOW.plus_ms(-120_000))].into());
    let worse = noted(&scene, Some(&earlier));
    assert_eq!(
        (worse.since, worse.obstacles[0].since),
        (NOW.whole_seconds(), NOW.whole_seconds()),
        "now it is sure"
    );
    let well = noted(&calm(), Some(&earlier));
    assert_eq!((well.verdict, well.obstacles.len()), (ReadinessKind::Ready, 0));
}

#[test]
fn it_burns_for_a_day_at_most() {
    let alarm =
        |age_ms: Option<i64>| AlarmReading::known(AlarmState::Alarm, age_ms.map(|ms| NOW.plus_ms(-ms)));
    for (reading, expected) in [
        (alarm(Some(0)), true),
        (alarm(Some(STUCK_ALARM_MS - 1)), true),
        (alarm(Some(STUCK_ALARM_MS)), false),
        (alarm(None), true),
        (AlarmReading::known(AlarmState::Ok, None), false),
        (AlarmReading::Unknown(NoAnswer::silent("no answer")), false),
    ] {
        let calm = AlarmReading::known(AlarmState::Ok, None);
        assert_eq!(burns([&calm, &reading], NOW), expected, "{reading:?}");
    }
}
