//! A function of one's own as a source.

use std::fmt;

use super::writer_source::{BoxFuture, SourceError, WriterSource};
use crate::writer::{Reading, Writer};

/// Made by [`from_fn`].
pub struct Function<F> {
    what: String,
    ask: F,
}

impl<F> fmt::Debug for Function<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Function").field("what", &self.what).finish_non_exhaustive()
    }
}

/// A source that asks a function for the writer's host name; `what` says to a person what is asked.
///
/// ```
/// use writer_follower::{SystemResolver, Watch, from_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let source = from_fn("file /run/writer", || async {
///     tokio::task::spawn_blocking(|| std::fs::read_to_string("/run/writer")).await?.map_err(Into::into)
/// });
/// let watch = Watch::of(source).resolved(SystemResolver::default());
/// assert!(watch.known().is_none(), "nobody has answered yet");
/// # }
/// ```
pub fn from_fn<F, Answer>(what: impl Into<String>, ask: F) -> Function<F>
where
    F: Fn() -> Answer + Send + Sync + 'static,
    Answer: Future<Output = Result<String, Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    Function { what: what.into(), ask }
}

impl<F, Answer> WriterSource for Function<F>
where
    F: Fn() -> Answer + Send + Sync + 'static,
    Answer: Future<Output = Result<String, Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    fn read(&self) -> BoxFuture<'_, Result<Reading, SourceError>> {
        let answer = (self.ask)();
        Box::pin(async move {
            let host = answer.await.map_err(SourceError::new)?;
            Writer::named(&host).map(Reading::from).map_err(SourceError::new)
        })
    }

    fn describe(&self) -> String {
        self.what.clone()
    }
}
