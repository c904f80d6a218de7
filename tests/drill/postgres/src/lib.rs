//! Two real PostgreSQL servers that stand for the storage and the writer instance of an Aurora cluster
//! in each of two Regions: they stream to each other and can be started, stopped, killed, frozen,
//! promoted, starved of WAL and rewound.
//!
//! ```no_run
//! # async fn example() -> Result<(), drill_postgres::PostgresError> {
//! use drill_postgres::{Access, Binaries, Choice, RunDirectory, Server, ServerConfig, free_port};
//! use std::{net::IpAddr, path::Path};
//!
//! let binaries = Binaries::find(Choice::from_environment()?, Path::new("target/venv"))?;
//! let run = RunDirectory::create(&binaries)?;
//! let (seoul, osaka) = (IpAddr::from([127, 0, 1, 1]), IpAddr::from([127, 0, 2, 1]));
//! let (port, access) = (free_port(&[seoul, osaka])?, Access::random("todo"));
//! let config = |name: &str, address| ServerConfig {
//!     name: name.to_owned(),
//!     address,
//!     port,
//!     directory: run.path().join(name),
//!     tls: None,
//!     access: access.clone(),
//! };
//! let writer = Server::create_primary(&binaries, config("seoul", seoul)).await?;
//! let reader = Server::create_standby_of(&writer, config("osaka", osaka)).await?;
//! writer.kill().await?;
//! reader.promote().await?;
//! writer.rejoin_as_standby_of(&reader).await?;
//! # Ok(()) }
//! ```
//!
//! Linux only: it reads `/proc` and wraps every child in `setpriv` (util-linux), so that a run that is
//! killed leaves no server behind.

#![expect(clippy::doc_markdown, reason = "PostgreSQL is a name, not an identifier")]

mod access;
mod account;
mod authority;
mod binaries;
mod command;
mod config;
mod error;
mod files;
mod frozen;
mod poll;
mod ports;
mod processes;
mod quoting;
mod replication;
mod run_directory;
mod server;
mod shared_memory;
mod sql;

pub use access::{Access, Credentials, Password};
pub use authority::{Authority, ServerCertificate};
pub use binaries::{Binaries, Choice, Origin};
pub use config::ServerConfig;
pub use error::PostgresError;
pub use ports::free_port;
pub use replication::ReplicationLag;
pub use run_directory::RunDirectory;
pub use server::Server;
