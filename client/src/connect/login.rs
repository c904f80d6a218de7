//! What a connection logs in with.

use std::fmt;

use crate::source::writer_source::{BoxFuture, SourceError};
use crate::writer::Writer;

/// A password or a token, which never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, to log in with.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// Where passwords come from: a fixed one, an IAM token, or a vault of one's own.
pub trait Secrets: Send + Sync + 'static {
    /// What `user` logs in with at `writer`.
    fn secret<'a>(
        &'a self,
        writer: &'a Writer,
        port: u16,
        user: &'a str,
    ) -> BoxFuture<'a, Result<Secret, SourceError>>;

    /// Says that the server refused what was given last.
    fn refused(&self) {}
}

impl Secrets for Secret {
    fn secret<'a>(&'a self, _: &'a Writer, _: u16, _: &'a str) -> BoxFuture<'a, Result<Secret, SourceError>> {
        Box::pin(async { Ok(self.clone()) })
    }
}

impl Secrets for Box<dyn Secrets> {
    fn secret<'a>(
        &'a self,
        writer: &'a Writer,
        port: u16,
        user: &'a str,
    ) -> BoxFuture<'a, Result<Secret, SourceError>> {
        (**self).secret(writer, port, user)
    }

    fn refused(&self) {
        (**self).refused();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows_itself() {
        assert_eq!(format!("{:?}", Secret::new("open sesame")), "Secret(…)");
    }
}
