//! bb8: a manager whose connections are [`Session`]s, and so [`tokio_postgres::Client`]s.
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

use bb8::{ManageConnection, RunError};

use crate::connect::failure::ConnectFailure;
use crate::follower::Follower;
use crate::outcome::Failure;
use crate::session::Session;

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

impl ManageConnection for Manager {
    type Connection = Session;
    type Error = ConnectFailure;

    async fn connect(&self) -> Result<Session, ConnectFailure> {
        self.follower.session().await
    }

    async fn is_valid(&self, session: &mut Session) -> Result<(), ConnectFailure> {
        session.fit_again(self.follower.limits().check_timeout).await
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        session.is_unfit()
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
