//! The proof that the simulation can find what it looks for: each broken variant of the rule is
//! found within as many seeds as find nothing wrong with the rule itself.

use responder_sim::broken::Variant;
use responder_sim::run::Config;
use responder_sim::seeds::run_all;

const SEEDS: u64 = 100_000;

#[test]
fn every_broken_variant_is_found() {
    for variant in Variant::BROKEN {
        let total = run_all(0..SEEDS, |seed| Config { variant, ..Config::of_seed(seed) });
        let violation = total.violation.unwrap_or_else(|| panic!("{variant:?} was not found"));
        assert!(violation.what.contains("moved back"), "{variant:?}: {violation}");
        eprintln!("{variant:?}: found after {} seeds: {violation}", total.seeds);
    }
}
