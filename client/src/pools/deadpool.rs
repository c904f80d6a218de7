//! deadpool: a manager whose connections are [`deadpool_postgres`]'s own, with their cache of statements.
//!
//! ```no_run
//! use writer_follower::deadpool::{Manager, Pool};
//! use writer_follower::{Follower, Patience, Repeat, retry};
//!
//! # async fn example(follower: Follower) -> Result<(), Box<dyn std::error::Error>> {
//! let pool = Pool::builder(Manager::new(follower)).max_size(16).build()?;
//! let pool = &pool;
//! let done = retry(Patience::default(), Repeat::Always, |attempt| async move {
//!     let client = attempt.connection(pool.get()).await?;
//!     let update = client.execute("UPDATE todos SET done = true WHERE id = 7", &[]);
//!     attempt.confirm(&client.guard(), update).await
//! });
//! assert_eq!(done.await?.value, 1);
//! # Ok(()) }
//! ```

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use deadpool::managed::{self, Metrics, PoolError, RecycleResult};
use deadpool_postgres::ClientWrapper;

use crate::check::fit_again;
use crate::connect::failure::ConnectFailure;
use crate::follower::Follower;
use crate::guard::Guard;
use crate::health::Health;
use crate::outcome::Failure;

/// A pool of connections to the writer, wherever it is.
pub type Pool = managed::Pool<Manager>;
/// A connection that is on loan from a [`Pool`].
pub type Object = managed::Object<Manager>;

/// Makes connections to the writer for a [`Pool`].
#[derive(Debug)]
pub struct Manager {
    follower: Follower,
}

impl Manager {
    /// One that connects to where `follower` is.
    pub fn new(follower: Follower) -> Self {
        Self { follower }
    }

    /// Who knows where the writer is.
    pub fn follower(&self) -> &Follower {
        &self.follower
    }
}

/// A connection to the writer: a [`deadpool_postgres::ClientWrapper`] and so a [`tokio_postgres::Client`].
#[derive(Debug)]
pub struct Connection {
    client: ClientWrapper,
    health: Arc<Health>,
}

impl Connection {
    /// What watches over the statements that are sent on it.
    pub fn guard(&self) -> Guard {
        Guard::new(&self.health)
    }
}

impl Deref for Connection {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        &self.client
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut ClientWrapper {
        &mut self.client
    }
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = ConnectFailure;

    async fn create(&self) -> Result<Connection, ConnectFailure> {
        let made = self.follower.connect().await?;
        // It ends the connection's task when it is dropped.
        Ok(Connection { client: ClientWrapper::new(made.client, made.task), health: made.health })
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<ConnectFailure> {
        let patience = self.follower.limits().check_timeout;
        Ok(fit_again(&connection.client, &connection.health, patience).await?)
    }
}

impl From<PoolError<ConnectFailure>> for Failure {
    fn from(error: PoolError<ConnectFailure>) -> Self {
        match error {
            PoolError::Backend(failure) => Self::NoConnection(failure),
            _ => Self::Busy,
        }
    }
}
