//! Whether a session may be lent: it is of the writer's place, answers, and takes writes.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Error, Row, raw_sql};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{sleep, timeout};
use writer_follower::{SourceError, Watch};

use crate::place::Place;

/// How much later than its TTL an answer may still be used for new sessions: one lookup's time.
const GRACE: Duration = Duration::from_secs(2);
/// In one round trip, in place of the ping that sqlx would send. In recovery the first is always on.
const ASK: &str = "SELECT current_setting('transaction_read_only'), \
    current_setting('writer_follower.generation', true)";

/// The pause after a new session that was unfit.
const PAUSE: Duration = Duration::from_millis(100);

tokio::task_local! {
    /// Told when the session that is being lent is unfit, so that whoever waits for it begins anew.
    pub(crate) static UNFIT: Arc<Notify>;
}

/// The pool would now close the session, and over TLS wait for the server to close it as well, which one that is silent
/// never does. Whoever waits drops it instead.
fn leave() {
    // A session that the pool makes by itself is waited for by nobody.
    let _ = UNFIT.try_with(|unfit| unfit.notify_one());
}

/// Why a session is not lent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("it was made for a former writer")]
    Moved,
    #[error("the server takes no writes")]
    ReadOnly,
    #[error(
        "the session does not tell {}: does a pooler before the server drop `options`?",
        crate::place::MARK
    )]
    Unmarked,
    #[error("no answer in time")]
    Hung,
    #[error("it broke")]
    Broken(#[source] Error),
    #[error("the writer cannot be found")]
    NoWriter(#[source] SourceError),
}

impl From<Unfit> for Error {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Broken(error) => error,
            unfit => Self::Protocol(unfit.to_string()),
        }
    }
}

/// What all hooks of one pool look at.
pub(crate) struct Shared {
    pub(crate) source: Watch,
    pub(crate) login: PgConnectOptions,
    pub(crate) patience: Duration,
    pub(crate) place: watch::Sender<Place>,
    /// Who may be making a session, so that no herd logs in at one time.
    pub(crate) making: Semaphore,
}

impl Shared {
    /// A session that was just made. While the source does not answer none is: on a former writer it would take writes that
    /// are lost.
    pub(crate) async fn made(&self, session: &mut PgConnection) -> Result<(), Error> {
        let fresh = self.source.known().is_some_and(|known| known.is_fresh(GRACE));
        let asked = if fresh { Ok(()) } else { self.source.fresh().await.map(drop) };
        let outcome = match asked {
            Ok(()) => self.fit(session).await,
            Err(error) => Err(Unfit::NoWriter(error)),
        };
        match outcome {
            Ok(()) => {
                self.source.search(false);
                Ok(())
            }
            Err(unfit) => {
                let error = self.doubt(unfit);
                sleep(PAUSE).await;
                leave();
                Err(error)
            }
        }
    }

    /// A session that was used before, of that age: whether it may be lent again.
    pub(crate) async fn again(&self, session: &mut PgConnection, age: Duration) -> Result<bool, Error> {
        // One that is older than the place need not be asked: its server may be silent.
        let older = age >= self.place.borrow().since.elapsed();
        let fit = !older && self.is_fit(session).await;
        if !fit {
            leave();
        }
        Ok(fit)
    }

    pub(crate) async fn is_fit(&self, session: &mut PgConnection) -> bool {
        self.fit(session).await.map_err(|unfit| self.doubt(unfit)).is_ok()
    }

    async fn fit(&self, session: &mut PgConnection) -> Result<(), Unfit> {
        let answered = timeout(self.patience, raw_sql(ASK).fetch_one(session)).await;
        let row = answered.map_err(|_| Unfit::Hung)?.map_err(Unfit::Broken)?;
        let read_only: String = row.try_get(0).map_err(Unfit::Broken)?;
        let mark: Option<String> = row.try_get(1).map_err(Unfit::Broken)?;
        let place = self.place.borrow();
        let moved = self.source.known().is_some_and(|known| !place.serves(&known.writer));
        match mark {
            _ if read_only != "off" => Err(Unfit::ReadOnly),
            None => Err(Unfit::Unmarked),
            Some(mark) if moved || mark != place.number.to_string() => Err(Unfit::Moved),
            Some(_) => Ok(()),
        }
    }

    /// Whoever finds that the writer fails has the source asked anew, and often, until a session is made.
    fn doubt(&self, unfit: Unfit) -> Error {
        tracing::debug!(host = self.place.borrow().host, %unfit, "a session is dropped");
        if !matches!(unfit, Unfit::Moved) {
            self.source.doubt();
            self.source.search(true);
        }
        unfit.into()
    }
}
