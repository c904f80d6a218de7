//! A wheel in a place that PostgreSQL's account may not enter, such as root's home.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    process::Command,
};

use drill_postgres::{Binaries, Choice};

use crate::pair::{Pair, binaries, venv};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wheel_out_of_reach_is_copied() {
    // Everybody else runs PostgreSQL as themselves and can enter where they keep it.
    if !nix::unistd::Uid::effective().is_root() {
        return;
    }
    let Some(reachable) = binaries(Choice::Embedded) else {
        return;
    };
    // Beside the original, so that the files need not be copied but linked.
    let place = tempfile::tempdir_in(venv().join("..")).unwrap();
    let linked =
        Command::new("cp").args(["--recursive", "--link"]).arg(venv().join("lib")).arg(place.path()).status();
    assert!(linked.unwrap().success());
    fs::set_permissions(place.path(), Permissions::from_mode(0o700)).unwrap();
    let found = Binaries::find(Choice::Embedded, place.path()).unwrap();
    assert_eq!(found.version(), reachable.version());
    let directory = found.directory().to_owned();
    let pair = Pair::create(found, false).await;
    assert!(pair.osaka.is_up().await);
    drop(pair);
    assert!(!directory.starts_with(place.path().canonicalize().unwrap()));
    assert!(!directory.exists());
}
