//! A DNS server for the emulated AWS: the Route 53 zones' data plane and the clusters' endpoints.
//!
//! It reads the emulator past the front's faults: Route 53's data plane lives on when its control
//! plane does not.

mod feed;
mod handler;
mod record_set;
mod routing;
pub(crate) mod server;
mod zone_reader;
mod zones;

pub use self::{feed::NameChange, server::Dns};
pub use crate::resolver::{DnsClient, Resolved};
