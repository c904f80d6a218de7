//! Listens to what the server says, whoever asked: so a connection that said 25006 is known to have, although the
//! application's own code got the error and nobody told the pool.
//!
//! It reads the frames of PostgreSQL's protocol as they pass, changes nothing, and keeps the bodies of three messages:
//! `ErrorResponse`, `ReadyForQuery` and `ParameterStatus`.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

use crate::health::Health;
use crate::source::writer_source::BoxFuture;

/// No message that is listened to is longer; a longer one is let pass.
const LONGEST: u32 = 64 * 1024;

/// A stream whose messages from the server are listened to.
pub(crate) struct Overheard<S> {
    stream: S,
    ear: Ear,
}

impl<S> Overheard<S> {
    pub(crate) fn new(stream: S, health: Arc<Health>) -> Self {
        Self { stream, ear: Ear::new(health) }
    }
}

/// Follows the frames: a letter, four bytes of length, a body.
struct Ear {
    health: Arc<Health>,
    head: Vec<u8>,
    /// What is left of the body.
    left: u32,
    /// The body so far, of a message that is listened to.
    body: Option<Vec<u8>>,
}

impl Ear {
    fn new(health: Arc<Health>) -> Self {
        Self { health, head: Vec::with_capacity(5), left: 0, body: None }
    }

    fn hear(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.head.len() < 5 {
                let (head, rest) = bytes.split_at(bytes.len().min(5 - self.head.len()));
                self.head.extend_from_slice(head);
                bytes = rest;
                self.begin();
            } else {
                let part = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                let (body, rest) = bytes.split_at(part);
                bytes = rest;
                self.left -= u32::try_from(part).unwrap_or(self.left);
                if let Some(kept) = &mut self.body {
                    kept.extend_from_slice(body);
                }
            }
            if self.head.len() == 5 && self.left == 0 {
                self.end();
            }
        }
    }

    fn begin(&mut self) {
        if let [kind, a, b, c, d] = self.head[..] {
            self.left = u32::from_be_bytes([a, b, c, d]).saturating_sub(4);
            let wanted = matches!(kind, b'E' | b'Z' | b'S') && self.left <= LONGEST;
            self.body = wanted.then(Vec::new);
        }
    }

    fn end(&mut self) {
        let kind = self.head.first().copied();
        self.head.clear();
        let Some(body) = self.body.take() else { return };
        match kind {
            Some(b'Z') => self.health.ready(body.first().copied().unwrap_or(b'I')),
            Some(b'S') => {
                let mut texts = texts(&body);
                if let (Some(name), Some(value)) = (texts.next(), texts.next()) {
                    self.health.reported(name, value);
                }
            }
            _ => {
                let field = |letter: char| texts(&body).find_map(|text| text.strip_prefix(letter));
                let fatal = matches!(field('V'), Some("FATAL" | "PANIC"));
                self.health.said(field('C').unwrap_or_default(), fatal);
            }
        }
    }
}

/// The texts of a body, each of which ends with a zero.
fn texts(body: &[u8]) -> impl Iterator<Item = &str> {
    body.split(|byte| *byte == 0).map(|text| std::str::from_utf8(text).unwrap_or_default())
}

