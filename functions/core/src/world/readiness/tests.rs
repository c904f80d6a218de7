use super::*;

/// A half hour of the database "a", whose own minute is the seventeenth, begins.
const BEGINS: Timestamp =
    Timestamp::from_ms(1_795_386_600_000 - 1_795_386_600_000 % READY_EVERY_MS + 17 * 60_000);

fn found(verdict: ReadinessKind, at: Timestamp) -> Readiness {
    let is_well = verdict == ReadinessKind::Ready;
    let obstacle = Obstacle {
        check: "replication_lag".to_owned(),
        value: "9000 ms".to_owned(),
        verdict: if verdict == ReadinessKind::Unknown { CheckVerdict::Unknown } else { CheckVerdict::Fail },
        since: at,
    };
    let obstacles = if is_well { Vec::new() } else { vec![obstacle] };
    let found = Readiness { at, epoch: Epoch(7), verdict, since: at, obstacles, told: None };
    Readiness { told: found.in_short(), ..found }
}

#[test]
fn each_half_hour_of_its_own_clock_is_looked_at_once() {
    use ReadinessKind::{NotReady, Ready, Unknown};
    assert_eq!(offset_ms("a"), 17 * 60_000);
    for (verdict, judged_ms, now_ms, due) in [
        (Ready, 0, 0, false),
        (Ready, 0, READY_EVERY_MS - 1, false),
        (Ready, 0, READY_EVERY_MS, true),
        // A look that was late makes the next no later.
        (Ready, READY_EVERY_MS - 1, READY_EVERY_MS, true),
        (NotReady, 0, READY_EVERY_MS - 1, false),
        // A clock that was ahead, or that runs backwards.
        (Ready, READY_EVERY_MS, 0, true),
        (Ready, 86_400_000, 0, true),
        // What is unknown is looked at again after five minutes.
        (Unknown, 0, READY_AGAIN_MS - 1, false),
        (Unknown, 0, READY_AGAIN_MS, true),
    ] {
        let last = found(verdict, BEGINS.plus_ms(judged_ms));
        assert_eq!(is_due(Some(&last), "a", BEGINS.plus_ms(now_ms)), due, "{verdict:?} {judged_ms} {now_ms}");
    }
    // Never judged: at the beginning of its half hour, because the whole of a fleet was never judged.
    let first = [0, READY_FIRST_MS - 1, READY_FIRST_MS, READY_EVERY_MS - 1, READY_EVERY_MS];
    assert_eq!(first.map(|ms| is_due(None, "a", BEGINS.plus_ms(ms))), [true, true, false, false, true]);
    // Nobody was told.
    let untold = Readiness { told: None, ..found(NotReady, BEGINS) };
    let at = |ms| is_due(Some(&untold), "a", BEGINS.plus_ms(ms));
    assert_eq!((at(READY_AGAIN_MS - 1), at(READY_AGAIN_MS)), (false, true));
}

#[test]
fn databases_are_spread_over_twenty_minutes_and_each_has_ten_more() {
    let names: Vec<String> = (0..200).map(|number| format!("database-{number}")).collect();
    let minutes: std::collections::BTreeSet<i64> =
        names.iter().map(|name| offset_ms(name) / 60_000).collect();
    assert_eq!(minutes.into_iter().collect::<Vec<_>>(), (0..20).collect::<Vec<_>>());
    for (into_ms, waits) in [
        (0, true),
        (READY_PATIENCE_MS - 1, true),
        (READY_PATIENCE_MS, false),
        (READY_EVERY_MS - 1, false),
        (READY_EVERY_MS, true),
    ] {
        assert_eq!(may_wait("a", BEGINS.plus_ms(into_ms)), waits, "{into_ms}");
    }
}

/// Every pair of what people heard and what is found.
#[test]
fn people_hear_once_of_each_change() {
    use ReadinessKind::{NotFirst, NotNow, NotReady, Ready, Unknown, Writer};
    let told: [(&str, Option<String>); 5] = [
        ("nothing", None),
        ("ready", found(Ready, BEGINS).in_short()),
        ("not ready", found(NotReady, BEGINS).in_short()),
        ("unknown", found(Unknown, BEGINS).in_short()),
        ("not known what", Some(TOLD_UNKNOWN.to_owned())),
    ];
    let mut news = Vec::new();
    for (word, told) in told {
        for verdict in [Ready, NotReady, Unknown, Writer, NotFirst, NotNow] {
            if (Readiness { told: told.clone(), ..found(verdict, BEGINS) }).is_news() {
                news.push(format!("{word} -> {verdict:?}"));
            }
        }
    }
    let expected = [
        "nothing -> NotReady",
        "nothing -> Unknown",
        "ready -> NotReady",
        "ready -> Unknown",
        "not ready -> Ready",
        "not ready -> Unknown",
        "unknown -> Ready",
        "unknown -> NotReady",
        "not known what -> Ready",
        "not known what -> NotReady",
        "not known what -> Unknown",
    ];
    assert_eq!(news, expected);
}

#[test]
fn what_is_old_or_of_another_epoch_is_never_ready() {
    let well = found(ReadinessKind::Ready, BEGINS);
    for (age_ms, epoch, ready) in [
        (0, 7, true),
        (READY_AGE_MS_MAX, 7, true),
        (READY_AGE_MS_MAX + 1, 7, false),
        (-READY_AGAIN_MS, 7, true),
        (-READY_AGAIN_MS - 1, 7, false),
        (0, 8, false),
        (0, 6, false),
    ] {
        let now = BEGINS.plus_ms(age_ms);
        assert_eq!(well.is_ready(Epoch(epoch), now), ready, "{age_ms} {epoch}");
        let said = well.sentence(Epoch(epoch), now);
        assert_eq!(said.starts_with("ready since"), ready, "{said}");
    }
    for verdict in
        [ReadinessKind::NotReady, ReadinessKind::Unknown, ReadinessKind::Writer, ReadinessKind::NotFirst]
    {
        assert!(!found(verdict, BEGINS).is_ready(Epoch(7), BEGINS), "{verdict:?}");
    }
    let said = |verdict, age_ms, epoch| found(verdict, BEGINS).sentence(Epoch(epoch), BEGINS.plus_ms(age_ms));
    let since = BEGINS;
    assert_eq!(
        said(ReadinessKind::NotReady, 60_000, 7),
        format!("NOT READY: replication_lag (9000 ms) since {since}; judged 60 s ago")
    );
    assert_eq!(
        said(ReadinessKind::Unknown, 0, 7),
        format!("NOT KNOWN: not known: replication_lag (9000 ms) since {since}; judged 0 s ago")
    );
    assert!(
        said(ReadinessKind::Ready, 2 * READY_AGE_MS_MAX, 7)
            .starts_with("NOT KNOWN: nobody has judged it for ")
    );
    assert!(said(ReadinessKind::Ready, 0, 8).starts_with("not judged since the last transition"));
}

#[test]
fn it_survives_a_round_trip_and_a_later_version() {
    let well = found(ReadinessKind::NotReady, BEGINS.whole_seconds());
    assert_eq!(Readiness::of_json(&well.to_json()).unwrap(), well);
    let newer = well.to_json().replace("not_ready", "half_ready").replace("\"told\"", "\"heard\"");
    let read = Readiness::of_json(&newer).unwrap();
    assert_eq!((read.verdict, read.told), (ReadinessKind::Unknown, None));
    assert_eq!(Readiness::of_json("rubbish"), None);
}
