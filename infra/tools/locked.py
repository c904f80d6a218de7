#!/usr/bin/env python3
"""Whether each requirements file has its lock: what it pins, and all that this brings along, each with its hashes; whether
Node's packages have theirs; and whether nothing is installed without them.

Usage: locked.py <requirements file>...

A lock is written by uv (on PyPI), for every platform and from Python 3.11 on:
  uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate X.txt --output-file X.lock
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def faults(wanted: Path) -> list[str]:
    lock = wanted.with_suffix(".lock")
    if not lock.exists():
        return [f"{wanted} has no {lock}"]
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock.read_text())
    pinned = {(name.lower().replace("_", "-"), version) for name, version in PIN.findall(lock.read_text())}
    asked = {(name.lower().replace("_", "-"), version) for name, version in PIN.findall(wanted.read_text())}
    found = [f"{lock}: {name} is not {version}, as {wanted} says" for name, version in sorted(asked - pinned)]
    found += [f"{lock}: no hash for {entry.split()[0]}" for entry in entries if entry.strip() and "--hash=sha256:" not in entry]
    return found + ([] if asked else [f"{wanted} pins nothing"])


def of_node() -> list[str]:
    """Packages of Node's locks without a hash, and locks that make does not install by."""
    locks = list(Path("tests").glob("*/package-lock.json"))
    packages = [(lock, name, what) for lock in locks for name, what in json.loads(lock.read_text())["packages"].items() if name]
    made = "".join(file.read_text() for file in Path("tests").glob("*/*.mk"))
    found = [f"{lock}: no hash for {name}" for lock, name, what in packages if not what.get("integrity", "").startswith("sha512-")]
    return found + ([] if "npm ci --ignore-scripts" in made and "npm install" not in made else ["npm installs by no lock"])


def installs() -> list[str]:
    """Lines of make that install something without a look at its hash."""
    files = [Path("Makefile"), *Path(".").glob("infra/*.mk"), *Path(".").glob("tests/*/*.mk")]
    lines = [(file, line.strip()) for file in files for line in file.read_text().splitlines() if "pip install" in line]
    return [f"{file}: {line}" for file, line in lines if "--require-hashes" not in line] + ([] if lines else ["no make file installs anything"])


def main() -> None:
    found = [fault for wanted in map(Path, sys.argv[1:]) for fault in faults(wanted)] + of_node() + installs()
    for fault in found:
        print(f"FAILED: {fault}")
    print(f"locks: {len(sys.argv) - 1} requirements files, {len(found)} faults")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
