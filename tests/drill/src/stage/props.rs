//! What is the same for every scenario: which programs are played, and where the report goes.

use std::path::{Path, PathBuf};

use drill_cloud::Package;
use drill_postgres::Binaries;

use super::error::DrillError;
use super::kit::Kit;

/// What is the same for every scenario.
#[derive(Debug)]
pub(crate) struct Props {
    pub(crate) binaries: Binaries,
    /// The folder with the functions' binaries. Where Terraform deploys them, nobody looks there.
    pub(crate) functions: PathBuf,
    /// The folder with the drill's own binary, the operator's command and the todo app.
    pub(crate) programs: PathBuf,
    pub(crate) ministack: PathBuf,
    /// For other people's clients.
    pub(crate) kit: Kit,
    pub(crate) out: PathBuf,
}

impl Props {
    /// A deployment package of the function of that name: a line that starts its binary where it is. A build for
    /// development has 60 MB, which four deployments a scenario would carry for a minute.
    pub(crate) fn package(&self, function: &str) -> Result<Package, DrillError> {
        let binary = self.program(function)?;
        Ok(Package::of_bootstrap(format!("#!/bin/sh\nexec '{}'\n", binary.display()).as_bytes())?)
    }

    /// The binary of the function of that name.
    pub(crate) fn program(&self, function: &str) -> Result<PathBuf, DrillError> {
        let binary = self.functions.join(function);
        let found = std::fs::metadata(&binary);
        found.map_err(DrillError::io(format!("find {} (make build makes it)", binary.display())))?;
        Ok(binary)
    }

    /// Which builds are played, by Cargo's names for the profiles.
    pub(crate) fn builds(&self) -> String {
        format!(
            "functions: {} build; todo, failoverctl and the drill: {} build",
            profile(&self.functions),
            profile(&self.programs)
        )
    }
}

/// The profile whose builds Cargo puts into that folder.
fn profile(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    if name == "debug" { "dev".to_owned() } else { name.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_tells_its_profile() {
        assert_eq!(
            ["target/debug", "/x/target/release"].map(|it| profile(Path::new(it))),
            ["dev", "release"]
        );
    }
}
