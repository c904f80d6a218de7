//! Asking before something is changed.

use std::io::{BufRead, Write};

use crate::error::CtlError;

/// Asks for a word that says that this database is meant. No option goes around it.
pub(crate) fn typed(database: &str, what: &str, yes: bool) -> Result<(), CtlError> {
    if yes {
        return Err(CtlError::NotConfirmed(format!("{what}, so --yes does not confirm it: type the name")));
    }
    let said = question(&format!("{what}.\nType the database's name to go on: "))?;
    if said == database {
        return Ok(());
    }
    Err(CtlError::NotConfirmed(format!("{said:?} is not {database:?}")))
}

/// Asks yes or no.
pub(crate) fn plain(what: &str, yes: bool) -> Result<(), CtlError> {
    if yes {
        return Ok(());
    }
    let said = question(&format!("{what}. Go on? [y/N] "))?;
    if matches!(said.to_ascii_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(CtlError::NotConfirmed("answered no".to_owned()))
}

fn question(text: &str) -> Result<String, CtlError> {
    let failed = |error: std::io::Error| CtlError::NotConfirmed(error.to_string());
    let mut error = std::io::stderr().lock();
    error.write_all(text.as_bytes()).and_then(|()| error.flush()).map_err(failed)?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(failed)?;
    if line.is_empty() {
        return Err(CtlError::NotConfirmed("standard input is closed".to_owned()));
    }
    Ok(line.trim().to_owned())
}
