//! The rooms of each crate, read from the sources: a file imports only from folders below its own, no two files import
//! each other in a circle, and each name is imported from the file that defines it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "a test that cannot go on has failed; sources end in .rs"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The crates, each with its folders from the ground up. A folder that is not named stands where its parent does.
const CRATES: &[(&str, &[&str])] = &[
    (
        "functions/core/src",
        &[
            "words",
            "config",
            "answer",
            "world",
            "judge",
            "ports",
            "pass",
            "invocation",
            "failover",
            "operator/rehearsal",
            "operator",
            "probe",
        ],
    ),
    ("functions/aws/src", &[]),
    ("functions/lambda/src", &["events"]),
    ("functions/sql/src", &[]),
    ("client/src", &[]),
    ("client/sqlx/src", &[]),
    ("tests/drill/src", &["stage", "cast", "script", "findings", "scenarios", "soak", "installed", "room"]),
    ("tests/drill/chaos/src", &[]),
    ("tests/drill/cloud/src", &[]),
    ("tests/drill/cloud/emulator/src", &[]),
    ("tests/drill/postgres/src", &[]),
    ("tests/fakes/src", &[]),
    ("tests/todo/src", &[]),
    ("tests/sim/src", &[]),
    ("tests/bench/src", &[]),
];

/// One import: the file it stands in, the line, and the file that it leads to.
#[derive(Debug, Clone)]
struct Import {
    from: String,
    line: usize,
    path: String,
    to: String,
}

/// Every Rust source below `folder`, by its path from there. What only tests are made of is left out.
fn sources(folder: &Path, at: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let path = if at.is_empty() { name.clone() } else { format!("{at}/{name}") };
        if entry.path().is_dir() {
            if name == "tests" {
                continue;
            }
            sources(&entry.path(), &path, found);
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            let text = fs::read_to_string(entry.path()).unwrap();
            let shipped = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
            found.insert(path, shipped);
        }
    }
}

/// The file in which the module `segments` is, or the one above it when the last of them is an item.
fn file_of(files: &BTreeMap<String, String>, segments: &[String]) -> String {
    for end in (1..=segments.len()).rev() {
        let path = segments[..end].join("/");
        for candidate in [format!("{path}.rs"), format!("{path}/mod.rs")] {
            if files.contains_key(&candidate) {
                return candidate;
            }
        }
    }
    "lib.rs".to_owned()
}

