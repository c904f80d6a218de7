"""The emulated AWS of a trial: a ministack of its own on a free port of this machine, and what it is seeded with."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import boto3

SEOUL, OSAKA = "ap-northeast-2", "ap-northeast-3"
ENGINE = {"Engine": "aurora-postgresql", "EngineVersion": "15.18"}


class Emulator:
    """Runs for as long as the `with` lasts."""

    def __init__(self, program: Path, log: Path) -> None:
        self.program, self.log = program, log
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Emulator:
        # Its functions would otherwise try the real AWS, and it would listen on every address.
        environment = {**os.environ, **self.environment(), "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(self.port)}
        self.process = subprocess.Popen([self.program], env=environment, stdout=self.log.open("w"), stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=1)
                return self
            except (urllib.error.URLError, OSError):
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        self.__exit__()
        raise SystemExit(f"the emulator did not start; its log is {self.log}")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def environment(self) -> dict[str, str]:
        """What keeps a program from AWS, and sends it here."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": SEOUL,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, region: str) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, region_name=region, endpoint_url=self.url, **keys)

    def seed_database(self) -> dict[str, dict[str, str]]:
        """A global database of Seoul and Osaka, and a VPC in each: what a user already has."""
        seoul, osaka = self.client("rds", SEOUL), self.client("rds", OSAKA)
        seoul.create_global_cluster(GlobalClusterIdentifier="todo", **ENGINE)
        login = {"MasterUsername": "todo", "MasterUserPassword": "only-in-this-emulator"}
        seoul.create_db_cluster(DBClusterIdentifier="todo-seoul", GlobalClusterIdentifier="todo", **ENGINE, **login)
        osaka.create_db_cluster(DBClusterIdentifier="todo-osaka", GlobalClusterIdentifier="todo", **ENGINE)
        return {
            name: {"region": region, "cluster": f"todo-{place}", "vpc_id": self.vpc(region)}
            for name, place, region in [("primary", "seoul", SEOUL), ("secondary", "osaka", OSAKA)]
        }

    def vpc(self, region: str) -> str:
        return self.client("ec2", region).create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    def public_zone(self) -> str:
        zone = self.client("route53", "us-east-1").create_hosted_zone(Name="example.com", CallerReference="trial")
        return zone["HostedZone"]["Id"].rpartition("/")[2]
