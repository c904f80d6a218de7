//! Outages, seeded: `SEED=123` replays one with its trace, `SEEDS=1000` runs so many instead.

use std::env;
use std::sync::Mutex;
use std::thread;

use responder_sim::outage::{Count, Lie, run};

const SEEDS: u64 = 100_000;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

#[test]
fn no_outage_starts_two_failovers_or_one_that_a_check_forbids() {
    if let Some(seed) = number("SEED") {
        let (trace, end) = match run(seed, None, true) {
            Ok((_, trace)) => (trace, "no violation".to_owned()),
            Err(violation) => (violation.trace.clone(), format!("VIOLATION: {violation}")),
        };
        let text = format!("{}\n{end}", trace.join("\n"));
        assert!(!end.starts_with("VIOLATION"), "{text}");
        eprintln!("{text}");
        return;
    }
    let seeds = number("SEEDS").unwrap_or(SEEDS);
    let total = Mutex::new(Count::default());
    let threads = thread::available_parallelism().map_or(2, usize::from) as u64;
    thread::scope(|scope| {
        for first in 0..threads {
            let total = &total;
            scope.spawn(move || {
                for seed in (first..seeds).step_by(usize::try_from(threads).unwrap()) {
                    match run(seed, None, false) {
                        Ok((count, _)) => add(&mut total.lock().unwrap(), count),
                        Err(violation) => panic!("{violation}; replay it with SEED={seed}"),
                    }
                }
            });
        }
    });
    let total = total.into_inner().unwrap();
    eprintln!("{total:?}: no violation");
    // Where several invocations find the same at once, one tells. What is left are calls that take seconds.
    assert!(total.twice * 100 < total.seeds, "{total:?}");
    // Up to fourteen invocations that wake in one moment seldom keep each other away.
    assert!(total.late * 20 < total.at_once.max(40), "{total:?}");
    // The runs are about something.
    assert!(total.taken * 20 > total.seeds && total.due * 5 > total.seeds, "{total:?}");
    assert!(total.ahead > total.seeds / 2, "{total:?}");
}

/// The audit can find what it looks for: with each of these lies it does, within a few thousand seeds.
#[test]
fn a_check_that_does_not_hold_is_found() {
    for lie in Lie::ALL {
        let found = (0..5_000).find_map(|seed| run(seed, Some(lie), false).err());
        let found = found.map(|violation| violation.to_string());
        eprintln!("{lie:?}: {found:?}");
        assert!(found.is_some_and(|what| what.contains("a failover is asked for")), "{lie:?}");
    }
}

fn add(total: &mut Count, count: Count) {
    total.seeds += count.seeds;
    total.invocations += count.invocations;
    total.taken += count.taken;
    total.due += count.due;
    total.twice += count.twice;
    total.at_once += count.at_once;
    total.late += count.late;
    total.ahead += count.ahead;
}
