"""psycopg 3 with psycopg_pool. Usage: psycopg_pool_writes.py parameter|record|at-start [as-it-comes]

`at-start` is what an environment variable comes to: the writer's name is read once.
"""

import sys

import psycopg
import psycopg_pool

import drill

LIVELY = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def takes_writes(conn: psycopg.Connection) -> None:
    """Before it is lent. The pool puts a connection back at which this only raises; one that was closed it replaces."""
    conn.autocommit = True
    (read_only,) = conn.execute("SHOW transaction_read_only").fetchone()
    conn.autocommit = False
    if read_only == "on":
        conn.close()
        raise psycopg.errors.ReadOnlySqlTransaction("this server takes no writes")


def as_documented(where) -> drill.Callable:
    pool = psycopg_pool.ConnectionPool(
        lambda: drill.conninfo(where(), **LIVELY), min_size=4, check=takes_writes, max_lifetime=300, timeout=5, open=True
    )

    def write(attempt: drill.Attempt) -> None:
        with pool.connection() as conn:
            try:
                attempt.on(conn)
            except psycopg.errors.ReadOnlySqlTransaction:
                conn.close()  # It moved between the check and the row.
                raise

    return write


def as_it_comes(where) -> drill.Callable:
    pool = psycopg_pool.ConnectionPool(lambda: drill.conninfo(where()), min_size=4, open=True)

    def write(attempt: drill.Attempt) -> None:
        with pool.connection() as conn:
            attempt.on(conn)

    return write


def main() -> None:
    led_by = sys.argv[1]
    if led_by == "record":
        where = lambda: drill.RECORD  # noqa: E731
    else:
        parameter = drill.Parameter()
        first = parameter.host
        where = (lambda: parameter.host) if led_by == "parameter" else (lambda: first)
    writes = as_it_comes if sys.argv[2:] == ["as-it-comes"] else as_documented
    drill.run(f"psycopg {psycopg.__version__}, psycopg_pool {psycopg_pool.__version__}", writes(where))


if __name__ == "__main__":
    main()
