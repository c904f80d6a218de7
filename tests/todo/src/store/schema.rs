//! The table, made by whichever app comes first.

use std::time::Duration;

use crate::database::{Database, DatabaseError, Effect, Statement};

/// The pause after a failed try to make the table.
const PAUSE: Duration = Duration::from_millis(500);

/// One statement, so one transaction: the lock (the number means nothing) makes two apps that start at once
/// take turns. A role without the right to create passes when the table is there.
const SQL: &str = "
DO $$
BEGIN
    IF to_regclass('todos') IS NOT NULL THEN RETURN; END IF;
    PERFORM pg_advisory_xact_lock(7235618840021);
    CREATE TABLE IF NOT EXISTS todos (
        id uuid PRIMARY KEY,
        title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
        done boolean NOT NULL DEFAULT false,
        client text,
        number bigint,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CHECK ((client IS NULL) = (number IS NULL)),
        UNIQUE (client, number)
    );
    CREATE INDEX IF NOT EXISTS todos_newest_first ON todos (created_at DESC, id);
END $$";

/// Makes the table as soon as the writer is reachable, and again should a statement miss it.
pub(crate) async fn keep_schema(database: &Database) {
    loop {
        while ensure(database).await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
        tracing::info!("the table is there");
        database.table_missing.notified().await;
    }
}

async fn ensure(database: &Database) -> Result<(), DatabaseError> {
    let statement =
        Statement { operation: "make sure of the table", effect: Effect::Read, sql: SQL, parameters: &[] };
    database.run(statement).await.map(drop)
}
