//! Every script has its golden output beside it; `INSTA_UPDATE=always` writes them anew.

use std::fs;
use std::path::Path;

use responder_scenarios::{assert_golden, play};

#[test]
fn every_script_ends_as_it_is_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let mut scripts: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    scripts.sort();
    assert!(scripts.len() >= 20, "the scripts were found");
    for script in scripts {
        let name = script.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&script).unwrap();
        assert_golden(&name, &play(&text));
    }
}
