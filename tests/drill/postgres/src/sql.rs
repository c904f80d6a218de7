//! Short statements on a server, each with a limit in time: a frozen server would keep us for ever.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::{Client, Config, NoTls};

use crate::access::Credentials;

use crate::error::PostgresError;

use crate::server::Server;

/// How long one exchange with a server may take.
const LIMIT: Duration = Duration::from_secs(5);

/// How long a server has to show that it is up.
const PROBE_LIMIT: Duration = Duration::from_millis(500);

/// A superuser's session; it ends when it is dropped.
pub(crate) struct Session<'a> {
    server: &'a Server,
    client: Client,
}

impl Session<'_> {
    /// Asks for the one value of one row.
    pub(crate) async fn value<T>(&self, operation: &'static str, statement: &str) -> Result<T, PostgresError>
    where
        T: for<'row> tokio_postgres::types::FromSql<'row>,
    {
        let asked = self.client.query_one(statement, &[]);
        let row = self.server.within(operation, LIMIT, asked).await?;
        row.try_get(0).map_err(|source| self.server.sql_error(operation, source))
    }

    /// Runs statements that answer nothing, however long they take within `limit`.
    pub(crate) async fn execute(
        &self,
        operation: &'static str,
        statements: &str,
        limit: Duration,
    ) -> Result<(), PostgresError> {
        let done = self.client.batch_execute(statements);
        self.server.within(operation, limit, done).await
    }
}

impl Server {
    /// How the application's role signs in. Host and port are set, TLS is left to the caller.
    pub fn application_config(&self) -> Config {
        let access = &self.config().access;
        self.client_config(&access.application, &access.database)
    }

    /// How the superuser signs in to the application's database, without TLS.
    pub fn superuser_config(&self) -> Config {
        let access = &self.config().access;
        self.client_config(&access.superuser, &access.database)
    }

    /// Runs statements as the superuser in the application's database: the schema, grants.
    pub async fn execute_batch(&self, statements: &str) -> Result<(), PostgresError> {
        let session = self.session(&self.config().access.database).await?;
        session.execute("run a batch of statements", statements, LIMIT * 6).await
    }

    /// Whether it answers a statement within 500 ms.
    pub async fn is_up(&self) -> bool {
        self.is_running() && timeout(PROBE_LIMIT, self.is_in_recovery()).await.is_ok_and(|told| told.is_ok())
    }

    /// Whether it is a standby: it replays another server's log and takes no writes.
    pub async fn is_in_recovery(&self) -> Result<bool, PostgresError> {
        let session = self.session("postgres").await?;
        session.value("ask whether it is in recovery", "SELECT pg_is_in_recovery()").await
    }

    /// A superuser's session in a database.
    pub(crate) async fn session(&self, database: &str) -> Result<Session<'_>, PostgresError> {
        let config = self.client_config(&self.config().access.superuser, database);
        let connecting = config.connect(NoTls);
        let (client, connection) = self.within("sign in", LIMIT, connecting).await?;
        // It ends with its client; a failure reaches the client's next statement.
        tokio::spawn(connection);
        Ok(Session { server: self, client })
    }

    fn client_config(&self, role: &Credentials, database: &str) -> Config {
        let config = self.config();
        let mut client = Config::new();
        client
            .host(config.address.to_string())
            .hostaddr(config.address)
            .port(config.port)
            .user(&role.user)
            .password(role.password.expose())
            .dbname(database);
        client
    }

    async fn within<T>(
        &self,
        operation: &'static str,
        limit: Duration,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, PostgresError> {
        match timeout(limit, answer).await {
            Ok(answered) => answered.map_err(|source| self.sql_error(operation, source)),
            Err(_) => Err(self.timeout_error(operation, limit)),
        }
    }

    fn sql_error(&self, operation: &'static str, source: tokio_postgres::Error) -> PostgresError {
        PostgresError::Sql { server: self.name().to_owned(), operation, source, log_tail: self.log_tail() }
    }
}
