//! What a server is told, and the files that tell it.
//!
//! The configuration lives beside the data directory and not in it: a base backup and a rewind copy what is inside.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use crate::files;

use crate::access::{Access, Credentials};

use crate::account::Account;

use crate::authority::ServerCertificate;

use crate::error::PostgresError;

/// Settings that are the same for every server of a drill.
///
/// `fsync` is off: a killed process loses nothing that it has handed to the kernel, so every acknowledged commit is
/// still counted honestly; only a crash of this machine could lose one, and then the drill is gone as well.
/// `synchronous_commit` stays on: a commit is acknowledged only when it is in the log.
/// Dynamic shared memory is in files of the data directory, so that a killed server leaves none behind elsewhere.
const COMMON: &str = "\
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
log_min_error_statement = panic
log_line_prefix = '%m [%p] %u '
fsync = off
synchronous_commit = on
full_page_writes = on
wal_level = replica
wal_log_hints = on
wal_keep_size = '512MB'
max_wal_size = '1GB'
max_wal_senders = 8
max_connections = 200
hot_standby = on
wal_receiver_status_interval = '1s'
wal_retrieve_retry_interval = '50ms'
wal_receiver_timeout = '10s'
wal_sender_timeout = '10s'
shared_buffers = '32MB'
dynamic_shared_memory_type = mmap
huge_pages = off
timezone = 'UTC'
log_timezone = 'UTC'
include = 'replication.conf'
";

/// A server to be made.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Its name in logs, errors and in its primary's list of standbys.
    pub name: String,
    /// The loopback address that it listens on. Servers on different addresses may share a port.
    pub address: IpAddr,
    /// The port that it listens on.
    pub port: u16,
    /// The directory for its data, settings and log, inside the [`RunDirectory`](crate::RunDirectory); it must not exist yet.
    pub directory: PathBuf,
    /// With a certificate the application's sessions must use TLS. Only where [`has_tls`](crate::Binaries::has_tls).
    pub tls: Option<ServerCertificate>,
    /// Its roles and database: the same for all servers of a pair.
    pub access: Access,
}

/// Where a standby gets its log from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Upstream {
    pub(crate) address: IpAddr,
    pub(crate) port: u16,
}

impl ServerConfig {
    pub(crate) fn data_directory(&self) -> PathBuf {
        self.directory.join("data")
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.directory.join("server.log")
    }

    pub(crate) fn settings_file(&self) -> PathBuf {
        self.directory.join("postgresql.conf")
    }

    pub(crate) fn password_file(&self) -> PathBuf {
        self.directory.join("pgpass")
    }

    pub(crate) fn upstream(&self) -> Upstream {
        Upstream { address: self.address, port: self.port }
    }

    /// Writes everything but the data directory.
    pub(crate) fn write(&self, account: Account) -> Result<(), PostgresError> {
        let write = |name: &str, text: &str| files::write(account, &self.directory.join(name), text);
        files::make_directory(account, &self.directory)?;
        write("postgresql.conf", &self.settings())?;
        write("pg_hba.conf", &self.admissions())?;
        write("pg_ident.conf", "")?;
        write("pgpass", &self.passwords())?;
        if let Some(tls) = &self.tls {
            write("server.crt", &tls.certificate_pem)?;
            write("server.key", &tls.key_pem)?;
        }
        self.write_upstream(account, None)
    }

    /// Tells a standby where to get its log from; with none it gets no more of it.
    pub(crate) fn write_upstream(
        &self,
        account: Account,
        upstream: Option<Upstream>,
    ) -> Result<(), PostgresError> {
        let conninfo = upstream.map(|upstream| self.conninfo(upstream, &self.access.replication));
        let line = format!("primary_conninfo = {}\n", setting(conninfo.unwrap_or_default().as_str()));
        files::write(account, &self.directory.join("replication.conf"), &line)
    }

    /// How PostgreSQL's own programs reach a server. The password is in a file.
    pub(crate) fn conninfo(&self, server: Upstream, role: &Credentials) -> String {
        let fields = [
            ("host", server.address.to_string()),
            ("port", server.port.to_string()),
            ("user", role.user.clone()),
            ("dbname", "postgres".to_owned()),
            ("passfile", self.password_file().display().to_string()),
            ("application_name", self.name.clone()),
            ("sslmode", "disable".to_owned()),
            ("gssencmode", "disable".to_owned()),
        ];
        let written: Vec<String> = fields
            .into_iter()
            .map(|(key, value)| format!("{key}='{}'", escape(&value, &['\\', '\''])))
            .collect();
        written.join(" ")
    }

