//! bb8: a manager whose connections are [`tokio_postgres::Client`]s.
//!
//! ```no_run
//! use writer_follower::bb8::Manager;
//! use writer_follower::{Follower, Patience, Repeat, retry};
//!
//! # async fn example(follower: Follower) -> Result<(), Box<dyn std::error::Error>> {
//! let pool = bb8::Pool::builder().max_size(16).build(Manager::new(follower)).await?;
//! let pool = &pool;
//! let confirmed = retry(Patience::default(), Repeat::IfNotApplied, |attempt| async move {
//!     let mut client = attempt.connection(pool.get()).await?;
//!     let guard = client.guard();
//!     let transfer = async {
//!         let transaction = client.transaction().await?;
//!         transaction.batch_execute("UPDATE accounts SET cents = cents - 5 WHERE id = 1").await?;
//!         transaction.batch_execute("UPDATE accounts SET cents = cents + 5 WHERE id = 2").await?;
//!         transaction.commit().await
//!     };
//!     attempt.confirm(&guard, transfer).await
//! });
//! confirmed.await?;
//! # Ok(()) }
//! ```
//!
//! The pool has to test connections when it gives them out, which is bb8's default: that is when one that is no longer fit
//! is found.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use bb8::{ManageConnection, RunError};
use tokio::task::JoinHandle;
use tokio_postgres::Client;

use crate::check::fit_again;
use crate::connect::failure::ConnectFailure;
use crate::follower::Follower;
use crate::guard::Guard;
use crate::health::{Fitness, Health};
use crate::outcome::Failure;

/// Makes connections to the writer for a [`bb8::Pool`].
#[derive(Debug, Clone)]
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

/// A connection to the writer; it ends when it is dropped.
#[derive(Debug)]
pub struct Connection {
    client: Client,
    health: Arc<Health>,
    task: JoinHandle<()>,
}

impl Connection {
    /// What watches over the statements that are sent on it.
    pub fn guard(&self) -> Guard {
        Guard::new(&self.health)
    }
}

impl Deref for Connection {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}

impl Drop for Connection {
    /// At once: a server that is silent would take no farewell.
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ManageConnection for Manager {
    type Connection = Connection;
    type Error = ConnectFailure;

    async fn connect(&self) -> Result<Connection, ConnectFailure> {
        let made = self.follower.connect().await?;
        Ok(Connection { client: made.client, health: made.health, task: made.task })
    }

    async fn is_valid(&self, connection: &mut Connection) -> Result<(), ConnectFailure> {
        fit_again(&connection.client, &connection.health, self.follower.check_timeout()).await
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        connection.client.is_closed() || matches!(connection.health.fitness(), Fitness::Unfit(_))
    }
}

impl From<RunError<ConnectFailure>> for Failure {
    fn from(error: RunError<ConnectFailure>) -> Self {
        match error {
            RunError::User(failure) => Self::NoConnection(failure),
            RunError::TimedOut => Self::Busy,
        }
    }
}
