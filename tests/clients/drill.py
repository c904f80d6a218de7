"""What the Python programs here have in common: numbered rows, one line of JSON an attempt, names from the drill's DNS.

What a program is about, how its connections are made and when they are dropped, is in its own file.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
import time
from collections.abc import Callable

import dns.resolver
import psycopg
from psycopg.conninfo import make_conninfo

CLIENT = os.environ["CLIENT"]
RECORD = os.environ["RECORD"]
WORKERS = 2
PAUSE_SECONDS = 0.2
PORT = os.environ["PGPORT_OF_SERVERS"]
CA = os.environ.get("CA_FILE")

_lines = threading.Lock()
_numbers = itertools.count(int(os.environ.get("FIRST", "1")))


def address(host: str) -> str:
    """What the drill's DNS says now. It stands in the place of glibc, which keeps no answer either."""
    resolver = dns.resolver.Resolver(configure=False)
    server, port = os.environ["NAMESERVER"].rsplit(":", 1)
    resolver.nameservers, resolver.port, resolver.lifetime = [server], int(port), 2
    return resolver.resolve(host, "A")[0].address


def conninfo(host: str, **settings: object) -> str:
    """How libpq reaches that host, or several with commas between. Under the record's own name there is no verify-full."""
    hosts = host.split(",")
    tls = {"sslmode": "disable"}
    if CA:
        tls = {"sslmode": "verify-ca" if RECORD in hosts else "verify-full", "sslrootcert": CA}
    addresses = ",".join(address(one) for one in hosts)
    who = {"dbname": os.environ["DATABASE"], "user": os.environ["DBUSER"], "password": os.environ["DBPASSWORD"]}
    return make_conninfo(host=host, hostaddr=addresses, port=PORT, **who, **tls, **settings)


class Parameter:
    """The writer parameter, read each second; while nobody answers its last word stands."""

    def __init__(self) -> None:
        import boto3
        from botocore.config import Config

        config = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1})
        self._ssm = boto3.client("ssm", config=config)
        self.host = self._read()
        threading.Thread(target=self._follow, daemon=True).start()

    def _read(self) -> str:
        return self._ssm.get_parameter(Name=os.environ["PARAMETER"])["Parameter"]["Value"]

    def _follow(self) -> None:
        while True:
            time.sleep(1)
            try:
                self.host = self._read()
            except Exception as error:  # The next read comes by itself.
                print(f"the parameter: {error}", file=sys.stderr, flush=True)


class Attempt:
    """One numbered row, and who was asked to take it."""

    def __init__(self) -> None:
        self.number = next(_numbers)
        self.server: str | None = None
        self.session: str | None = None

    def on(self, conn: psycopg.Connection) -> None:
        """In one transaction, whose commit is the caller's: who answers, and the row."""
        cursor = conn.cursor()
        cursor.execute("SELECT host(inet_server_addr()), pg_backend_pid()")
        server, session = cursor.fetchone()
        self.server, self.session = server, f"{server}/{session}"
        cursor.execute("INSERT INTO client_writes (client, number) VALUES (%s, %s)", (CLIENT, self.number))


def say(line: dict[str, object]) -> None:
    with _lines:
        print(json.dumps(line), flush=True)


def _line(attempt: Attempt, error: Exception | None) -> dict[str, object]:
    line = {"n": attempt.number, "at": time.time_ns() // 1_000_000, "ok": error is None}
    if error is not None:
        line |= {"sqlstate": getattr(error, "sqlstate", None), "error": f"{type(error).__name__}: {error}"[:200]}
    return line | {"server": attempt.server, "session": attempt.session}


def _work(write: Callable[[Attempt], None]) -> None:
    while True:
        attempt, failed = Attempt(), None
        try:
            write(attempt)
        except Exception as error:
            failed = error
        say(_line(attempt, failed))
        time.sleep(PAUSE_SECONDS)


def run(version: str, write: Callable[[Attempt], None]) -> None:
    """Writes until it is killed, from several threads, as an application does."""
    say({"version": version})
    for _ in range(WORKERS):
        threading.Thread(target=_work, args=(write,), daemon=True).start()
    threading.Event().wait()
