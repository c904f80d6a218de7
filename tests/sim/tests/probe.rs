//! What SQL's word changes in a decision, for every evidence of two Regions, and that no early decision leaves it out.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test are test code")]

use responder_core::answer::result::HoldKind;
use responder_core::pass::decide::{Decision, Verdict, decide};
use responder_core::pass::early::decide_early;
use responder_core::pass::hold::Hold;
use responder_core::words::names::Region;
use responder_core::world::evidence::Evidence;
use responder_core::world::publication::Published;
use responder_core::world::topology::NotReady;
use responder_fakes::Settings;
use responder_sim::cases::{Ground, NOW, Ready, Remembers, Says, Sql};

/// What a decision does.
#[derive(Debug, Clone, PartialEq)]
enum Deed {
    Publish(Published),
    Unchanged(Published),
    Hold(HoldKind),
    Misconfigured,
}

fn deed(decision: &Decision) -> Deed {
    match &decision.verdict {
        Verdict::Publish(published, _) => Deed::Publish(published.clone()),
        Verdict::Unchanged(published) => Deed::Unchanged(published.clone()),
        Verdict::Hold(hold) => Deed::Hold(hold.kind()),
        Verdict::Misconfigured(_) => Deed::Misconfigured,
    }
}

const ALL: [Sql; 7] =
    [Sql::NotAsked, Sql::NotYet, Sql::Unknown, Sql::Yes, Sql::OldYes, Sql::No, Sql::NoOfAnother];
const MEMORIES: [Remembers; 4] = [None, Some((0, 0)), Some((1, 0)), Some((0, -1))];

/// Every evidence of two Regions, with words from `words`.
fn evidences(ground: &Ground, words: &[Says]) -> Vec<Evidence> {
    let mut all = Vec::new();
    for (o, c) in words.iter().flat_map(|o| words.iter().map(move |c| (*o, *c))) {
        for ready in [Ready::Yes, Ready::No, Ready::Headless, Ready::Replica] {
            for (memory, looks) in MEMORIES.iter().flat_map(|it| [1, 2, 61].map(|looks| (*it, looks))) {
                for seconds_ago in [3_600, 10] {
                    let mut evidence = ground.evidence(seconds_ago);
                    ground.say(&mut evidence, 0, o, ready);
                    ground.say(&mut evidence, 1, c, ready);
                    ground.remember(&mut evidence, 1, memory);
                    ground.claimed(&mut evidence, 1, looks);
                    for declared in [None, Some((1, 0))] {
                        evidence.declared = declared.map(|(place, distance)| ground.declare(place, distance));
                        all.push(evidence.clone());
                    }
                }
            }
        }
    }
    all
}

fn decided(ground: &Ground, evidence: &Evidence, place: usize, sql: Sql) -> Decision {
    let mut evidence = evidence.clone();
    ground.ask(&mut evidence, place, sql);
    decide(&ground.database, &evidence, NOW)
}

/// Whether this holds the Region's cluster only because it replicates as RDS lists it.
fn is_replica(decision: &Decision, region: &Region) -> bool {
    matches!(&decision.verdict, Verdict::Hold(Hold::WriterNotReady { claimant, why: NotReady::Replica }) if claimant == region)
}

#[test]
fn a_no_holds_what_is_to_be_published_a_yes_outweighs_a_replica_and_nothing_else_changes_anything() {
    let ground = Ground::new(2, Settings::default());
    let (mut held, mut let_through, mut unchanged) = (0, 0, 0);
    for evidence in evidences(&ground, &Says::all(2)) {
        let before = decide(&ground.database, &evidence, NOW);
        for (place, region) in ground.regions.iter().enumerate() {
            let publishes = matches!(&before.verdict, Verdict::Publish(it, _) if it.writer == *region);
            for sql in ALL {
                let after = decided(&ground, &evidence, place, sql);
                match sql {
                    Sql::No if publishes => {
                        assert_eq!(deed(&after), Deed::Hold(HoldKind::WriterNotReady), "{evidence:#?}");
                        assert!(
                            after.watch && after.verdict.reason().contains("in a few words"),
                            "{after:?}"
                        );
                        held += 1;
                    }
                    Sql::Yes if is_replica(&before, region) => {
                        let is_it = matches!(&after.verdict, Verdict::Publish(it, _) if it.writer == *region);
                        assert!(is_it, "{after:?}: {evidence:#?}");
                        let_through += 1;
                    }
                    _ => {
                        assert_eq!(deed(&after), deed(&before), "{sql:?}: {evidence:#?}");
                        unchanged += 1;
                    }
                }
            }
        }
    }
    eprintln!("{held} held, {let_through} let through, {unchanged} unchanged");
    assert!(held > 100 && let_through > 50 && unchanged > 10_000);
}

/// With views and a probe's answer missing, whatever comes leads to the decision that was taken without them.
#[test]
fn no_early_decision_leaves_out_a_word_that_could_change_it() {
    let ground = Ground::new(2, Settings::default());
    let words: Vec<Says> = Says::all(2).into_iter().chain([Says::NotYet]).collect();
    let (mut certain, mut waited) = (0, 0);
    for evidence in evidences(&ground, &words) {
        for asked in 0..2 {
            let mut evidence = evidence.clone();
            ground.ask(&mut evidence, asked, Sql::NotYet);
            let Some(early) = decide_early(&ground.database, &evidence, NOW) else {
                waited += 1;
                continue;
            };
            for sql in [Sql::Unknown, Sql::Yes, Sql::No] {
                for completed in completions(&ground, &evidence) {
                    let full = decided(&ground, &completed, asked, sql);
                    assert_eq!(deed(&full), deed(&early), "{sql:?}: {completed:#?}");
                    certain += 1;
                }
            }
        }
    }
    eprintln!("{certain} completions of early decisions, {waited} that had to wait");
    assert!(certain > 10_000 && waited > 1_000);
}

/// The evidence with every answer that its missing views may still have.
fn completions(ground: &Ground, evidence: &Evidence) -> Vec<Evidence> {
    let is_pending = |place: &usize| evidence.views[&ground.regions[*place]].is_not_yet();
    let mut all = vec![evidence.clone()];
    for place in (0..ground.regions.len()).filter(is_pending) {
        let says =
            Says::all(2).into_iter().flat_map(|says| [Ready::Yes, Ready::No].map(|ready| (says, ready)));
        let with = |(says, ready)| {
            all.iter().map(move |evidence| {
                let mut evidence = evidence.clone();
                ground.say(&mut evidence, place, says, ready);
                evidence
            })
        };
        all = says.flat_map(with).collect();
    }
    all
}
