//! The layers, read from `cargo metadata` and from the sources: what is absent here is the architecture.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What the decision has to do without: AWS, a runtime, randomness, a clock, the network.
const FORBIDDEN: [&str; 12] = [
    "aws-",
    "tokio",
    "rand",
    "getrandom",
    "fastrand",
    "chrono",
    "mio",
    "hyper",
    "reqwest",
    "socket2",
    "rustix",
    "lambda",
];

/// What no line of the decision mentions.
const FORBIDDEN_WORDS: [&str; 6] =
    ["std::env", "SystemTime", "Instant::", "std::net", "std::fs", "std::process"];

/// Features of `time` that bring a clock.
const CLOCKS: [&str; 4] = ["std", "local-offset", "default", "wasm-bindgen"];

#[cfg(test)]
mod metadata {
    use super::*;

    pub(crate) fn root() -> PathBuf {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
        root.unwrap().to_path_buf()
    }

    /// `cargo metadata`, with the dependencies where `with_all`, of this machine's platform.
    pub(crate) fn read(arguments: &[&str]) -> Value {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--offline"])
            .args(arguments)
            .current_dir(root())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
        value[key].as_array().map_or(&[], Vec::as_slice)
    }

    pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
        value[key].as_str().unwrap_or_default()
    }

    /// The names of everything that `package` depends on to be built, itself included.
    pub(crate) fn closure(metadata: &Value, package: &str) -> BTreeSet<String> {
        let names: BTreeMap<&str, &str> =
            list(metadata, "packages").iter().map(|one| (text(one, "id"), text(one, "name"))).collect();
        let nodes: BTreeMap<&str, &Value> =
            list(&metadata["resolve"], "nodes").iter().map(|node| (text(node, "id"), node)).collect();
        let start = names.iter().find(|(_, name)| **name == package).map(|(id, _)| *id).unwrap();
        let mut seen = BTreeSet::new();
        let mut queue = vec![start];
        while let Some(id) = queue.pop() {
            if !seen.insert(id) {
                continue;
            }
            let needed = |dep: &&Value| list(dep, "dep_kinds").iter().any(|kind| kind["kind"].is_null());
            queue.extend(list(nodes[id], "deps").iter().filter(needed).map(|dep| text(dep, "pkg")));
        }
        seen.into_iter().map(|id| names[id].to_owned()).collect()
    }

    /// Every Rust source below `folder`.
    pub(crate) fn sources(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() && !path.ends_with("target") {
                found.extend(sources(&path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::metadata::{closure, list, read, root, sources, text};
    use super::*;

    #[test]
    fn the_decision_depends_on_no_service_no_runtime_no_clock_and_no_chance() {
        let host = Command::new("rustc").arg("-vV").output().unwrap();
        let host = String::from_utf8(host.stdout).unwrap();
        let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        let metadata = read(&["--filter-platform", host]);
        let needed = closure(&metadata, "responder-core");
        assert!(needed.contains("serde_json"), "the graph was read: {needed:?}");
        for name in &needed {
            let forbidden = FORBIDDEN.iter().find(|forbidden| name.starts_with(**forbidden));
            assert_eq!(forbidden, None, "responder-core depends on {name}");
        }
    }

    #[test]
    fn the_decision_asks_for_no_clock_of_the_time_crate() {
        let metadata = read(&["--no-deps"]);
        let packages = list(&metadata, "packages");
        let core = packages.iter().find(|package| text(package, "name") == "responder-core").unwrap();
        let dependency = |one: &&Value| text(one, "name") == "time" && one["kind"].is_null();
        let time = list(core, "dependencies").iter().find(dependency).unwrap();
        assert_eq!(time["uses_default_features"], false);
        for feature in list(time, "features") {
            assert!(!CLOCKS.iter().any(|clock| feature == clock), "time brings a clock by {feature}");
        }
    }

    #[test]
    fn nothing_that_ships_depends_on_anything_that_does_not() {
        let metadata = read(&["--no-deps"]);
        let packages = list(&metadata, "packages");
        let lies_in = |package: &Value, folder: &str| {
            Path::new(text(package, "manifest_path")).starts_with(root().join(folder))
        };
        let of_tests: BTreeSet<&str> =
            packages.iter().filter(|one| lies_in(one, "tests")).map(|one| text(one, "name")).collect();
        assert!(of_tests.contains("responder-fakes"), "the packages were read: {of_tests:?}");
        let ships = |one: &&Value| lies_in(one, "functions") || text(one, "name") == "writer-follower";
        for package in packages.iter().filter(ships) {
            for dependency in list(package, "dependencies").iter().filter(|one| one["kind"] != "dev") {
                let name = text(dependency, "name");
                assert!(!of_tests.contains(name), "{} depends on {name}", text(package, "name"));
            }
        }
    }

    #[test]
    fn the_probe_alone_links_postgresql() {
        let metadata = read(&[]);
        let speaks = |package: &str| closure(&metadata, package).iter().any(|it| it.contains("postgres"));
        for package in ["follow", "failover", "drill", "failoverctl", "responder-lambda", "responder-aws"] {
            assert!(!speaks(package), "{package} links PostgreSQL");
        }
        assert!(speaks("probe") && speaks("responder-sql"));
    }

    /// With one feature more in the tests than in the binaries, all crates above are compiled twice: AWS's SDK, for minutes.
    #[test]
    fn binaries_and_tests_are_built_of_the_same_crates() {
        let crates = |edges: &str| {
            let output = Command::new(env!("CARGO"))
                .args(["tree", "--workspace", "--offline", "--prefix", "none", "-f", "{p} {f}", "-e", edges])
                .current_dir(root())
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let lines = String::from_utf8(output.stdout).unwrap();
            let name = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
            let line = |line: &str| line.replace(" (*)", "").replace(" (proc-macro)", "");
            lines.lines().map(|it| (name(it), line(it))).collect::<BTreeSet<_>>()
        };
        let (binaries, tests) = (crates("normal,build"), crates("normal,build,dev"));
        let names: BTreeSet<&String> = binaries.iter().map(|(name, _)| name).collect();
        let twice: Vec<_> = tests.difference(&binaries).filter(|(name, _)| names.contains(name)).collect();
        assert!(twice.is_empty(), "other features in tests: {twice:#?}");
    }

    #[test]
    fn no_line_of_the_decision_asks_the_machine_for_anything() {
        let files = sources(&root().join("functions/core/src"));
        assert!(files.len() > 10, "the sources were found");
        for file in files {
            let source = fs::read_to_string(&file).unwrap();
            for word in FORBIDDEN_WORDS {
                assert!(!source.contains(word), "{} mentions {word}", file.display());
            }
        }
    }

    #[test]
    fn no_file_is_longer_than_400_lines() {
        for folder in ["functions", "client", "tests"] {
            for file in sources(&root().join(folder)) {
                let lines = fs::read_to_string(&file).unwrap().lines().count();
                assert!(lines <= 400, "{} has {lines} lines", file.display());
            }
        }
    }
}
