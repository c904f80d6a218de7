"""AWS's Python wrapper, by the record, in its plain mode: no plugins, a connection a thread, closed at any error.

What its failover plugin makes of the server is asked first, and said: it follows Aurora's own topology, from functions that
PostgreSQL has not.
"""

import threading
from importlib.metadata import version

import psycopg
from aws_advanced_python_wrapper import AwsWrapperConnection

import drill

PATTERN = "?.drillseoul1.ap-northeast-2.rds.amazonaws.com"
_own = threading.local()


def psycopg_connect(conninfo: str = "", **settings: object) -> psycopg.Connection:
    """psycopg's own connect, by an address of the drill's DNS."""
    return psycopg.Connection.connect(conninfo, **settings, hostaddr=drill.address(str(settings["host"])))


def connect(plugins: str, **settings: object) -> AwsWrapperConnection:
    # The wrapper knows `host` and not `hostaddr`, which psycopg_connect adds.
    known = psycopg.conninfo.conninfo_to_dict(drill.conninfo(drill.RECORD, connect_timeout=3))
    known.pop("hostaddr")
    return AwsWrapperConnection.connect(psycopg_connect, plugins=plugins, **known, **settings)


def dialect_with_failover() -> str:
    conn = connect("failover_v2", cluster_instance_host_pattern=PATTERN)
    name = type(conn._plugin_service.database_dialect).__name__
    conn.close()
    return name


def write(attempt: drill.Attempt) -> None:
    if getattr(_own, "conn", None) is None:
        _own.conn = connect("")
    try:
        attempt.on(_own.conn)
        _own.conn.commit()
    except Exception:
        conn, _own.conn = _own.conn, None
        conn.close()
        raise


if __name__ == "__main__":
    drill.say({"note": f"behind the record its failover plugin takes this server for {dialect_with_failover()}"})
    drill.run(f"aws-advanced-python-wrapper {version('aws-advanced-python-wrapper')}", write)
