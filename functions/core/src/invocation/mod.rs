//! One invocation: many databases ([`fleet`]), what is done for each ([`work`]), staying while something moves
//! ([`watch`]), what people are told ([`news`]), and the line in the log ([`log_line`]).

pub mod fleet;
pub mod log_line;
pub mod news;
pub mod tell;
pub mod watch;
pub mod work;
