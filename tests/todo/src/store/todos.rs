//! The statements about todos. Each is idempotent, so that it may be sent again after an unknown outcome.

use std::sync::Arc;

use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;
use writer_follower::{Outcome, Reason};

use crate::database::{Database, DatabaseError, Effect, Reply, Statement};

/// Inserts, or finds what an earlier attempt inserted. No row at all means that another session is just
/// committing the same one: ask again.
const ADD: &str = "
WITH added AS (
    INSERT INTO todos (id, title, client, number) VALUES ($1::uuid, $2, $3, $4)
    ON CONFLICT DO NOTHING RETURNING id, title, client, number
), found AS (
    SELECT * FROM added
    UNION ALL
    SELECT id, title, client, number FROM todos WHERE id = $1::uuid
    UNION ALL
    SELECT id, title, client, number FROM todos WHERE client = $3 AND number = $4
)
SELECT id::text, title, client, number, host(inet_server_addr()) FROM found LIMIT 1";

const LIST: &str = r#"
SELECT id::text, title, done, client, number,
    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
FROM todos ORDER BY created_at DESC, id LIMIT $1"#;

const COUNT: &str = "SELECT count(*), count(*) FILTER (WHERE done) FROM todos";
const TICK: &str = "UPDATE todos SET done = $2 WHERE id = $1::uuid RETURNING done";
const DELETE: &str = "DELETE FROM todos WHERE id = $1::uuid RETURNING id::text";
const WRITES: &str = "SELECT number FROM todos WHERE client = $1 ORDER BY number";
const READY: &str = "SELECT current_setting('transaction_read_only') = 'off', host(inet_server_addr())";

/// How often an insert that another session is just committing is asked again.
const ADD_ROUNDS: u32 = 3;

/// The write's own number, given by the client that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Who counts.
    pub(crate) client: String,
    /// The count.
    pub(crate) number: i64,
}

/// A todo to be added; its id is chosen before the first attempt.
#[derive(Debug, Clone)]
pub(crate) struct NewTodo {
    /// The id.
    pub(crate) id: Uuid,
    /// The text.
    pub(crate) title: String,
    /// Its number, when the client counts.
    pub(crate) origin: Option<Origin>,
}

/// A todo that the current writer has confirmed.
#[derive(Debug, Serialize)]
pub(crate) struct Added {
    /// The id: the given one, or that of the todo with the same client and number.
    pub(crate) id: String,
    /// The client's number.
    pub(crate) number: Option<i64>,
    /// The address of the server, by its own word.
    pub(crate) server: Option<String>,
    /// The server's timeline, when it is known.
    pub(crate) timeline: Option<u32>,
}

/// A todo as it is shown.
#[derive(Debug, Serialize)]
pub(crate) struct Todo {
    /// The id.
    pub(crate) id: String,
    /// The text.
    pub(crate) title: String,
    /// Whether it is ticked.
    pub(crate) done: bool,
    /// Who counted its write, if anybody.
    pub(crate) client: Option<String>,
    /// Its write's number.
    pub(crate) number: Option<i64>,
    /// When it was added, in UTC (RFC 3339).
    pub(crate) created_at: String,
}

/// How many todos there are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count {
    /// All of them.
    pub(crate) total: i64,
    /// The ticked ones.
    pub(crate) done: i64,
}

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The id, or the client's number, is another todo's.
    #[error("the id or the client's number belongs to another todo")]
    Taken,
    /// There is no such todo.
    #[error("there is no todo with this id")]
    NotFound,
    /// The server's answer is not of the expected shape.
    #[error("cannot read the answer to {operation}")]
    Shape {
        /// What was asked.
        operation: &'static str,
        /// What is wrong with it.
        #[source]
        source: tokio_postgres::Error,
    },
    /// Another session holds the same todo and does not finish.
    #[error("another request is adding the same todo")]
    Contended,
    /// The server answers, and takes no writes.
    #[error("the server takes no writes")]
    ReadOnly,
}

impl StoreError {
    /// What is known of a write that failed so.
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::Database(error) => error.given_up.outcome,
            Self::Shape { .. } | Self::Contended => Outcome::Unknown,
            Self::Taken | Self::NotFound | Self::ReadOnly => Outcome::NotCommitted,
        }
    }
}

/// The todos in the database.
pub(crate) struct TodoStore {
    database: Arc<Database>,
}

