//! The one endpoint of the emulated AWS: asks its own services first, passes everything else to the
//! emulator, and can lose, refuse, delay or swallow any of it.

mod answer;
mod cbor;
mod certificate;
mod fault;
mod journal;
mod mute;
mod open;
mod pace;
mod past;
mod probes;
mod quota;
mod upstream;

pub use self::{
    certificate::Certificate,
    fault::{Fault, FaultId, Scope},
    journal::{Entry, Journal, Outcome},
    open::{Front, Place},
    pace::Distance,
    upstream::Upstream,
};
pub use crate::wire::{
    call::Call,
    change::{Change, RecordChange},
};
