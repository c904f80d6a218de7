#!/usr/bin/env python3
"""existing_database in each of its sizes on an emulated AWS, taken away and made again; and one root a Region, with the other one dead.

Usage: sizes.py --ministack PROGRAM --packages FOLDER --architecture NAME --work FOLDER [--only PART]...
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from cut_off import CutOff
from differences import sorted_out
from emulator import OSAKA, SEOUL, Emulator, Endpoint
from leftovers import leftovers
from terraform import Terraform

# Neither the drill's name nor the modules' own.
DATABASE = "orders"
STARTED = time.monotonic()


def say(text: str) -> None:
    print(f"[{time.monotonic() - STARTED:6.1f} s] {text}", file=sys.stderr, flush=True)


def clusters(endpoint: Endpoint) -> dict[str, dict[str, str]]:
    """A global database of the user's, by Region."""
    endpoint.client("rds", SEOUL).create_global_cluster(GlobalClusterIdentifier=DATABASE, Engine="aurora-postgresql")
    made = {}
    for region, place in ((SEOUL, "seoul"), (OSAKA, "osaka")):
        login = {"MasterUsername": "postgres", "MasterUserPassword": "not-a-secret"} if region == SEOUL else {}
        name = f"{DATABASE}-{place}"
        rds = endpoint.client("rds", region)
        told = rds.create_db_cluster(
            DBClusterIdentifier=name, Engine="aurora-postgresql", GlobalClusterIdentifier=DATABASE, **login
        )["DBCluster"]
        made[region] = {"cluster": name, "cluster_arn": told["DBClusterArn"], "endpoint": told["Endpoint"], "vpc_id": endpoint.vpc(region)}
    return made


def of(member: dict[str, str], region: str, *fields: str) -> dict[str, str]:
    return {"region": region, **{field: member[field] for field in fields}}


def check_second_plan(terraform: Terraform, log: str) -> None:
    told = sorted_out(terraform.planned(log))
    if told["unexpected"]:
        raise SystemExit("FAILED: a second plan would change " + "; ".join(told["unexpected"]))


def in_size(size: str, endpoint: Endpoint, made: dict[str, dict[str, str]], options: argparse.Namespace) -> int:
    """Applied, planned, destroyed, applied again at once, destroyed. How many resources it is."""
    terraform = Terraform("existing_database", options.work / size, endpoint.environment())
    before = leftovers(endpoint)
    terraform.prepare({
        "name": DATABASE,
        "size": size,
        "global_cluster": DATABASE,
        "primary": of(made[SEOUL], SEOUL, "cluster", "vpc_id"),
        "secondary": of(made[OSAKA], OSAKA, "cluster", "vpc_id"),
        "zone_name": f"db.{DATABASE}.internal",
        "parameter": f"/{DATABASE}/database/writer",
        **packaged(options),
    })
    counts = set()
    for turn in ("first", "again"):
        terraform.apply(f"apply-{turn}")
        counts.add(len(terraform.resources()))
        check_second_plan(terraform, f"plan-{turn}")
        terraform.destroy()
        left = [name for name in leftovers(endpoint) if name not in before and "/hold/" not in name and "/run/" not in name]
        if left:
            raise SystemExit(f"FAILED: size {size}, {turn}: destroyed, and still there: {'; '.join(left)}")
        say(f"existing_database, size {size}, {turn}: applied, an empty second plan, destroyed; {max(counts)} resources")
    if len(counts) != 1:
        raise SystemExit(f"FAILED: size {size} has once {min(counts)} resources and once {max(counts)}")
    return counts.pop()


def packaged(options: argparse.Namespace) -> dict[str, str]:
    return {"package_directory": str(options.packages.resolve()), "architecture": options.architecture}


def with_a_region_dead(behind: Endpoint, made: dict[str, dict[str, str]], options: argparse.Namespace) -> None:
    """Roots by Region: with Seoul dead, Osaka is planned and applied, and asks Seoul for nothing; the shared state cannot be."""
    with CutOff(behind) as endpoint:
        shared = Terraform("roots_endpoint", options.work / "roots", endpoint.environment())
        fields = ("cluster_arn", "endpoint", "vpc_id")
        shared.prepare({
            "name": DATABASE,
            "global_cluster": DATABASE,
            "zone_name": f"db.{DATABASE}.internal",
            "parameter": f"/{DATABASE}/database/writer",
            "primary": of(made[SEOUL], SEOUL, *fields),
            "secondary": of(made[OSAKA], OSAKA, *fields),
        })
        shared.apply()
        roots = {}
        for region in (SEOUL, OSAKA):
            roots[region] = Terraform("roots_region", options.work / f"roots-{region}", {**endpoint.environment(), "AWS_REGION": region})
            roots[region].prepare({"region": region, "names": [DATABASE], **packaged(options)})
            roots[region].apply()
        say("one root a Region: applied in both")
        endpoint.dead.add(SEOUL)
        living = roots[OSAKA]
        check_second_plan(living, "plan-while-seoul-is-dead")
        living.run("apply-while-seoul-is-dead", "apply", "-auto-approve", "-var", "log_level=debug")
        told = behind.client("lambda", OSAKA).get_function_configuration(FunctionName="failover-responder-follow")
        if told["Environment"]["Variables"]["RUST_LOG"] != "debug":
            raise SystemExit("FAILED: the apply of the living Region did not arrive")
        if endpoint.refused:
            raise SystemExit(f"FAILED: the living Region's root asked {sorted(set(endpoint.refused))}")
        say("with Seoul dead, the root of Osaka was planned and applied, and asked Seoul for nothing")
        # So that the dead one is dead: its own root cannot be planned. The provider would try for many minutes.
        plan = ["timeout", "--kill-after=10", "60", "terraform", "plan", "-input=false", "-lock=false"]
        tried = subprocess.run(plan, cwd=roots[SEOUL].folder, env=roots[SEOUL].environment, capture_output=True, check=False)
        if tried.returncode == 0:
            raise SystemExit("FAILED: the root of the dead Region could be planned, so nothing was dead")
        if not endpoint.refused:
            raise SystemExit("FAILED: nobody asked the dead Region for anything, so it proves nothing")
        endpoint.dead.clear()
        for root in (living, roots[SEOUL], shared):
            root.destroy()
        say("Seoul is back: all of it destroyed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ministack", type=Path, required=True)
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--architecture", choices=["arm64", "x86_64"], required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only", action="append", choices=["all", "follow", "dead"])
    options = parser.parse_args()
    parts = options.only or ["follow", "all", "dead"]
    options.work.mkdir(parents=True, exist_ok=True)
    with Emulator(options.ministack.absolute(), options.work / "sizes-emulator.log") as emulator:
        made = clusters(emulator)
        counts = {size: in_size(size, emulator, made, options) for size in ("follow", "all") if size in parts}
        if len(counts) == 2:
            say(f"follow alone is {counts['follow']} of {counts['all']} resources")
        if "dead" in parts:
            with_a_region_dead(emulator, made, options)


if __name__ == "__main__":
    main()