impl TodoStore {
    /// The todos in `database`.
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self { database }
    }

    /// Adds a todo, once, however often it takes.
    pub(crate) async fn add(&self, todo: &NewTodo) -> Result<Added, StoreError> {
        const OPERATION: &str = "add the todo";
        let id = todo.id.to_string();
        let client = todo.origin.as_ref().map(|origin| origin.client.as_str());
        let number = todo.origin.as_ref().map(|origin| origin.number);
        for _ in 0..ADD_ROUNDS {
            let reply = self
                .database
                .run(Statement {
                    operation: OPERATION,
                    effect: Effect::Write,
                    sql: ADD,
                    parameters: &[
                        (&id, Type::TEXT),
                        (&todo.title, Type::TEXT),
                        (&client, Type::TEXT),
                        (&number, Type::INT8),
                    ],
                })
                .await?;
            if let Some(row) = reply.rows.first() {
                let shape = |source| StoreError::Shape { operation: OPERATION, source };
                if !same(row, todo).map_err(shape)? {
                    return Err(StoreError::Taken);
                }
                return added(row, &reply).map_err(shape);
            }
        }
        Err(StoreError::Contended)
    }

    /// The newest todos.
    pub(crate) async fn list(&self, limit: i64) -> Result<Vec<Todo>, StoreError> {
        const OPERATION: &str = "list the todos";
        let rows = self.read(OPERATION, LIST, &[(&limit, Type::INT8)]).await?.rows;
        let todos = rows.iter().map(todo).collect::<Result<_, _>>();
        todos.map_err(|source| StoreError::Shape { operation: OPERATION, source })
    }

    /// How many todos there are.
    pub(crate) async fn count(&self) -> Result<Count, StoreError> {
        const OPERATION: &str = "count the todos";
        let reply = self.read(OPERATION, COUNT, &[]).await?;
        let row = reply.rows.first().ok_or(StoreError::NotFound)?;
        let count = || Ok(Count { total: row.try_get(0)?, done: row.try_get(1)? });
        count().map_err(|source| StoreError::Shape { operation: OPERATION, source })
    }

    /// Ticks a todo, or unticks it.
    pub(crate) async fn tick(&self, id: Uuid, done: bool) -> Result<(), StoreError> {
        let id = id.to_string();
        let parameters: &[_] = &[(&id as _, Type::TEXT), (&done as _, Type::BOOL)];
        let reply = self.write("tick the todo", TICK, parameters).await?;
        reply.rows.first().map(drop).ok_or(StoreError::NotFound)
    }

    /// Deletes a todo.
    pub(crate) async fn delete(&self, id: Uuid) -> Result<(), StoreError> {
        let id = id.to_string();
        let reply = self.write("delete the todo", DELETE, &[(&id, Type::TEXT)]).await?;
        // Gone is what was asked for, when an earlier attempt of this request may have done it.
        let gone = !reply.rows.is_empty() || reply.perhaps_repeated;
        gone.then_some(()).ok_or(StoreError::NotFound)
    }

    /// All numbers of a client's writes that are there, in order.
    pub(crate) async fn numbers(&self, client: &str) -> Result<Vec<i64>, StoreError> {
        const OPERATION: &str = "list the writes";
        let rows = self.read(OPERATION, WRITES, &[(&client, Type::TEXT)]).await?.rows;
        let numbers = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>();
        numbers.map_err(|source| StoreError::Shape { operation: OPERATION, source })
    }

    /// Makes sure that the writer answers and takes writes; tells its address by its own word.
    pub(crate) async fn ready(&self) -> Result<Option<String>, StoreError> {
        const OPERATION: &str = "ask whether the writer takes writes";
        let reply = self.read(OPERATION, READY, &[]).await?;
        let row = reply.rows.first().ok_or(StoreError::ReadOnly)?;
        let shape = |source| StoreError::Shape { operation: OPERATION, source };
        if !row.try_get::<_, bool>(0).map_err(shape)? {
            reply.guard.give_up(Reason::ReadOnly);
            return Err(StoreError::ReadOnly);
        }
        row.try_get(1).map_err(shape)
    }

    async fn read(
        &self,
        operation: &'static str,
        sql: &'static str,
        parameters: Parameters<'_>,
    ) -> Result<Reply, DatabaseError> {
        self.database.run(Statement { operation, effect: Effect::Read, sql, parameters }).await
    }

    async fn write(
        &self,
        operation: &'static str,
        sql: &'static str,
        parameters: Parameters<'_>,
    ) -> Result<Reply, DatabaseError> {
        self.database.run(Statement { operation, effect: Effect::Write, sql, parameters }).await
    }
}

type Parameters<'a> = &'a [(&'a (dyn tokio_postgres::types::ToSql + Sync), Type)];

/// Whether the row is the todo that was to be added: by its content, since the id may have been chosen
/// anew by a client that repeats its own number.
fn same(row: &Row, todo: &NewTodo) -> Result<bool, tokio_postgres::Error> {
    let client: Option<String> = row.try_get(2)?;
    let number: Option<i64> = row.try_get(3)?;
    let origin = client.zip(number).map(|(client, number)| Origin { client, number });
    Ok(row.try_get::<_, String>(1)? == todo.title && origin == todo.origin)
}

fn added(row: &Row, reply: &Reply) -> Result<Added, tokio_postgres::Error> {
    Ok(Added {
        id: row.try_get(0)?,
        number: row.try_get(3)?,
        server: row.try_get(4)?,
        timeline: reply.guard.generation().timeline(),
    })
}

fn todo(row: &Row) -> Result<Todo, tokio_postgres::Error> {
    Ok(Todo {
        id: row.try_get(0)?,
        title: row.try_get(1)?,
        done: row.try_get(2)?,
        client: row.try_get(3)?,
        number: row.try_get(4)?,
        created_at: row.try_get(5)?,
    })
}
