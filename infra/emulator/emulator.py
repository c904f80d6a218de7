"""The emulated AWS: an endpoint to be sent to, and a ministack of one's own on a free port of this machine."""

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
# A third Region, where a probe may stand that is a witness.
TOKYO = "ap-northeast-1"


class Endpoint:
    """Some emulated AWS. Nothing that is given its environment can reach the real one."""

    def __init__(self, url: str) -> None:
        self.url = url

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

    def vpc(self, region: str) -> str:
        return self.client("ec2", region).create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    def public_zone(self) -> str:
        zone = self.client("route53", "us-east-1").create_hosted_zone(Name="example.com", CallerReference="test")
        return zone["HostedZone"]["Id"].rpartition("/")[2]


class Emulator(Endpoint):
    """Runs for as long as the `with` lasts, or this process does."""

    def __init__(self, program: Path, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.program, self.log = program, log
        super().__init__(f"http://127.0.0.1:{self.port}")

    def __enter__(self) -> Emulator:
        # Its functions would otherwise try the real AWS, and it would listen on every address.
        environment = {**os.environ, **self.environment(), "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(self.port)}
        # As `ministack --detach` starts it, but for an idle time that is longer than the provider's. A connection that is
        # closed at the very moment at which a request goes out has it sent again, and what it made is there already.
        serve = ["-m", "hypercorn", "ministack.app:app", "--bind", f"127.0.0.1:{self.port}", "--keep-alive", "3600"]
        # One that is killed cannot end its emulator, so the kernel does.
        command = ["setpriv", "--pdeathsig", "KILL", "--", self.program.parent / "python", *serve]
        self.process = subprocess.Popen(command, env=environment, stdout=self.log.open("w"), stderr=subprocess.STDOUT)
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
