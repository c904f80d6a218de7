//! Where the writer is: what can be asked.

pub(crate) mod function;
#[cfg(feature = "dns")]
pub(crate) mod nameserver;
pub(crate) mod record;
pub(crate) mod resolve;
#[cfg(feature = "ssm")]
pub(crate) mod ssm;
pub(crate) mod writer_source;
