//! The early decision equals the full one, for every completion of every partial evidence of two and three
//! Regions; four to six are sampled in the core's own tests.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test are test code")]

use responder_core::answer::result::HoldKind;
use responder_core::pass::decide::{Verdict, decide};
use responder_core::pass::early::decide_early;
use responder_core::world::evidence::Evidence;
use responder_core::world::publication::Published;
use responder_fakes::Settings;
use responder_sim::cases::{Ground, NOW, Ready, Remembers, Says};

/// What a decision does; why it does it may be told in more words when more is known.
#[derive(Debug, PartialEq)]
enum Deed {
    Publish(Published),
    Unchanged(Published),
    Hold(HoldKind),
    Misconfigured,
}

fn deed(verdict: &Verdict) -> Deed {
    match verdict {
        Verdict::Publish(published, _) => Deed::Publish(published.clone()),
        Verdict::Unchanged(published) => Deed::Unchanged(published.clone()),
        Verdict::Hold(hold) => Deed::Hold(hold.kind()),
        Verdict::Misconfigured(_) => Deed::Misconfigured,
    }
}

/// Compares the early decision of `evidence` with that of each of its completions; how many there were.
fn check(ground: &Ground, evidence: &Evidence, pending: &[usize]) -> u64 {
    let Some(early) = decide_early(&ground.database, evidence, NOW) else {
        return 0;
    };
    complete(ground, evidence, pending, &deed(&early.verdict))
}

fn complete(ground: &Ground, evidence: &Evidence, pending: &[usize], early: &Deed) -> u64 {
    let [place, rest @ ..] = pending else {
        let full = decide(&ground.database, evidence, NOW);
        assert_eq!(deed(&full.verdict), *early, "{evidence:#?}");
        return 1;
    };
    let mut count = 0;
    for says in Says::all(ground.regions.len()) {
        for ready in [Ready::Yes, Ready::No] {
            let mut completed = evidence.clone();
            ground.say(&mut completed, *place, says, ready);
            count += complete(ground, &completed, rest, early);
        }
    }
    count
}

fn check_words(ground: &Ground, words: &[Says], memories: &[Remembers]) -> u64 {
    let pending: Vec<usize> = (0..words.len()).filter(|place| words[*place] == Says::NotYet).collect();
    let mut count = 0;
    for seconds_ago in [3_600, 10] {
        for ready in [Ready::Yes, Ready::No] {
            let mut evidence = ground.evidence(seconds_ago);
            for (place, says) in words.iter().enumerate() {
                ground.say(&mut evidence, place, *says, ready);
            }
            for (at, remembers) in memories.iter().enumerate() {
                ground.remember(&mut evidence, at + 1, *remembers);
                ground.claimed(&mut evidence, at + 1, 2);
            }
            for declared in [None, Some((1, 0)), Some((1, -1))] {
                evidence.declared = declared.map(|(place, distance)| ground.declare(place, distance));
                for switch in [None, Some(None), Some(Some("maintenance"))] {
                    ground.switch(&mut evidence, switch);
                    count += check(ground, &evidence, &pending);
                }
            }
        }
    }
    count
}

#[test]
fn two_regions() {
    let ground = Ground::new(2, Settings::default());
    let words: Vec<Says> = Says::all(2).into_iter().chain([Says::NotYet]).collect();
    let mut count = 0;
    for o in &words {
        for c in &words {
            for memory in [None, Some((0, 0)), Some((1, 0)), Some((0, -1))] {
                count += check_words(&ground, &[*o, *c], &[memory]);
            }
        }
    }
    eprintln!("two Regions: {count} completions of early decisions");
    assert!(count > 1_000);
}

#[test]
fn three_regions() {
    let ground = Ground::new(3, Settings::default());
    let words: Vec<Says> = Says::all(3).into_iter().chain([Says::NotYet]).collect();
    let mut count = 0;
    for o in &words {
        for c in &words {
            for d in &words {
                for memories in [[None, None], [Some((0, 0)), None], [Some((0, 0)), Some((1, 0))]] {
                    count += check_words(&ground, &[*o, *c, *d], &memories);
                }
            }
        }
    }
    eprintln!("three Regions: {count} completions of early decisions");
    assert!(count > 10_000);
}