    fn settings(&self) -> String {
        let path = |path: &Path| setting(&path.display().to_string());
        let in_directory = |name: &str| path(&self.directory.join(name));
        let tls = match self.tls {
            None => String::new(),
            Some(_) => format!(
                "ssl = on\nssl_cert_file = {}\nssl_key_file = {}\n",
                in_directory("server.crt"),
                in_directory("server.key"),
            ),
        };
        format!(
            "data_directory = {}\nhba_file = {}\nident_file = {}\nlisten_addresses = {}\nport = {}\ncluster_name = {}\n{COMMON}{tls}",
            path(&self.data_directory()),
            in_directory("pg_hba.conf"),
            in_directory("pg_ident.conf"),
            setting(&self.address.to_string()),
            self.port,
            setting(&self.cluster_name()),
        )
    }

    /// Every process shows it in its command line; the run's directory in it tells whose process it is.
    fn cluster_name(&self) -> String {
        let run = self.directory.parent().and_then(Path::file_name);
        let run = run.map(|name| name.to_string_lossy().into_owned());
        format!("{}/{}", run.unwrap_or_default(), self.name)
    }

    /// `pg_hba.conf`: passwords from loopback only.
    fn admissions(&self) -> String {
        let for_application = if self.tls.is_some() { "hostssl" } else { "host" };
        let quoted = |text: &str| format!("\"{text}\"");
        let access = &self.access;
        let (superuser, replication) = (&access.superuser.user, &access.replication.user);
        let rules = [
            ("host", "replication".to_owned(), quoted(replication)),
            ("host", "all".to_owned(), quoted(superuser)),
            (for_application, quoted(&access.database), quoted(&access.application.user)),
            (for_application, quoted(&access.database), quoted(&access.probe.user)),
        ];
        let lines = rules.iter().flat_map(|(kind, database, role)| {
            ["127.0.0.0/8", "::1/128"]
                .map(|network| format!("{kind} {database} {role} {network} scram-sha-256\n"))
        });
        lines.collect()
    }

    /// The password file that PostgreSQL's programs read.
    fn passwords(&self) -> String {
        let line = |role: &Credentials| {
            let escaped = |text: &str| escape(text, &['\\', ':']);
            let (user, password) = (escaped(&role.user), escaped(role.password.expose()));
            format!("*:*:*:{user}:{password}\n")
        };
        line(&self.access.superuser) + &line(&self.access.replication)
    }
}

/// A value in `postgresql.conf`.
fn setting(value: &str) -> String {
    format!("'{}'", escape(value, &['\\', '\'']))
}

/// Puts a backslash before each of the special characters.
fn escape(text: &str, special: &[char]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if special.contains(&character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Password;

    fn config() -> ServerConfig {
        let mut access = Access::random("todo");
        access.superuser.password = Password::new("a:b\\c'd");
        ServerConfig {
            name: "seoul".to_owned(),
            address: IpAddr::from([127, 0, 1, 1]),
            port: 5432,
            directory: PathBuf::from("/tmp/it's/seoul"),
            tls: None,
            access,
        }
    }

    #[test]
    fn special_characters_are_escaped_where_they_matter() {
        let config = config();
        assert!(config.passwords().starts_with("*:*:*:postgres:a\\:b\\\\c'd\n"));
        let conninfo = config.conninfo(config.upstream(), &config.access.replication);
        assert!(conninfo.contains("host='127.0.1.1' port='5432' user='replicator'"));
        assert!(conninfo.contains(r"passfile='/tmp/it\'s/seoul/pgpass'"));
        assert!(setting(&conninfo).contains(r"passfile=\'/tmp/it\\\'s/seoul/pgpass\'"));
    }

    #[test]
    fn no_password_is_in_the_settings() {
        let config = config();
        let text = format!("{}{}", config.settings(), config.admissions());
        assert!(!text.contains(config.access.replication.password.expose()));
        assert!(text.contains("cluster_name = 'it\\'s/seoul'"));
    }
}
