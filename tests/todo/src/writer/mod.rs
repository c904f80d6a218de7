//! Where the writer is, and the connections to it.
//!
//! The [`Follower`] keeps one [`Generation`] of connections, all made to one address. When the writer's
//! name or address changes, or a connection behaves as if it had, the whole generation is retired and the
//! name is resolved anew. Nothing here knows what the statements are.

mod connector;
mod follower;
#[cfg(test)]
mod follower_tests;
mod generation;
mod name;
mod parameter;
mod resolver;
mod ssm;
mod tls;
mod token;

pub(crate) use connector::Connector;
pub(crate) use follower::{FollowError, Follower};
#[cfg(test)]
pub(crate) use generation::Ended;
pub(crate) use generation::{ConnectFailure, Generation, Reason};
pub(crate) use name::WriterName;
pub(crate) use parameter::ParameterWatch;
pub(crate) use resolver::{DnsResolver, ResolveError};
pub(crate) use ssm::{SsmParameter, configuration};
pub(crate) use tls::{Encryption, TlsError};
pub(crate) use token::Tokens;
