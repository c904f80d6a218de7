//! What goes over the wire: requests as AWS understands them, and answers in the shapes of its protocols.

pub mod call;
pub mod change;
pub mod reply;
pub mod service;
