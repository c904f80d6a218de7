//! What may be linked in: `deny.toml` is the list, and this holds every package to it, also where cargo-deny
//! is not installed.

#![expect(clippy::expect_used, reason = "a test that cannot read the project has failed")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The strings of the list `key` in `deny.toml`, comments left out.
fn listed(deny: &str, key: &str) -> Vec<String> {
    let after = deny.split(&format!("\n{key} = [\n")).nth(1).unwrap_or_default();
    let list = after.split("\n]").next().unwrap_or_default();
    let strings = list.lines().filter_map(|line| line.trim().split('#').next()?.split('"').nth(1));
    strings.map(str::to_owned).collect()
}

/// Two locks: the workspace's, and that of the crate which stands outside of it.
const MANIFESTS: [&str; 2] = ["Cargo.toml", "client/sqlx/Cargo.toml"];

fn metadata(manifest: &str) -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--offline",
            "--locked",
            "--manifest-path",
            manifest,
            "--filter-platform",
        ])
        .arg(format!("{}-unknown-linux-gnu", std::env::consts::ARCH))
        .current_dir(ROOT)
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// Whether one alternative of the SPDX expression consists of allowed licences only.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    let is_listed = |licence: &str| {
        let name = licence.split(" WITH ").next().unwrap_or(licence).trim();
        allowed.iter().any(|one| one == name)
    };
    plain.split(" OR ").any(|alternative| alternative.split(" AND ").all(is_listed))
}

#[test]
fn every_package_has_a_licence_that_deny_toml_allows_and_none_is_banned() {
    let deny = std::fs::read_to_string(Path::new(ROOT).join("deny.toml")).expect("deny.toml is there");
    let (allowed, banned) = (listed(&deny, "allow"), listed(&deny, "deny"));
    assert!(allowed.iter().any(|one| one == "Apache-2.0") && banned.iter().any(|one| one == "aws-lc-rs"));
    let faults: Vec<String> =
        MANIFESTS.iter().flat_map(|it| faults(&metadata(it), &allowed, &banned)).collect();
    assert!(faults.is_empty(), "not allowed by deny.toml:\n{}", faults.join("\n"));
}

/// The linked packages with another licence, and the banned ones.
fn faults(metadata: &Value, allowed: &[String], banned: &[String]) -> Vec<String> {
    let packages = metadata["packages"].as_array().expect("packages");
    let nodes = metadata.pointer("/resolve/nodes").and_then(Value::as_array).expect("the resolved graph");
    let mut faults = Vec::new();
    for package in packages.iter().filter(|package| nodes.iter().any(|node| node["id"] == package["id"])) {
        let (name, licence) =
            (package["name"].as_str().expect("a name"), package["license"].as_str().unwrap_or("none"));
        if !is_allowed(licence, allowed) {
            faults.push(format!("{name}: licence {licence}"));
        }
        if banned.iter().any(|one| one == name) && name != "reqwest" {
            faults.push(format!("{name} is banned"));
        }
    }
    faults
}

#[test]
fn an_expression_is_allowed_by_one_whole_alternative() {
    let allowed = ["MIT".to_owned(), "Apache-2.0".to_owned()];
    for good in
        ["MIT", "MIT OR GPL-3.0", "Apache-2.0 WITH LLVM-exception OR X", "(MIT AND Apache-2.0)", "MIT/X"]
    {
        assert!(is_allowed(good, &allowed), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "none", ""] {
        assert!(!is_allowed(bad, &allowed), "{bad}");
    }
}
