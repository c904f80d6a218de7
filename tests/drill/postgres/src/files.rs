//! Files that PostgreSQL reads: written at once, private, and owned by its account.

use std::{
    fs::{self, OpenOptions, Permissions},
    io::Write as _,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use crate::command;

use crate::account::Account;

use crate::error::PostgresError;

/// Readable by the owner alone: these files hold passwords and keys.
const PRIVATE_FILE: u32 = 0o600;
const PRIVATE_DIRECTORY: u32 = 0o700;

/// How much of a log's end is read, in bytes.
const LOG_END: usize = 8_192;

/// Makes a private directory of the account.
pub(crate) fn make_directory(account: Account, path: &Path) -> Result<(), PostgresError> {
    fs::create_dir_all(path).map_err(PostgresError::file("create", path))?;
    fs::set_permissions(path, Permissions::from_mode(PRIVATE_DIRECTORY))
        .map_err(PostgresError::file("protect", path))?;
    account.own(path)
}

/// Writes a private file of the account; whoever reads it meanwhile sees the old text or the new one.
pub(crate) fn write(account: Account, path: &Path, text: &str) -> Result<(), PostgresError> {
    let draft = path.with_extension("draft");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(PRIVATE_FILE)
        .open(&draft)
        .map_err(PostgresError::file("create", &draft))?;
    file.write_all(text.as_bytes()).map_err(PostgresError::file("write", &draft))?;
    account.own(&draft)?;
    fs::rename(&draft, path).map_err(PostgresError::file("replace", path))
}

/// The last lines of a log; empty when there is none.
pub(crate) fn log_tail(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let from = bytes.len().saturating_sub(LOG_END);
    command::tail(&String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()))
}