/// The modules that a file's own path stands for: `world/state.rs` is `world`, `state`.
fn module_of(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    if matches!(path, "lib" | "main" | "mod") {
        return Vec::new();
    }
    path.split('/').map(str::to_owned).collect()
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn leaves(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((head, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap().trim().to_owned()];
    };
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for character in rest.trim_end().trim_end_matches('}').chars().chain(std::iter::repeat_n('}', 0)) {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if character == ',' && depth == 0 {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(character);
        }
    }
    // A nested group lost its closing brace with the outer one's.
    let whole = |part: &String| {
        let missing = part.matches('{').count().saturating_sub(part.matches('}').count());
        format!("{part}{}", "}".repeat(missing))
    };
    let parts = parts.iter().filter(|part| !part.trim().is_empty()).map(whole);
    parts.flat_map(|part| leaves(&part)).map(|leaf| format!("{head}{leaf}")).collect()
}

/// The absolute path of what is named in `file`, where it is one of this crate.
fn absolute(file: &str, path: &str) -> Option<Vec<String>> {
    let mut segments: Vec<String> = path.split("::").map(|part| part.trim().to_owned()).collect();
    let mut module = module_of(file);
    match segments[0].as_str() {
        "crate" => module.clear(),
        "self" => {}
        "super" => {
            while segments.first().is_some_and(|segment| segment == "super") {
                module.pop();
                segments.remove(0);
            }
            module.extend(segments);
            return Some(module);
        }
        _ => return None,
    }
    segments.remove(0);
    module.extend(segments);
    Some(module)
}

/// Every import of a file, with its line; paths in the code count as well as `use`.
fn imports(files: &BTreeMap<String, String>) -> Vec<Import> {
    let mut found = Vec::new();
    for (file, text) in files {
        let mut uses = Vec::new();
        let mut open: Option<(usize, String)> = None;
        for (at, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap();
            let start = code.trim_start();
            let tree =
                ["use ", "pub use ", "pub(crate) use "].iter().find_map(|head| start.strip_prefix(head));
            match (&mut open, tree) {
                (Some((_, tree)), _) => tree.push_str(code.trim()),
                (None, Some(tree)) => open = Some((at + 1, tree.trim_end().to_owned())),
                (None, None) => uses.extend(code.match_indices("crate::").map(|(from, _)| {
                    let is_path = |it: char| it.is_alphanumeric() || it == '_' || it == ':';
                    let rest = &code[from..];
                    let end = rest.find(|it| !is_path(it)).unwrap_or(rest.len());
                    (at + 1, rest[..end].trim_end_matches(':').to_owned())
                })),
            }
            if let Some((line, tree)) = open.take_if(|(_, tree)| tree.ends_with(';')) {
                uses.extend(leaves(tree.trim_end_matches(';')).into_iter().map(|leaf| (line, leaf)));
            }
        }
        for (line, path) in uses {
            let Some(target) = absolute(file, &path) else { continue };
            let to = file_of(files, &target);
            found.push(Import { from: file.clone(), line, path, to });
        }
    }
    found
}

/// Where the file stands among `folders`; files of the root stand on top.
fn floor(folders: &[&str], file: &str) -> usize {
    let is_in = |folder: &&&str| file.strip_prefix(**folder).is_some_and(|rest| rest.starts_with('/'));
    let inner = folders.iter().filter(is_in).max_by_key(|folder| folder.len());
    inner.map_or(folders.len(), |inner| folders.iter().position(|folder| folder == inner).unwrap())
}

/// A circle of files that import each other, if there is one.
fn circle(imports: &[Import]) -> Option<Vec<String>> {
    let mut below: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in imports.iter().filter(|import| import.from != import.to) {
        below.entry(&import.from).or_default().insert(&import.to);
    }
    // What imports nothing that is left, or is imported by nothing that is left, is in no circle.
    loop {
        let count = below.len();
        let left: BTreeSet<&str> = below.keys().copied().collect();
        below.retain(|_, to| to.iter().any(|to| left.contains(to)));
        let imported: BTreeSet<&str> = below.values().flatten().copied().collect();
        below.retain(|from, _| imported.contains(from));
        if below.len() == count {
            break;
        }
    }
    (!below.is_empty()).then(|| below.keys().map(|file| (*file).to_owned()).collect())
}

/// All that breaks the order of one crate, each with its file and line.
fn faults(imports: &[Import], folders: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    for Import { from, line, path, to } in imports {
        if floor(folders, to) > floor(folders, from) {
            faults.push(format!("{from}:{line}: {path} is above it, in {to}"));
        }
        if to == "lib.rs" && from != "lib.rs" {
            faults.push(format!(
                "{from}:{line}: {path} is no file of the crate: import from the defining file"
            ));
        }
    }
    if let Some(files) = circle(imports) {
        let inside = |import: &&Import| {
            import.from != import.to && files.contains(&import.from) && files.contains(&import.to)
        };
        let lines = imports.iter().filter(inside).map(|it| format!("{}:{}: {}", it.from, it.line, it.path));
        faults.push(format!("a circle of imports:\n  {}", lines.collect::<Vec<_>>().join("\n  ")));
    }
    faults
}

fn read(krate: &str) -> BTreeMap<String, String> {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join(krate);
    let mut files = BTreeMap::new();
    sources(&root, "", &mut files);
    files
}

#[test]
fn imports_run_downwards_only_and_never_in_a_circle() {
    for (krate, folders) in CRATES {
        let files = read(krate);
        let imports = imports(&files);
        assert!(imports.len() > 5, "{krate}: the imports were found");
        for folder in *folders {
            assert!(files.keys().any(|file| floor(&[folder], file) == 0), "{krate} has no folder {folder}");
        }
        let faults = faults(&imports, folders);
        assert!(faults.is_empty(), "{krate}:\n{}", faults.join("\n"));
    }
}

/// Every import between two files, turned around, is noticed.
#[test]
fn any_import_that_is_turned_around_is_noticed() {
    for (krate, folders) in CRATES {
        let imports = imports(&read(krate));
        for it in imports.iter().filter(|it| it.from != it.to) {
            let turned = Import { from: it.to.clone(), to: it.from.clone(), ..it.clone() };
            let with_it: Vec<Import> = imports.iter().cloned().chain([turned]).collect();
            assert!(
                !faults(&with_it, folders).is_empty(),
                "{krate}: {} imports {}, and nobody notices",
                it.to,
                it.from
            );
        }
    }
}

/// Paths are read in every form in which they can be written.
#[test]
fn an_import_is_read_however_it_is_written() {
    let file = "use crate::{\n    b::{C, d::E},\n    f,\n};\nfn g() -> crate::b::C { super::f::h() }\n";
    let files = [("a/i.rs", file), ("b.rs", ""), ("b/d.rs", ""), ("f.rs", "")];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    let read: Vec<(usize, String)> = imports(&files).into_iter().map(|it| (it.line, it.to)).collect();
    let expected = [(1, "b.rs"), (1, "b/d.rs"), (1, "f.rs"), (5, "b.rs")];
    assert_eq!(read, expected.map(|(line, to)| (line, to.to_owned())));
}
