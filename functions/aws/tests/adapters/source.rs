//! What the source of this crate may not hold.

use std::fs;
use std::path::Path;

/// An `UPSERT` is last-writer-wins: one in this crate would be a hole in the fence.
#[test]
fn no_record_is_ever_overwritten() {
    let mut files = 0;
    visit(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut |path, text| {
        files += 1;
        for word in ["Upsert", "UPSERT", "ChangeAction::from"] {
            assert!(!text.contains(word), "{} in {}", word, path.display());
        }
    });
    assert!(files > 10, "the source was found");
}

fn visit(folder: &Path, check: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, check);
        } else {
            check(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}
