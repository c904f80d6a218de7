//! A run of a drill: when it is open, how quick it was, which of two is the newer, and that it fits its parameter.

use super::*;
use crate::answer::result::{Check, CheckVerdict};
use crate::world::attempt::Started;
use crate::world::run::{Caller, Kind, Run};

fn run() -> Run {
    Run {
        id: Run::id(&database(), Kind::Failback, NOW),
        kind: Kind::Failback,
        from: region(OSAKA),
        target: region(SEOUL),
        epoch: Epoch(7),
        began_ms: NOW.as_ms(),
        called: Started::Accepted,
        caller: Caller::default(),
        checks: Vec::new(),
        overrides: Vec::new(),
        lag_ms: None,
        phases: Vec::new(),
        ended: None,
        previous: None,
    }
}

#[test]
fn a_run_has_a_name_that_sorts_and_is_for_one_move() {
    let run = run();
    assert!(
        run.id.starts_with("todo-failback-20261122T") || run.id.starts_with("todo-failback-2026"),
        "{}",
        run.id
    );
    assert!(run.id.ends_with(".123") && !run.id.contains('Z'), "{}", run.id);
    assert!(run.is_for(Kind::Failback, &region(SEOUL)));
    assert!(!run.is_for(Kind::Switchover, &region(SEOUL)) && !run.is_for(Kind::Failback, &region(OSAKA)));
    assert_eq!(run.began(), NOW);
    let kinds = [Kind::Switchover, Kind::Failover, Kind::Failback];
    assert_eq!(kinds.map(Kind::as_str), ["switchover", "failover", "failback"]);
    assert_eq!(kinds.map(Kind::is_planned), [true, false, true]);
}

#[test]
fn a_run_is_open_for_ten_minutes_of_its_epoch_until_it_ends() {
    let open = |run: &Run, epoch, age_ms| run.is_open(Epoch(epoch), NOW.plus_ms(age_ms));
    let mut run = run();
    assert!(open(&run, 7, 0) && open(&run, 6, 599_999));
    assert!(!open(&run, 7, 600_000) && !open(&run, 8, 0));
    run.end(NOW.plus_ms(5), true, "over");
    assert!(!open(&run, 7, 0));
    assert_eq!(run.ended.as_ref().map(|it| (it.ms, it.done, it.why.as_str())), Some((5, true, "over")));
    run.end(NOW.plus_ms(-5), false, "before it began");
    assert_eq!(run.ended.map(|it| it.ms), Some(0));
}

#[test]
fn a_moment_is_noted_once_and_the_recovery_is_from_the_call_to_the_record() {
    let mut run = run();
    assert_eq!(run.recovery_ms(), None);
    assert!(run.note("injected", NOW.plus_ms(100)) && !run.note("injected", NOW.plus_ms(200)));
    run.note("before", NOW.plus_ms(-1));
    assert_eq!((run.at_ms("injected"), run.at_ms("before"), run.at_ms("never")), (Some(100), Some(0), None));
    run.note("parameter_accepted", NOW.plus_ms(900));
    assert_eq!(run.recovery_ms(), Some(800));
    run.note("record_accepted", NOW.plus_ms(700));
    assert_eq!(run.recovery_ms(), Some(600));
    let past = run.past();
    assert_eq!((past.done, past.phases.len(), past.kind), (false, 4, Kind::Failback));
    run.end(NOW, true, "");
    assert!(run.past().done);
}

#[test]
fn of_two_runs_the_later_is_the_newer_then_the_one_that_ended_then_the_one_that_is_further() {
    let told = |began_ms, ended, phases: usize| {
        let mut run = Run { began_ms: NOW.as_ms() + began_ms, ..run() };
        for at in 0..phases {
            run.note(&format!("phase {at}"), NOW);
        }
        if ended {
            run.end(NOW, true, "over");
        }
        run
    };
    for (older, newer) in [
        (told(0, true, 9), told(1, false, 0)),
        (told(0, false, 9), told(0, true, 0)),
        (told(0, false, 1), told(0, false, 2)),
        (told(0, true, 1), told(0, true, 2)),
    ] {
        assert_eq!(older.clone().newer(newer.clone()), newer);
        assert_eq!(newer.clone().newer(older), newer);
    }
    let (one, other) = (Run { lag_ms: Some(1), ..run() }, Run { lag_ms: Some(2), ..run() });
    assert_eq!(one.clone().newer(other), one, "the first stays where nothing tells them apart");
}

#[test]
fn a_run_fits_its_parameter_and_keeps_what_matters_most() {
    let check = |verdict, length| Check::new("check", "v".repeat(length), Some("limit".to_owned()), verdict);
    let mut run = run();
    run.checks = vec![check(CheckVerdict::Pass, 91), check(CheckVerdict::Fail, 90)];
    run.previous = Some(run.past());
    let kept = Run::of_json(&run.to_json()).unwrap();
    assert_eq!(kept.checks.iter().map(|it| it.value.len()).collect::<Vec<_>>(), [90, 90]);
    assert!(kept.checks.iter().all(|it| it.limit.is_none()) && kept.previous.is_some());
    let spare = 3_900 - run.to_json().len();
    let of_length = |length: usize| Run {
        caller: Caller { who: None, why: Some("x".repeat(length)), ..Caller::default() },
        ..run.clone()
    };
    let field = r#""why":"",""#.len() - 1;
    let fits = of_length(spare - field);
    assert_eq!(fits.to_json().len(), 3_900);
    assert!(Run::of_json(&fits.to_json()).unwrap().previous.is_some());
    let longer = Run::of_json(&of_length(spare - field + 1).to_json()).unwrap();
    assert!(longer.previous.is_none() && longer.checks.len() == 2, "the drill before goes first");
    let longest = Run::of_json(&of_length(3_800).to_json()).unwrap();
    assert_eq!(longest.checks.len(), 1, "then the checks that passed");
    assert_eq!(Run::of_json(&longest.to_json()).unwrap(), longest);
}

#[test]
fn a_callers_words_are_tidied() {
    let words = |text: &str| Caller::new(Some(text.to_owned()), Some(text.to_owned()), "r-1");
    let caller = words(" al\u{1b}ice\n ");
    assert_eq!(
        (caller.who.as_deref(), caller.why.as_deref(), caller.request_id.as_str()),
        (Some("alice"), Some("alice"), "r-1")
    );
    assert_eq!(words(" \n").who, None);
    assert_eq!(words(&"x".repeat(161)).why.map(|it| it.len()), Some(160));
}
