#!/usr/bin/env python3
"""The example existing_database on an emulated AWS, a step at a time. `local-drill --installed` calls it in between.

Usage: installation.py --packages FOLDER --architecture NAME --endpoint URL --work FOLDER STEP

Each step prints one JSON document on standard output. Its exit status is whether it could be done.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from differences import sorted_out
from emulator import OSAKA, SEOUL, Endpoint
from leftovers import leftovers
from terraform import Terraform

# Not the names that the drill gives things by itself, so that none of those can stand in for Terraform's.
DATABASE = "orders"
FUNCTIONS = ["follow", "failover", "drill"]
# What the functions themselves write while they run. Terraform does not know of it, and so it stays.
RUN_TIME = {f"/failover-responder/{kind}/{DATABASE}" for kind in ("attempt", "declared", "hold", "run")}


def variables(endpoint: Endpoint, packages: Path, architecture: str) -> dict[str, Any]:
    """What a user fills in. The clusters are those of the drill's Aurora."""
    return {
        "name": DATABASE,
        "global_cluster": "todo",
        "primary": {"region": SEOUL, "cluster": "todo-seoul", "vpc_id": endpoint.vpc(SEOUL)},
        "secondary": {"region": OSAKA, "cluster": "todo-osaka", "vpc_id": endpoint.vpc(OSAKA)},
        "zone_name": f"db.{DATABASE}.internal",
        "parameter": f"/{DATABASE}/database/writer",
        "package_directory": str(packages.resolve()),
        "architecture": architecture,
        # The drill's own, one a Region.
        "report_buckets": {region: {"name": f"reports-{region}"} for region in (SEOUL, OSAKA)},
    }


def sha256(package: Path) -> str:
    """A package's hash, as Lambda tells it."""
    return base64.b64encode(hashlib.sha256(package.read_bytes()).digest()).decode()


def apply(terraform: Terraform, endpoint: Endpoint, options: argparse.Namespace) -> dict[str, Any]:
    packages = {name: options.packages / f"{name}-{options.architecture}.zip" for name in FUNCTIONS}
    missing = [str(package) for package in packages.values() if not package.is_file()]
    if missing:
        raise SystemExit(f"{', '.join(missing)}: not there; make package builds it")
    terraform.prepare(variables(endpoint, options.packages, options.architecture))
    terraform.apply()
    return {
        "database": DATABASE,
        "resources": len(terraform.resources()),
        "outputs": terraform.outputs(),
        "packages": {name: sha256(package) for name, package in packages.items()},
    }


def ticks(endpoint: Endpoint) -> dict[str, int]:
    """In each Region, how many passes of `follow` say in their log that the schedule started them."""
    counted = {}
    for region in (SEOUL, OSAKA):
        logs = endpoint.client("logs", region)
        told = logs.filter_log_events(logGroupName="/aws/lambda/failover-responder-follow")
        counted[region] = sum('"trigger":"schedule"' in event["message"] for event in told["events"])
    return counted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--architecture", choices=["arm64", "x86_64"], required=True)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--log", default="plan")
    parser.add_argument("step", choices=["apply", "plan", "reapply", "ticks", "destroy"])
    options = parser.parse_args()
    endpoint = Endpoint(options.endpoint)
    terraform = Terraform("existing_database", options.work, endpoint.environment())
    told: dict[str, Any] = {}
    match options.step:
        case "apply":
            told = apply(terraform, endpoint, options)
        case "plan":
            told = sorted_out(terraform.planned(options.log))
        case "reapply":
            terraform.apply("reapply")
        case "ticks":
            told = ticks(endpoint)
        case "destroy":
            terraform.destroy()
            found = leftovers(endpoint)
            stays = [name for name in found if name.rpartition(": ")[2] in RUN_TIME]
            told = {"left": [name for name in found if name not in stays], "stays": stays}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
