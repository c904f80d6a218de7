"""An application that knows PgBouncer alone and nothing of writers: a pool without a check, and nothing is done about 25006."""

import os

import psycopg_pool
from psycopg.conninfo import make_conninfo

import drill

pool = psycopg_pool.ConnectionPool(
    make_conninfo(
        host="127.0.0.1",
        port=os.environ["PGBOUNCER_PORT"],
        dbname=os.environ["DATABASE"],
        user=os.environ["DBUSER"],
        password=os.environ["DBPASSWORD"],
    ),
    # With transaction pooling psycopg's own prepared statements have to be off.
    kwargs={"prepare_threshold": None},
    min_size=4,
    open=True,
)


def write(attempt: drill.Attempt) -> None:
    with pool.connection() as conn:
        attempt.on(conn)


if __name__ == "__main__":
    drill.run(os.environ["PGBOUNCER_VERSION"], write)
