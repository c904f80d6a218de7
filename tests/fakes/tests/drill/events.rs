//! The files in `events/` are requests, one at least for each action.

use std::collections::BTreeSet;
use std::path::Path;

use responder_core::operator::request::{ACTIONS, Request};
use serde_json::Value;

#[test]
fn every_file_is_a_request_and_every_action_has_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    let mut actions = BTreeSet::new();
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for path in paths.filter(|path| path.is_file()) {
        let event: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        Request::of_event(&event).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        actions.insert(event["action"].as_str().unwrap().to_owned());
    }
    assert_eq!(actions, ACTIONS.into_iter().map(str::to_owned).collect());
}
