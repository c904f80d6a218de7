//! May a move be started? Pure, and total: [`policy`] judges an alarm, [`preflight`] what a person asks for, both by
//! the same [`checks`]; and [`readiness`], with them, while nothing burns. Only here a [`permit`] can be made, and the ports that move a writer take nothing else.

pub mod case;
pub mod checks;
pub mod memory;
pub mod onset;
pub mod permit;
pub mod policy;
pub mod preflight;
pub mod readiness;
pub mod replication;
pub mod writer_down;

#[cfg(test)]
mod tests;
