//! Every combination of what a pass can see of two and of three Regions, on the real `decide`, against the
//! table of the rule as it is written down, in a form of its own.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test are test code")]

use responder_core::answer::result::DecisionKind;
use responder_core::pass::decide::decide;
use responder_core::world::evidence::{Evidence, Seen};
use responder_fakes::Settings;
use responder_sim::cases::{Ground, NOW, Ready, Remembers, Says, Stands};

/// One case of two Regions: `o` is the published writer, `c` the other.
#[derive(Debug, Clone, Copy)]
struct Case {
    o: Says,
    c: Says,
    c_remembers: Remembers,
    c_ready: Ready,
    looks: u32,
    switch: Option<bool>,
    settled: bool,
    stands: Stands,
    adopt: bool,
    declared: Option<(usize, i8)>,
}

const O: Says = Says::Names(0);
const C: Says = Says::Names(1);

/// The table: what is to come out, in one word.
fn expected(case: &Case) -> &'static str {
    let foreign = match case.stands {
        Stands::Foreign => true,
        Stands::Unowned | Stands::Unrecognized => !case.adopt,
        _ => false,
    };
    let when_ready = match case.c_ready {
        Ready::No | Ready::Headless => "WriterNotReady",
        Ready::Replica if case.looks <= 60 && case.c != Says::Detached => "WriterNotReady",
        _ if case.switch.is_none() => "Blind",
        _ => "publish",
    };
    let alone = case.c == Says::Detached;
    let claims = case.c == C;
    let fresh = case.c_remembers == Some((0, 0));
    let when_settled = if case.settled { when_ready } else { "Settling" };
    let opposed = matches!(case.o, O | Says::Detached);
    let when_corroborated = match case.looks {
        _ if !case.settled => "Settling",
        looks if looks >= if opposed { 6 } else { 2 } => when_ready,
        _ => "Corroborating",
    };
    match (case.o, case.c) {
        _ if case.switch == Some(true) => "Held",
        _ if foreign => "ForeignRecord",
        (_, C | Says::Detached) if case.declared == Some((1, 0)) => when_ready,
        (o, c) if is_misconfigured(&[o, c]) => "error",
        (C, _) if claims && fresh => when_settled,
        (C, _) if claims => when_corroborated,
        _ if claims && fresh => when_corroborated,
        (O | Says::Detached, _) if claims => "WriterConflict",
        _ if claims => "StaleClaim",
        _ if alone => "UndeclaredPromotion",
        (O | Says::Detached, _) => "unchanged",
        (Says::Unreachable, Says::Unreachable) => "Blind",
        (Says::Unreachable, _) | (C, Says::Unreachable) => "WriterUnreachable",
        _ => "NoWriter",
    }
}

/// Nobody claims, and somebody names a stranger; or nobody lists the global cluster, and a cluster replicates or none exists.
fn is_misconfigured(says: &[Says]) -> bool {
    let claimed = says.iter().enumerate().any(|(at, said)| *said == Says::Names(at));
    let said = |what: Says| says.contains(&what);
    let lists = says
        .iter()
        .any(|said| matches!(said, Says::Names(_) | Says::Stranger | Says::Nobody | Says::Several));
    let nowhere = says.iter().all(|said| *said == Says::Nothing);
    (said(Says::Stranger) && !claimed) || (!lists && (said(Says::Unlisted) || nowhere))
}

fn word(ground: &Ground, evidence: &Evidence) -> String {
    let decision = decide(&ground.database, evidence, NOW);
    match (decision.verdict.kind(), decision.verdict.hold()) {
        (_, Some(hold)) => hold.kind().to_string(),
        (DecisionKind::Publish, _) => "publish".to_owned(),
        (DecisionKind::Error, _) => "error".to_owned(),
        _ => "unchanged".to_owned(),
    }
}

const MEMORIES: [Remembers; 6] =
    [None, Some((0, 0)), Some((1, 0)), Some((0, -1)), Some((1, -1)), Some((0, 1))];

fn check_pair(ground: &Ground, adopt: bool, o: Says, c: Says) -> u64 {
    let mut count = 0;
    for (c_ready, o_ready) in [
        (Ready::Yes, Ready::Yes),
        (Ready::No, Ready::Yes),
        (Ready::Headless, Ready::No),
        (Ready::Replica, Ready::Yes),
    ] {
        for c_remembers in MEMORIES {
            for (settled, looks) in
                [(true, 0), (true, 1), (true, 2), (true, 5), (true, 6), (true, 61), (false, 6)]
            {
                let mut evidence = ground.evidence(if settled { 3_600 } else { 10 });
                if looks > 0 {
                    ground.claimed(&mut evidence, 1, looks);
                }
                ground.say(&mut evidence, 0, o, o_ready);
                ground.say(&mut evidence, 1, c, c_ready);
                ground.remember(&mut evidence, 1, c_remembers);
                let case = Case {
                    o,
                    c,
                    c_remembers,
                    c_ready,
                    looks,
                    switch: Some(false),
                    settled,
                    stands: Stands::NotYet,
                    adopt,
                    declared: None,
                };
                count += check_surroundings(ground, &mut evidence, case);
            }
        }
    }
    count
}

