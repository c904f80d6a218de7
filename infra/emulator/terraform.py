"""Terraform on a copy of infra/, so that state and trial stay out of the work tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any


class Terraform:
    def __init__(self, example: str, work: Path, variables: dict[str, Any], environment: dict[str, str]) -> None:
        shutil.rmtree(work, ignore_errors=True)
        ignore = shutil.ignore_patterns(".terraform*", "terraform.tfstate*", "*.tfvars")
        for part in ["modules", f"examples/{example}"]:
            shutil.copytree(Path("infra") / part, work / part, ignore=ignore)
        self.folder = work / "examples" / example
        (self.folder / "trial.auto.tfvars.json").write_text(json.dumps(variables, indent=2))
        self.environment = {**os.environ, **environment, "TF_IN_AUTOMATION": "1"}
        self.environment.pop("TF_DATA_DIR", None)
        self.run("init")

    def apply(self) -> None:
        self.run("apply", "-auto-approve")

    def destroy(self) -> None:
        self.run("destroy", "-auto-approve")

    def planned(self) -> dict[str, Any]:
        """A plan, as JSON."""
        self.run("plan", "-out=plan")
        shown = subprocess.run(
            ["terraform", "show", "-json", "plan"], cwd=self.folder, env=self.environment, capture_output=True, check=True
        )
        return json.loads(shown.stdout)

    def count(self) -> int:
        """Resources in the state."""
        listed = subprocess.run(
            ["terraform", "state", "list"], cwd=self.folder, env=self.environment, capture_output=True, check=True, text=True
        )
        return sum(1 for line in listed.stdout.splitlines() if not line.rpartition("]")[2].startswith("data.") and ".data." not in line)

    def run(self, *arguments: str) -> None:
        log = self.folder / f"{arguments[0]}.log"
        with log.open("w") as out:
            command = ["terraform", *arguments, "-input=false", "-no-color"]
            done = subprocess.run(command, cwd=self.folder, env=self.environment, stdout=out, stderr=subprocess.STDOUT)
        if done.returncode:
            print(log.read_text()[-6000:])
            raise SystemExit(f"terraform {arguments[0]} failed; all of it is in {log}")


def differences(plan: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """What a plan would change: address, resource type, and the attributes that differ."""
    found = []
    for change in plan.get("resource_changes", []):
        actions = change["change"]["actions"]
        if actions in (["no-op"], ["read"]):
            continue
        before, after = change["change"]["before"] or {}, change["change"]["after"] or {}
        attributes = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
        found.append((change["address"], change["type"], attributes if actions == ["update"] else actions))
    outputs = plan.get("output_changes", {}).items()
    found += [(f"output.{name}", "output", change["actions"]) for name, change in outputs if change["actions"] != ["no-op"]]
    return found
