//! What the package is made of, as whoever depends on it gets it.

#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::process::Command;

/// What `cargo` says about the package, on standard output.
fn cargo(arguments: &[&str]) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    let output =
        cargo.args(arguments).arg("--offline").current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The crates that are linked with these features.
fn linked(features: &str) -> Vec<String> {
    let tree = ["tree", "-p", "writer-follower", "-e", "normal", "--prefix", "none", "--features", features];
    cargo(&tree).lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn no_crate_of_aws_comes_without_ssm_or_iam_and_no_pool_or_resolver_unasked() {
    let of_aws = |features| linked(features).into_iter().filter(|name| name.starts_with("aws")).count();
    assert_eq!((of_aws(""), of_aws("bb8,deadpool,dns")), (0, 0));
    assert!(linked("ssm").contains(&"aws-sdk-ssm".to_owned()));
    assert!(linked("iam").contains(&"aws-sdk-rds".to_owned()));
    let bare = linked("");
    assert!(bare.contains(&"tokio-postgres".to_owned()), "{bare:?}");
    let optional =
        ["bb8", "deadpool", "hickory-resolver"].map(|one| bare.iter().any(|name| name.starts_with(one)));
    assert_eq!(optional, [false; 3], "{bare:?}");
}

#[test]
fn the_package_holds_its_sources_and_its_readme_and_says_what_it_needs() {
    let list = cargo(&["package", "-p", "writer-follower", "--list", "--no-verify", "--allow-dirty"]);
    let files: Vec<&str> = list.lines().collect();
    for file in ["Cargo.toml", "README.md", "src/lib.rs", "src/pools/bb8.rs"] {
        assert!(files.contains(&file), "{list}");
    }
    assert!(!files.iter().any(|file| file.starts_with("tests/")), "{list}");
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let mut packages = metadata["packages"].as_array().unwrap().iter();
    let package = packages.find(|package| package["name"] == "writer-follower").unwrap();
    assert_eq!(package["features"]["default"], serde_json::json!([]));
    assert!(package["publish"].is_null(), "it may be published");
    let readme = std::fs::read_to_string(format!("{}/../README.md", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let needed = package["rust_version"].as_str().unwrap();
    assert!(readme.contains(&format!("needs Rust {needed} ")), "the README says another Rust than {needed}");
}