/// The same words, under everything else that can be.
fn check_surroundings(ground: &Ground, evidence: &mut Evidence, mut case: Case) -> u64 {
    let published = evidence.published().cloned().unwrap();
    let mut count = 0;
    for stands in Stands::ALL {
        evidence.record = ground.records(stands, &published);
        for switch in [Some(false), Some(true), None] {
            ground.switch(evidence, switch.map(|is_set| is_set.then_some("maintenance")));
            for declared in [None, Some((1, 0)), Some((1, -1)), Some((0, 0))] {
                evidence.declared = declared.map(|(place, distance)| ground.declare(place, distance));
                case = Case { switch, stands, declared, ..case };
                assert_eq!(word(ground, evidence), expected(&case), "{case:?}");
                count += 1;
            }
        }
    }
    count
}

#[test]
fn two_regions_follow_the_table_in_every_combination() {
    let mut count = 0;
    for adopt in [false, true] {
        let ground = Ground::new(2, Settings { adopt, ..Settings::default() });
        for o in Says::all(2) {
            for c in Says::all(2) {
                count += check_pair(&ground, adopt, o, c);
            }
        }
    }
    eprintln!("two Regions: {count} combinations");
}

/// Three Regions: the table, for two others `c` (place 1) and `d` (place 2).
fn expected_of_three(
    says: [Says; 3],
    remembers: [Remembers; 2],
    settled: bool,
    ready: Ready,
    looks: u32,
) -> &'static str {
    let [o, c, d] = says;
    let claimants: Vec<usize> = [1, 2].into_iter().filter(|at| says[*at] == Says::Names(*at)).collect();
    let stands = matches!(o, O | Says::Detached);
    let named: Vec<usize> =
        says.iter().filter_map(|said| if let Says::Names(at) = said { Some(*at) } else { None }).collect();
    let named_is_silent = named.iter().any(|at| says[*at] == Says::Unreachable);
    match claimants.as_slice() {
        _ if is_misconfigured(&says) => "error",
        [_, _] => "WriterConflict",
        [claimant] => {
            let fresh = matches!(remembers[claimant - 1], Some((named, 0)) if named != *claimant);
            let renounced = o == Says::Names(*claimant);
            let moves = renounced || fresh;
            match (moves, settled, ready) {
                (true, true, _) if !(renounced && fresh) && looks < if stands { 6 } else { 2 } => {
                    "Corroborating"
                }
                (true, true, Ready::Yes) => "publish",
                (true, true, _) => "WriterNotReady",
                (true, false, _) => "Settling",
                (false, ..) if stands => "WriterConflict",
                (false, ..) => "StaleClaim",
            }
        }
        _ if c == Says::Detached || d == Says::Detached => "UndeclaredPromotion",
        _ if stands => "unchanged",
        _ if says == [Says::Unreachable; 3] => "Blind",
        _ if named_is_silent || o == Says::Unreachable => "WriterUnreachable",
        _ => "NoWriter",
    }
}

#[test]
fn three_regions_follow_the_table_in_every_combination() {
    let ground = Ground::new(3, Settings::default());
    let memories: [Remembers; 6] =
        [None, Some((0, 0)), Some((1, 0)), Some((2, 0)), Some((0, -1)), Some((2, 1))];
    let mut count = 0;
    for o in Says::all(3) {
        for c in Says::all(3) {
            for d in Says::all(3) {
                for ready in [Ready::Yes, Ready::No] {
                    for (settled, looks) in [(true, 1), (true, 2), (true, 6), (false, 6)] {
                        let mut evidence = ground.evidence(if settled { 3_600 } else { 10 });
                        ground.claimed(&mut evidence, 1, looks);
                        ground.claimed(&mut evidence, 2, looks);
                        for (place, says) in [o, c, d].into_iter().enumerate() {
                            ground.say(
                                &mut evidence,
                                place,
                                says,
                                if place == 0 { Ready::Yes } else { ready },
                            );
                        }
                        evidence.record = Seen::NotYet;
                        for remembers in memories.iter().flat_map(|c| memories.map(|d| [*c, d])) {
                            ground.remember(&mut evidence, 1, remembers[0]);
                            ground.remember(&mut evidence, 2, remembers[1]);
                            let expected = expected_of_three([o, c, d], remembers, settled, ready, looks);
                            assert_eq!(word(&ground, &evidence), expected, "{o:?} {c:?} {d:?} {remembers:?}");
                            count += 1;
                        }
                    }
                }
            }
        }
    }
    eprintln!("three Regions: {count} combinations");
}

#[test]
fn nothing_published_yet_needs_every_region_and_one_claim() {
    let ground = Ground::new(2, Settings::default());
    let mut count = 0;
    for o in Says::all(2) {
        for c in Says::all(2) {
            for base in [
                responder_core::world::evidence::Base::Nothing,
                responder_core::world::evidence::Base::Unknown,
            ] {
                let mut evidence = Evidence { base: base.clone(), ..Evidence::default() };
                ground.switch(&mut evidence, Some(None));
                ground.say(&mut evidence, 0, o, Ready::Yes);
                ground.say(&mut evidence, 1, c, Ready::Yes);
                let is_blind = base == responder_core::world::evidence::Base::Unknown
                    || o == Says::Unreachable
                    || c == Says::Unreachable;
                let expected = match (o == O, c == C) {
                    _ if base == responder_core::world::evidence::Base::Unknown => "Blind",
                    _ if is_misconfigured(&[o, c]) => "error",
                    _ if is_blind => "Blind",
                    (true, true) => "WriterConflict",
                    (false, false) => "NoWriter",
                    _ => "publish",
                };
                assert_eq!(word(&ground, &evidence), expected, "{o:?} {c:?} {base:?}");
                count += 1;
            }
        }
    }
    eprintln!("nothing published yet: {count} combinations");
}
