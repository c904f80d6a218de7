//! A terminal beside the control room: what points `failoverctl`, `aws` and `psql` at the stage.

use std::fmt::Write;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use drill_cloud::Region;

use crate::stage::Stage;
use crate::stage::error::DrillError;
use crate::stage::installation::PREFIX;

/// What the first line of the file begins with, before the process's number.
const OF: &str = "# Of the stage of process ";
/// Who may read it: it holds the database's password.
const OWNER_ALONE: u32 = 0o600;

fn file(out: &Path) -> PathBuf {
    out.join("env.sh")
}

/// Writes down how a shell finds the stage.
pub(crate) fn keep(stage: &Stage, port: u16) -> Result<(), DrillError> {
    let path = file(&stage.props.out);
    forget(&stage.props.out);
    let made = OpenOptions::new().write(true).create_new(true).mode(OWNER_ALONE).open(&path);
    let written = made.and_then(|mut file| file.write_all(exports(stage, port).as_bytes()));
    written.map_err(DrillError::io(format!("write {}", path.display())))
}

/// Takes it away.
pub(crate) fn forget(out: &Path) {
    // It may never have been there.
    let _ = std::fs::remove_file(file(out));
}

/// What a shell has to evaluate, where a stage runs.
pub(crate) fn read(out: &Path) -> Result<String, DrillError> {
    let text = std::fs::read_to_string(file(out)).unwrap_or_default();
    let pid = text.strip_prefix(OF).and_then(|rest| rest.split(',').next()).unwrap_or("none");
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    if String::from_utf8_lossy(&command).split('\0').any(|word| word == "--stage") {
        return Ok(text);
    }
    Err(DrillError::Unproven("no stage runs here: make stage starts one, and says when it is up".to_owned()))
}

fn exports(stage: &Stage, port: u16) -> String {
    let [seoul, osaka] = Region::ALL.map(|region| stage.address(region).to_string());
    let access = &stage.app_settings.access;
    let values = [
        ("AWS_ENDPOINT_URL", stage.cloud.front.endpoint()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("AWS_CONFIG_FILE", "/dev/null".to_owned()),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
        ("AWS_REGION", Region::Seoul.id().to_owned()),
        ("AWS_DEFAULT_REGION", Region::Seoul.id().to_owned()),
        ("FAILOVERCTL_PEER_REGION", Region::Osaka.id().to_owned()),
        ("PREFIX", PREFIX.to_owned()),
        ("PGHOST", seoul),
        ("PGPORT", stage.app_settings.database_port.to_string()),
        ("PGDATABASE", access.database.clone()),
        ("PGUSER", access.application.user.clone()),
        ("PGPASSWORD", access.application.password.expose().to_owned()),
    ];
    let mut text = format!("{OF}{}, whose control room is http://127.0.0.1:{port}/\n", std::process::id());
    text += "unset AWS_PROFILE AWS_SESSION_TOKEN AWS_CA_BUNDLE\n";
    for (name, value) in values {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "export {name}={}", quoted(&value));
    }
    let programs = quoted(&stage.props.programs.display().to_string());
    let _ = writeln!(text, "export PATH={programs}:\"$PATH\"");
    let _ = writeln!(text, "# psql asks Seoul's database, psql -h {osaka} Osaka's; failoverctl status");
    text
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_no_stage_runs_a_sentence_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let none = read(folder.path()).unwrap_err().to_string();
        assert!(none.starts_with("no stage runs here"), "{none}");
        // One that was killed leaves its file, and a process that took its number is another.
        std::fs::write(file(folder.path()), format!("{OF}{}, x\n", std::process::id())).unwrap();
        assert!(read(folder.path()).is_err());
    }

    #[test]
    fn a_word_of_a_shell_stays_one() {
        assert_eq!(quoted("/a b/it's"), "'/a b/it'\\''s'");
    }
}
