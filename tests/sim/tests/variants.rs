//! The proof that the simulation can find what it looks for: each broken variant of the rule is
//! found within as many seeds as find nothing wrong with the rule itself.

use responder_fakes::{Unkind, Unkindness};
use responder_sim::broken::Variant;
use responder_sim::run::Config;
use responder_sim::seeds::run_all;

const SEEDS: u64 = 100_000;
/// More than any of the unkindnesses needs.
const KIND_SEEDS: u64 = 2_000;

#[test]
fn every_broken_variant_is_found() {
    for variant in Variant::BROKEN {
        let total = run_all(0..SEEDS, |seed| Config { variant, has_probes: false, ..Config::of_seed(seed) });
        let violation = total.violation.unwrap_or_else(|| panic!("{variant:?} was not found"));
        assert!(violation.what.contains("moved back"), "{variant:?}: {violation}");
        eprintln!("{variant:?}: found after {} seeds: {violation}", total.seeds);
    }
}

/// It is the unkindness that is found, not the variant by itself.
#[test]
fn what_is_a_defence_against_an_unkindness_alone_is_not_missed_without_it() {
    for variant in Variant::HARMLESS {
        let kind = Unkindness::default();
        let of_seed = |seed| Config { variant, unkind: kind, has_probes: false, ..Config::of_seed(seed) };
        let total = run_all(0..KIND_SEEDS, of_seed);
        assert!(total.violation.is_none(), "{variant:?}: {:?}", total.violation);
    }
}

/// Each unkindness bites: with the defence against it taken out, that one alone is enough.
#[test]
fn every_unkindness_is_found_where_the_defence_against_it_is_taken_out() {
    for (unkind, variant, what) in Variant::BROKEN_WHERE {
        let unkindness = Unkindness::of(&[unkind]);
        // A probe is a defence of its own: it is there where it is the one that is taken out.
        let has_probes = unkind == Unkind::ReadOnly;
        let of_seed = |seed| Config { variant, unkind: unkindness, has_probes, ..Config::of_seed(seed) };
        let total = run_all(0..SEEDS, of_seed);
        let violation = total.violation.unwrap_or_else(|| panic!("{unkind:?}: {variant:?} was not found"));
        let is_it = what.split('|').any(|what| violation.what.contains(what));
        assert!(is_it, "{unkind:?}: {variant:?}: {violation}");
        eprintln!("{unkind:?}: {variant:?} found after {} seeds: {violation}", total.seeds);
    }
}
