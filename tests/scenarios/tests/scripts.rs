//! Every script has its golden output beside it; `INSTA_UPDATE=always` writes them anew.

use std::fs;
use std::path::Path;

use responder_scenarios::play;

#[test]
fn every_script_ends_as_it_is_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let mut scripts: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    scripts.sort();
    assert!(scripts.len() >= 20, "the scripts were found");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder.join("golden"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for script in scripts {
        let name = script.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&script).unwrap();
        settings.bind(|| insta::assert_snapshot!(name.as_str(), play(&text)));
    }
}
