//! What can go wrong, named by the operation that failed.

use std::{io, path::PathBuf, process::ExitStatus, time::Duration};

/// A failed operation on a PostgreSQL server, its files or its programs.
///
/// A source is kept and never repeated in the text: print the chain once.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresError {
    /// The programs that a drill needs are not on this machine.
    #[error("{looked_for} was not found; install it with: {install}")]
    NotInstalled {
        /// What was looked for, and where.
        looked_for: String,
        /// The command that installs it.
        install: String,
    },
    /// The environment variable `PG` holds something else than `auto`, `system` or `embedded`.
    #[error("PG={0} is not one of auto, system, embedded")]
    UnknownChoice(String),
    /// PostgreSQL refuses to run as root and there is no other account to run it as.
    #[error(
        "PostgreSQL refuses to run as root, and there is neither a user `postgres` nor `nobody` to run it as"
    )]
    NoAccount,
    /// A file operation failed.
    #[error("could not {operation} {}", path.display())]
    File {
        /// What was tried, as a verb.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A program could not be started.
    #[error("could not start {program}")]
    Spawn {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// A program ended with a failure.
    #[error("{program} failed ({status}); it said last:\n{output_tail}")]
    Command {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The last lines of what it printed.
        output_tail: String,
    },
    /// A program printed something that this code does not understand.
    #[error("{program} printed something unexpected: {output}")]
    Unreadable {
        /// The program.
        program: String,
        /// What it printed, shortened.
        output: String,
    },
    /// A statement failed on a server, or a connection for it could not be made.
    #[error("{server}: could not {operation}; the server's log ends with:\n{log_tail}")]
    Sql {
        /// The server.
        server: String,
        /// What was tried, as a verb.
        operation: &'static str,
        /// Why.
        source: tokio_postgres::Error,
        /// The last lines of the server's log.
        log_tail: String,
    },
    /// A server ended while it was needed.
    #[error("{server} ended ({status}) during {operation}; its log ends with:\n{log_tail}")]
    Exited {
        /// The server.
        server: String,
        /// What was under way.
        operation: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// The last lines of the server's log.
        log_tail: String,
    },
    /// Something did not happen in time.
    #[error("{server}: {operation} was not done after {} ms; the server's log ends with:\n{log_tail}", limit.as_millis())]
    Timeout {
        /// The server.
        server: String,
        /// What was under way.
        operation: &'static str,
        /// How long it was given.
        limit: Duration,
        /// The last lines of the server's log.
        log_tail: String,
    },
    /// The operation needs a running server.
    #[error("{server} is not running: {operation} needs it to be")]
    NotRunning {
        /// The server.
        server: String,
        /// What was asked for.
        operation: &'static str,
    },
    /// The operation needs a server that is not running.
    #[error("{server} is running already")]
    AlreadyRunning {
        /// The server.
        server: String,
    },
    /// The server was killed, so its files do not say where its log ends before a recovery.
    #[error("{server} did not shut down cleanly ({state}), so the end of its log is not known")]
    EndUnknown {
        /// The server.
        server: String,
        /// The state in its control file.
        state: String,
    },
    /// A signal could not be sent.
    #[error("could not send {signal} to process {pid} of {server}")]
    Signal {
        /// The server.
        server: String,
        /// The signal's name.
        signal: &'static str,
        /// The process.
        pid: i32,
        /// Why.
        source: nix::Error,
    },
    /// A certificate could not be made.
    #[error("could not make a certificate for {subject}")]
    Certificate {
        /// Whose certificate.
        subject: String,
        /// Why.
        source: rcgen::Error,
    },
    /// No port is free on all the addresses asked for.
    #[error("found no port that is free on all of {addresses}")]
    NoFreePort {
        /// The addresses.
        addresses: String,
    },
}

impl PostgresError {
    pub(crate) fn file(operation: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { operation, path, source }
    }
}
