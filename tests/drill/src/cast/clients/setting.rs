//! What every client is told: where the databases are, what leads to the writer, and who may sign in.

use std::path::{Path, PathBuf};

use drill_cloud::Region;
use drill_cloud::aurora::Names;
use drill_postgres::{Access, Binaries};
use tokio::process::Command;

use crate::stage::Stage;
use crate::stage::error::DrillError;
use crate::stage::kit::Kit;

/// What every client is told.
pub(crate) struct Setting<'a> {
    pub(crate) kit: &'a Kit,
    pub(crate) binaries: &'a Binaries,
    /// The run's own folder, which the servers' account can reach.
    pub(crate) run: &'a Path,
    pub(crate) access: &'a Access,
    pub(crate) ca: Option<&'a Path>,
    pub(crate) record: &'a str,
    pub(crate) parameter: &'a str,
    /// The databases' port.
    pub(crate) port: u16,
    nameserver: String,
    aws: &'a str,
}

impl<'a> Setting<'a> {
    /// On that stage.
    pub(crate) fn of(stage: &'a Stage) -> Self {
        let settings = &stage.app_settings;
        Self {
            kit: &stage.props.kit,
            binaries: &stage.props.binaries,
            run: stage.run_directory(),
            access: &settings.access,
            ca: settings.ca.as_deref(),
            record: &settings.record,
            parameter: &settings.parameter,
            port: settings.database_port,
            nameserver: stage.cloud.dns.address().to_string(),
            aws: &settings.aws_endpoint,
        }
    }

    /// Python with the packages.
    pub(crate) fn python(&self) -> Result<PathBuf, DrillError> {
        self.kit.python().map_err(DrillError::Unproven)
    }

    /// `PgBouncer`.
    pub(crate) fn pgbouncer(&self) -> Result<PathBuf, DrillError> {
        self.kit.pgbouncer().map_err(DrillError::Unproven)
    }

    /// Where AWS is, in Osaka.
    pub(crate) fn aws(&self, command: &mut Command) {
        command
            .env("AWS_REGION", Region::Osaka.id())
            .env("AWS_DEFAULT_REGION", Region::Osaka.id())
            .env("AWS_ENDPOINT_URL", self.aws)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    }

    /// All that a client may ask for.
    pub(crate) fn tell(&self, command: &mut Command) {
        let hosts = Region::ALL.map(|region| Names::of(region).endpoint()).join(",");
        let who = &self.access.application;
        self.aws(command);
        command
            .env("RECORD", self.record)
            .env("PARAMETER", self.parameter)
            .env("HOSTS", hosts)
            .env("NAMESERVER", &self.nameserver)
            .env("PGPORT_OF_SERVERS", self.port.to_string())
            .env("DATABASE", &self.access.database)
            .env("DBUSER", &who.user)
            .env("DBPASSWORD", who.password.expose())
            // Nothing is left beside the sources.
            .env("PYTHONDONTWRITEBYTECODE", "1");
        if let Some(ca) = self.ca {
            command.env("CA_FILE", ca);
        }
    }
}
