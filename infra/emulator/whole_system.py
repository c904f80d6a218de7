#!/usr/bin/env python3
"""Applies the example seoul_osaka, the whole system, to an emulated AWS of its own; plans again, destroys, and all of that once more.

Usage: whole_system.py --ministack PROGRAM --packages FOLDER --architecture NAME --work FOLDER
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from differences import KNOWN, sorted_out
from emulator import OSAKA, SEOUL, TOKYO, Emulator
from leftovers import leftovers
from terraform import Terraform

EXAMPLE = "seoul_osaka"
# Not the default, so that no name that is written somewhere can pass for one that follows from it.
NAME = "orders"
STARTED = time.monotonic()


def say(text: str) -> None:
    print(f"[{time.monotonic() - STARTED:6.1f} s] {EXAMPLE}: {text}", file=sys.stderr, flush=True)


def variables(emulator: Emulator, options: argparse.Namespace) -> dict[str, Any]:
    return {
        "name": NAME,
        "zone_id": emulator.public_zone(),
        "host": "todo.example.com",
        "admin_cidrs": ["203.0.113.7/32"],
        "package_directory": str(options.packages.resolve()),
        "architecture": options.architecture,
        "witness_region": TOKYO,
        # Or the database could not be destroyed at the end, as its README says.
        "deletion_protection": False,
    }


def check_second_plan(terraform: Terraform, missing: set[str]) -> None:
    told = sorted_out(terraform.planned(), missing)
    if told["unexpected"]:
        raise SystemExit("FAILED: a second plan would change " + "; ".join(told["unexpected"]))
    known = [f"{kind} ({seen['count']}): {seen['attributes']}" for kind, seen in told["known"].items()]
    say("a second plan is empty, but for what the emulator answers wrongly: " + "; ".join(known))


def check_no_password(terraform: Terraform, emulator: Emulator) -> None:
    """What Secrets Manager holds is in neither the state nor the plan's log."""
    texts = [terraform.state(), terraform.log("plan").read_text(), terraform.log("apply").read_text()]
    looked_for = 0
    for region in (SEOUL, OSAKA):
        client = emulator.client("secretsmanager", region)
        for secret in client.list_secrets()["SecretList"]:
            looked_for += 1
            value = client.get_secret_value(SecretId=secret["ARN"])["SecretString"]
            if any(value in text for text in texts):
                raise SystemExit(f"FAILED: the value of {secret['Name']} is in Terraform's state or in its output")
    if not looked_for:
        raise SystemExit("FAILED: there is no secret to look for")
    say(f"no password is in the state or in what Terraform prints ({looked_for} secrets looked for)")


def check_costs(terraform: Terraform) -> None:
    """Whether docs/costs.md has what a first plan has."""
    planned = terraform.work / "costs.json"
    planned.write_text(json.dumps(terraform.planned("plan-first")))
    command = [sys.executable, "infra/costs/costs.py", "--check", f"{EXAMPLE}={planned}"]
    if subprocess.run(command).returncode:
        raise SystemExit("FAILED: the table of what it costs is not what is planned")


def check_all_gone(before: list[str], after: list[str]) -> None:
    left = [name for name in after if name not in before]
    if left:
        raise SystemExit("FAILED: destroyed, and still there: " + "; ".join(left))
    say("destroyed; nothing of it is left")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ministack", type=Path, required=True)
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--architecture", choices=["arm64", "x86_64"], required=True)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    missing = set(KNOWN["cannot_be_made"][EXAMPLE]["addresses"])
    options.work.mkdir(parents=True, exist_ok=True)
    with Emulator(options.ministack.absolute(), options.work / "seoul_osaka-emulator.log") as emulator:
        terraform = Terraform(EXAMPLE, options.work, emulator.environment())
        terraform.prepare(variables(emulator, options))
        check_costs(terraform)
        before = leftovers(emulator)
        # What is taken away can be made again at once: no name is kept for weeks.
        for turn in ("once", "and again"):
            say(f"terraform apply, {turn}")
            terraform.apply_but(missing, "apply")
            say(f"applied: {len(terraform.resources())} resources; the emulator lacks {', '.join(sorted(missing))}")
            check_second_plan(terraform, missing)
            check_no_password(terraform, emulator)
            say("terraform destroy")
            terraform.destroy()
            check_all_gone(before, leftovers(emulator))


if __name__ == "__main__":
    main()
