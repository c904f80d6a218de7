#!/usr/bin/env python3
"""Applies the example existing_database to an emulated AWS, fails over, and looks whether Terraform would undo it.

Usage: trial.py <ministack program> <work folder> <package folder>
"""

from __future__ import annotations

import json
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import yaml

from emulator import OSAKA, SEOUL, Emulator
from terraform import Terraform, differences

KNOWN = yaml.safe_load((Path(__file__).parent / "known_differences.yaml").read_text())
RECORDS = {"CNAME": "writer.db.todo.internal.", "TXT": "_failover-responder.writer.db.todo.internal."}
STARTED = time.monotonic()


def say(text: str) -> None:
    print(f"[{time.monotonic() - STARTED:6.1f} s] {text}", flush=True)


def packages(folder: Path, stand_ins: Path) -> Path:
    """The built packages; without them, stand-ins that can be deployed and do nothing."""
    names = [f"{function}-arm64.zip" for function in ("follow", "failover", "drill")]
    if all((folder / name).is_file() for name in names):
        return folder.resolve()
    stand_ins.mkdir(parents=True, exist_ok=True)
    for name in names:
        with zipfile.ZipFile(stand_ins / name, "w") as package:
            bootstrap = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
            bootstrap.external_attr = 0o755 << 16
            package.writestr(bootstrap, "#!/bin/sh\nexit 1\n")
    return stand_ins.resolve()


def check_empty(plan: dict[str, Any], when: str) -> int:
    """Whether the plan shows nothing but the emulator's known faults; how many of those."""
    known = 0
    for address, kind, attributes in differences(plan):
        if set(attributes) <= set(KNOWN.get(kind, {}).get("attributes", [])):
            known += 1
        else:
            raise SystemExit(f"FAILED: the plan {when} would change {address}: {', '.join(attributes)}")
    say(f"the plan {when} is empty, but for {known} resources that the emulator answers wrongly (known_differences.yaml)")
    return known


def records(emulator: Emulator) -> tuple[str, dict[str, dict[str, Any]]]:
    """The private zone, and the writer record with its ownership record."""
    route53 = emulator.client("route53", "us-east-1")
    zone = next(z["Id"] for z in route53.list_hosted_zones()["HostedZones"] if z["Name"] == "db.todo.internal.")
    listed = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return zone, {kind: next(r for r in listed if (r["Type"], r["Name"]) == (kind, name)) for kind, name in RECORDS.items()}


def fail_over(emulator: Emulator) -> None:
    """Aurora's failover, and then the very writes that the functions make: record, parameters, states."""
    rds = emulator.client("rds", OSAKA)
    cluster = rds.describe_db_clusters(DBClusterIdentifier="todo-osaka")["DBClusters"][0]
    rds.failover_global_cluster(
        GlobalClusterIdentifier="todo", TargetDbClusterIdentifier=cluster["DBClusterArn"], AllowDataLoss=True
    )
    zone, old = records(emulator)
    owned = old["TXT"]["ResourceRecords"][0]["Value"]
    values = {"CNAME": cluster["Endpoint"], "TXT": owned.replace("epoch=1,writer=ap-northeast-2", f"epoch=2,writer={OSAKA}")}
    changes = [{"Action": "DELETE", "ResourceRecordSet": record} for record in old.values()]
    changes += [
        {"Action": "CREATE", "ResourceRecordSet": {**record, "ResourceRecords": [{"Value": values[kind]}]}}
        for kind, record in old.items()
    ]
    emulator.client("route53", "us-east-1").change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    state = {"epoch": 2, "writer": OSAKA, "endpoint": cluster["Endpoint"], "at": "2026-01-01T00:00:00Z"}
    for region in (SEOUL, OSAKA):
        ssm = emulator.client("ssm", region)
        ssm.put_parameter(Name="/todo/database/writer", Value=cluster["Endpoint"], Type="String", Overwrite=True)
        ssm.put_parameter(Name="/failover-responder/state/todo", Value=json.dumps(state), Type="String", Overwrite=True)


def main() -> None:
    program, work, built = map(Path, sys.argv[1:4])
    work.mkdir(parents=True, exist_ok=True)
    with Emulator(program.absolute(), work / "emulator.log") as emulator:
        say(f"an emulated AWS at {emulator.url}, with a global database in Seoul and Osaka")
        variables = {
            "name": "todo",
            "global_cluster": "todo",
            "zone_name": "db.todo.internal",
            "parameter": "/todo/database/writer",
            "package_directory": str(packages(built, work / "stand-ins")),
            **emulator.seed_database(),
        }
        terraform = Terraform("existing_database", work / "existing_database", variables, emulator.environment())
        terraform.apply()
        say(f"applied: {terraform.count()} resources")
        check_empty(terraform.planned(), "after the apply")
        fail_over(emulator)
        check_empty(terraform.planned(), "after a failover")
        # Not the same: what an apply does, as against what a plan shows.
        terraform.apply()
        if "epoch=2" not in records(emulator)[1]["TXT"]["ResourceRecords"][0]["Value"]:
            raise SystemExit("FAILED: an apply after the failover moved the record back")
        say("an apply after the failover left the record with the new writer")
        terraform.destroy()
        say("destroyed")
        plan_whole_system(emulator, work)


def plan_whole_system(emulator: Emulator, work: Path) -> None:
    variables = {"zone_id": emulator.public_zone(), "host": "todo.example.com", "admin_cidrs": ["203.0.113.7/32"]}
    variables["package_directory"] = str(packages(work / "none", work / "stand-ins"))
    terraform = Terraform("seoul_osaka", work / "seoul_osaka", variables, emulator.environment())
    say(f"the whole system can be planned: {len(differences(terraform.planned()))} changes")


if __name__ == "__main__":
    main()
