"""Terraform on a copy of infra/, so that its state stays out of the work tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any


class Terraform:
    def __init__(self, example: str, work: Path, environment: dict[str, str]) -> None:
        self.example, self.work = example, work / example
        self.folder = self.work / "examples" / example
        self.environment = {**os.environ, **environment, "TF_IN_AUTOMATION": "1"}
        self.environment.pop("TF_DATA_DIR", None)

    def prepare(self, variables: dict[str, Any]) -> None:
        """A fresh copy with these variables; what an earlier run left is thrown away."""
        shutil.rmtree(self.work, ignore_errors=True)
        ignore = shutil.ignore_patterns(".terraform*", "terraform.tfstate*", "*.tfvars")
        for part in ["modules", f"examples/{self.example}"]:
            shutil.copytree(Path("infra") / part, self.work / part, ignore=ignore)
        (self.folder / "test.auto.tfvars.json").write_text(json.dumps(variables, indent=2))
        self.run("init", "init")

    def apply(self, log: str = "apply") -> None:
        self.run(log, "apply", "-auto-approve")

    def apply_but(self, excused: set[str], log: str) -> None:
        """An apply in which just these addresses fail, as they have to."""
        failed = self.attempt(log, "apply", "-auto-approve")
        named = {line.split("with ", 1)[1].rstrip(",") for line in failed.splitlines() if "  with " in line}
        if named != excused:
            print(failed[-6000:], file=sys.stderr)
            raise SystemExit(f"terraform apply: {sorted(named)} failed, not just {sorted(excused)}; all of it is in {self.log(log)}")

    def destroy(self) -> None:
        self.run("destroy", "destroy", "-auto-approve")

    def planned(self, log: str = "plan") -> dict[str, Any]:
        """A plan, as JSON."""
        self.run(log, "plan", "-out=plan")
        return json.loads(self.answer("show", "-json", "plan"))

    def outputs(self) -> dict[str, Any]:
        return {name: output["value"] for name, output in json.loads(self.answer("output", "-json")).items()}

    def resources(self) -> list[str]:
        """Addresses of the resources in the state; data sources are none."""
        lines = self.answer("state", "list").splitlines()
        return [line for line in lines if not line.rpartition("]")[2].startswith("data.") and ".data." not in line]

    def state(self) -> str:
        """The state as it is on disk."""
        return (self.folder / "terraform.tfstate").read_text()

    def answer(self, *arguments: str) -> str:
        done = subprocess.run(
            ["terraform", *arguments], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, check=True, text=True
        )
        return done.stdout

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def run(self, log: str, *arguments: str) -> None:
        if failed := self.attempt(log, *arguments):
            print(failed[-6000:], file=sys.stderr)
            raise SystemExit(f"terraform {arguments[0]} failed; all of it is in {self.log(log)}")

    def attempt(self, log: str, *arguments: str) -> str:
        """What it says when it fails; nothing when it does not."""
        with self.log(log).open("w") as out:
            # Asked to stop when we are killed: it ends its plugins, which would otherwise try a dead endpoint for minutes.
            command = ["setpriv", "--pdeathsig", "TERM", "--", "terraform", *arguments, "-input=false", "-no-color"]
            done = subprocess.run(command, cwd=self.folder, env=self.environment, stdout=out, stderr=subprocess.STDOUT)
        return (self.log(log).read_text() or "it says nothing") if done.returncode else ""