impl<S: AsyncRead + Unpin> AsyncRead for Overheard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Some(new) = buffer.filled().get(before..) {
            self.ear.hear(new);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Overheard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.ear.health.sent();
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.ear.health.sent();
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: TlsStream + Unpin> TlsStream for Overheard<S> {
    fn channel_binding(&self) -> ChannelBinding {
        self.stream.channel_binding()
    }
}

/// Makes TLS, and listens to what is inside.
pub(crate) struct Listening<T> {
    pub(crate) tls: T,
    pub(crate) health: Arc<Health>,
}

impl<S, T> TlsConnect<S> for Listening<T>
where
    T: TlsConnect<S>,
    T::Future: Send + 'static,
{
    type Stream = Overheard<T::Stream>;
    type Error = T::Error;
    type Future = BoxFuture<'static, Result<Self::Stream, T::Error>>;

    fn connect(self, stream: S) -> Self::Future {
        let connecting = self.tls.connect(stream);
        Box::pin(async move { Ok(Overheard::new(connecting.await?, self.health)) })
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::generation::{Generation, Reason};
    use crate::health::Fitness;
    use crate::writer::Writer;

    fn health() -> Arc<Health> {
        let writer = Writer::named("seoul.example").unwrap();
        let address = ([127, 0, 0, 1], 5432).into();
        let generation =
            Generation::new(1, writer, address, SystemTime::UNIX_EPOCH, Arc::default(), Arc::default());
        let health = Arc::new(Health::new(Arc::new(generation)));
        health.passed(0);
        health
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind], &length[..], body].concat()
    }

    fn error(severity: &str, state: &str) -> Vec<u8> {
        message(b'E', format!("S{severity}\0V{severity}\0C{state}\0Mno\0\0").as_bytes())
    }

    /// What the connection's health is after these bytes, however they are cut.
    fn heard(bytes: &[u8]) -> Fitness {
        let whole = health();
        Ear::new(Arc::clone(&whole)).hear(bytes);
        for size in 1..bytes.len().min(40) {
            let health = health();
            let mut ear = Ear::new(Arc::clone(&health));
            bytes.chunks(size).for_each(|part| ear.hear(part));
            assert_eq!(health.fitness(), whole.fitness(), "cut into {size}");
        }
        whole.fitness()
    }

    #[test]
    fn what_the_server_says_is_heard_however_it_is_cut() {
        let row = message(b'D', &[b'Z'; 300]);
        let ready = message(b'Z', b"I");
        let said = |severity, state| heard(&[row.clone(), error(severity, state), ready.clone()].concat());
        assert_eq!(said("ERROR", "25006"), Fitness::Unfit(Reason::ReadOnly));
        assert_eq!(said("FATAL", "57P01"), Fitness::Unfit(Reason::Broken));
        assert_eq!(said("FATAL", "XX000"), Fitness::Unfit(Reason::Broken));
        assert_eq!(said("ERROR", "23505"), Fitness::Fit);
        assert_eq!(said("ERROR", "57014"), Fitness::Fit, "a cancelled statement spoils nothing");
        let reported = |text: &str| heard(&message(b'S', text.as_bytes()));
        assert_eq!(reported("in_hot_standby\0on\0"), Fitness::Unfit(Reason::ReadOnly));
        assert_eq!(reported("default_transaction_read_only\0on\0"), Fitness::Unfit(Reason::ReadOnly));
        assert_eq!(reported("in_hot_standby\0off\0"), Fitness::Fit);
        assert_eq!(reported("application_name\0on\0"), Fitness::Fit);
        assert_eq!(heard(&message(b'Z', b"T")), Fitness::Doubtful, "inside a transaction");
    }

    #[test]
    fn a_connection_is_doubtful_while_an_answer_is_to_come_or_another_one_failed() {
        let health = health();
        health.sent();
        assert_eq!(health.fitness(), Fitness::Doubtful);
        Ear::new(Arc::clone(&health)).hear(&message(b'Z', b"I"));
        assert_eq!(health.fitness(), Fitness::Fit);
        health.generation.suspect(Reason::Broken);
        assert_eq!(health.fitness(), Fitness::Doubtful);
        health.passed(health.generation.suspicion());
        assert_eq!(health.fitness(), Fitness::Fit);
    }

    #[test]
    fn a_refused_login_says_nothing_of_the_others() {
        let health = health();
        let login = Arc::new(Health::new(Arc::clone(&health.generation)));
        Ear::new(Arc::clone(&login)).hear(&error("FATAL", "28P01"));
        assert_eq!((health.fitness(), login.fitness()), (Fitness::Fit, Fitness::Fit));
    }
}
