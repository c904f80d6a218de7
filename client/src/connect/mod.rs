//! How a connection is made.

pub(crate) mod connector;
pub(crate) mod failure;
#[cfg(feature = "iam")]
pub(crate) mod iam;
pub(crate) mod login;
pub(crate) mod overheard;
pub(crate) mod tls;
