//! A session that is lent.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnection;

use crate::check::Shared;

/// A session to the writer: a [`PgConnection`]. When it is dropped it goes back to the pool, if it answers in time, takes
/// writes and the writer did not move; else it is gone at once.
pub struct Session {
    /// None when it is dropped.
    lent: Option<PoolConnection<Postgres>>,
    shared: Arc<Shared>,
    place: u64,
}

impl Session {
    pub(crate) fn new(lent: PoolConnection<Postgres>, shared: &Arc<Shared>, place: u64) -> Self {
        Self { lent: Some(lent), shared: Arc::clone(shared), place }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Deref for Session {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        match &self.lent {
            Some(lent) => lent,
            None => unreachable!("it is taken when it is dropped"),
        }
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match &mut self.lent {
            Some(lent) => lent,
            None => unreachable!("it is taken when it is dropped"),
        }
    }
}

impl Drop for Session {
    /// sqlx would wait for a silent server without end, in its ping and in its farewell, and the session would keep its place
    /// in the pool. So we ask first, and drop what is unfit without a farewell.
    fn drop(&mut self) {
        let Some(mut lent) = self.lent.take() else { return };
        let (shared, place) = (Arc::clone(&self.shared), self.place);
        if shared.place.borrow().number != place {
            drop(lent.detach());
            return;
        }
        tokio::spawn(async move {
            if !shared.is_fit(&mut lent).await {
                drop(lent.detach());
            }
        });
    }
}
