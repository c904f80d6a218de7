"""libpq with both hosts, and no pool: a connection a thread, closed at any error."""

import os
import threading

import psycopg

import drill

_own = threading.local()


def write(attempt: drill.Attempt) -> None:
    if getattr(_own, "conn", None) is None:
        both = drill.conninfo(os.environ["HOSTS"], target_session_attrs="read-write", connect_timeout=3)
        _own.conn = psycopg.connect(both)
    try:
        attempt.on(_own.conn)
        _own.conn.commit()
    except psycopg.Error:
        _own.conn.close()
        _own.conn = None
        raise


if __name__ == "__main__":
    number = psycopg.pq.version()
    drill.run(f"libpq {number // 10_000}.{number % 10_000}", write)
