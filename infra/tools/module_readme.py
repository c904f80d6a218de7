#!/usr/bin/env python3
"""Writes the inputs and outputs of Terraform folders into their README.md, or checks that they are current.

Usage: module_readme.py [--check] <folder>...

What stands above the marker is written by hand. terraform-docs, which does this elsewhere, is in no registry that this
project installs from.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import hcl2

MARKER = "<!-- Below this line: written by `make infra-readmes`. -->\n"


def blocks(folder: Path, kind: str) -> dict[str, dict[str, Any]]:
    """All variables or outputs of a folder, in the order of its files' names and then their own."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.tf")):
        text = path.read_text()
        for block in hcl2.loads(text).get(kind, []):
            for name, body in block.items():
                found[name] = {**{key: single(value) for key, value in body.items()}, "type": type_of(text, name)}
    return dict(sorted(found.items(), key=lambda item: ("default" in item[1], item[0])))


def single(value: Any) -> Any:
    """The parser wraps each attribute into a list."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def type_of(text: str, name: str) -> str:
    """A variable's type as it is written, on one line. The parser's own rendering of it is not Terraform."""
    start = re.search(rf'variable "{re.escape(name)}" {{.*?^  type\s+= ', text, re.DOTALL | re.MULTILINE)
    if not start:
        return ""
    depth, end = 0, start.end()
    while depth or text[end] != "\n":
        depth += (text[end] in "({[") - (text[end] in ")}]")
        end += 1
    line = re.sub(r"\s*\n\s*", ", ", text[start.end() : end])
    line = re.sub(r"([({]), ", r"\1 ", line)
    line = re.sub(r", ([)}])", r" \1", line)
    return re.sub(r" +", " ", line).replace("({ ", "({ ").strip()


def default_of(variable: dict[str, Any]) -> str:
    if "default" not in variable:
        return "**required**"
    return f"`{json.dumps(variable['default'])}`"


def tables(folder: Path) -> str:
    lines = ["", "## Inputs", "", "| name | what it is | type | default |", "| --- | --- | --- | --- |"]
    for name, variable in blocks(folder, "variable").items():
        lines.append(f"| `{name}` | {cell(variable['description'])} | `{cell(variable['type'])}` | {default_of(variable)} |")
    lines += ["", "## Outputs", "", "| name | what it is |", "| --- | --- |"]
    for name, output in blocks(folder, "output").items():
        lines.append(f"| `{name}` | {cell(output['description'])} |")
    return "\n".join(lines) + "\n"


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace('\\"', '"')


def usage(folder: Path, text: str) -> str:
    """What is wrong with a module's example of its use, which stands in the first twenty lines; empty where nothing is."""
    version = re.search(r'^version = "([^"]+)"', Path("Cargo.toml").read_text(), re.MULTILINE)
    source = f'//infra/modules/{folder.name}?ref=v{version.group(1) if version else "?"}"'
    head = "\n".join(text.splitlines()[:20])
    if "```hcl" not in head or source not in head:
        return f"no usage with a Git URL {source} in its first 20 lines"
    block = text.split("```hcl\n")[1].split("\n```")[0]
    given = set(re.findall(r"^  (\w+) +=", block, re.MULTILINE)) - {"source", "providers"}
    inputs = blocks(folder, "variable")
    if unknown := given - set(inputs):
        return f"its usage sets {sorted(unknown)}, which are no inputs"
    missing = {name for name, variable in inputs.items() if "default" not in variable} - given
    return f"its usage leaves out {sorted(missing)}" if missing else ""


def main() -> None:
    check = sys.argv[1] == "--check"
    stale = []
    for folder in map(Path, sys.argv[2 if check else 1 :]):
        readme = folder / "README.md"
        old = readme.read_text() if readme.exists() else ""
        if MARKER not in old:
            sys.exit(f"{readme} has no marker: write what the folder is for, and then the line\n{MARKER}")
        if folder.parent.name == "modules" and (wrong := usage(folder, old)):
            sys.exit(f"FAILED: {readme}: {wrong}")
        new = old.split(MARKER)[0] + MARKER + tables(folder)
        if new != old:
            stale.append(str(readme))
            if not check:
                readme.write_text(new)
    print(f"READMEs: {'not current, run make infra-readmes: ' + ', '.join(stale) if check and stale else 'current'}")
    sys.exit(bool(check and stale))


if __name__ == "__main__":
    main()
