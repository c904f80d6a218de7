//! How errors are told: once, with everything that caused them, on one line.

use std::error::Error;
use std::fmt;

/// Shows an error followed by its sources, separated by colons.
///
/// ```
/// # use writer_follower::{Chain, SourceError};
/// let error = SourceError::new(std::io::Error::other("no route"));
/// assert_eq!(Chain(&error).to_string(), "no route");
/// ```
#[derive(Debug)]
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(formatter, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn the_whole_chain_is_on_one_line() {
        let error = Outer(std::io::Error::other("inner"));
        assert_eq!(Chain(&error).to_string(), "outer: inner");
    }
}
