//! What a name of one type is answered with.

use hickory_proto::rr::{Name, RData};

/// The values of one name and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordSet {
    pub(super) ttl: u32,
    pub(super) values: Vec<RData>,
}

/// The host name as an absolute DNS name.
pub(super) fn absolute(host: &str) -> Option<Name> {
    let mut name = Name::from_utf8(host).ok()?;
    name.set_fqdn(true);
    Some(name)
}
