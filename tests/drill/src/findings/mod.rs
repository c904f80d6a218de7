//! What a play came to: from what was seen to the report, and whether a report shows what it has to.

pub(crate) mod audience;
pub(crate) mod clients;
pub(crate) mod expected;
pub(crate) mod finish;
pub(crate) mod record;
pub(crate) mod verify;
pub(crate) mod write;
