#!/usr/bin/env python3
"""Keeps PgBouncer on the writer: reads the writer parameter each second, and when it changed writes PgBouncer's configuration
anew and has it reloaded. PgBouncer then leaves the former host: at once with idle sessions, with others as they are released.

Beside PgBouncer:
  follow_writer.py --parameter /todo/database/writer --template pgbouncer.ini.in --out /etc/pgbouncer/pgbouncer.ini \\
      --pid-file /run/postgresql/pgbouncer.pid

In the template `{writer}` stands for the writer's host name, as in `todo = host={writer} dbname=todo`. With --once the file is
written and nothing is reloaded: before PgBouncer starts. It needs boto3, the Region (AWS_REGION), and `ssm:GetParameter` on that
one name. While nobody answers, PgBouncer stays where it is.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path

import boto3
from botocore.config import Config


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parameter", required=True, help="the writer parameter's name")
    parser.add_argument("--template", required=True, type=Path, help="the configuration, with {writer} for the host")
    parser.add_argument("--out", required=True, type=Path, help="the configuration that PgBouncer reads")
    parser.add_argument("--pid-file", type=Path, help="PgBouncer's, for the signal")
    parser.add_argument("--every", type=float, default=1, metavar="SECONDS", help="how often it is read (1)")
    parser.add_argument("--once", action="store_true", help="write the file, reload nothing, end")
    wanted = parser.parse_args()
    if not (wanted.once or wanted.pid_file):
        parser.error("--pid-file is needed, or --once")
    return wanted


def reader(name: str):
    config = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1})
    ssm = boto3.client("ssm", config=config)
    return lambda: ssm.get_parameter(Name=name)["Parameter"]["Value"].strip()


def written(out: Path, template: Path, writer: str) -> bool:
    """Whether that was another configuration. It is replaced whole: PgBouncer never reads half of it."""
    text = template.read_text().replace("{writer}", writer)
    if out.exists() and out.read_text() == text:
        return False
    fresh = out.with_name(f".{out.name}.new")
    fresh.write_text(text)
    fresh.chmod(out.stat().st_mode if out.exists() else 0o644)
    os.replace(fresh, out)
    return True


def main() -> None:
    wanted = arguments()
    read, reloaded = reader(wanted.parameter), True
    while True:
        try:
            writer = read()
            reloaded = not written(wanted.out, wanted.template, writer) and reloaded
            if wanted.once:
                return
            if not reloaded:
                os.kill(int(wanted.pid_file.read_text()), signal.SIGHUP)
                reloaded = True
                print(f"PgBouncer was told that the writer is {writer}", flush=True)
        except Exception as error:  # Whatever it is, the next look comes by itself.
            print(f"PgBouncer stays where it is: {error}", file=sys.stderr, flush=True)
            if wanted.once:
                sys.exit(1)
        time.sleep(wanted.every)


if __name__ == "__main__":
    main()
