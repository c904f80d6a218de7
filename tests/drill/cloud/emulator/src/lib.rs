//! What the drill and the bench share of the emulated AWS.
//!
//! * [`front`]: the one endpoint. It can lose, refuse, delay or swallow any request, enforces quotas, and keeps a journal.
//! * [`rds`]: what RDS says of Aurora global databases, and its documents. No emulator plays them.
//! * [`memory`]: the other operations that the functions use, for more databases than ministack can serve.
//! * [`Ministack`]: everything else.
//!
//! It depends on no AWS SDK, so that the bench is built quickly.

mod error;
pub mod front;
pub mod http;
pub mod lock;
pub mod memory;
mod ministack;
pub mod rds;
mod region;
pub mod wire;

pub use error::EmulatorError;
pub use ministack::Ministack;
pub use region::{Pair, Region};
