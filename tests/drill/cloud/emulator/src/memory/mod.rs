//! The few operations that the functions use, in memory, true to Route 53's compare-and-swap and its limits: for more
//! databases than ministack can serve.

mod parameters;
mod records;
mod store;

pub use self::{
    parameters::{Parameters, Versions},
    records::Records,
    store::{Memory, Store},
};
