#!/usr/bin/env python3
"""Holds what the modules make, with the longest names that their inputs allow, against AWS's own published rules.

Usage: aws_rules.py <output of `terraform test -json -verbose`>...

AWS publishes a model of each service: which texts a request may have, how long, of which values. Its SDK for Python carries
them. An emulator does not look at them and neither does Terraform's provider, so a name that is too long, or a value that
nobody knows, is found by the first apply to a real account, or here.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, Iterator

import botocore.session
import yaml
from botocore.model import Shape

HERE = Path(__file__).parent
TABLE = yaml.safe_load((HERE / "resources.yaml").read_text())
SESSION = botocore.session.get_session()


def resources(path: Path) -> Iterator[dict[str, Any]]:
    """Every resource of each state that a test ended with."""
    found = 0
    for line in path.read_text().splitlines():
        event = json.loads(line)
        if event.get("type") == "test_state":
            for resource in of_module(event["test_state"]["root_module"]):
                found += 1
                yield resource
    if not found:
        sys.exit(f"{path} has no resources: did terraform test fail?")


def of_module(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (it for it in module.get("resources", []) if it["mode"] == "managed" and it["type"].startswith("aws_"))
    for child in module.get("child_modules", []):
        yield from of_module(child)


def shape(service: str, operation: str, member: str) -> Shape:
    """The part of a request that a path such as `ChangeBatch.Changes[].Action` names."""
    found: Any = SESSION.get_service_model(service).operation_model(operation).input_shape
    for part in member.split("."):
        found = found.members[part.removesuffix("[]")]
        if part.endswith("[]"):
            found = found.member
    return found


def faults(value: Any, rule: Shape | dict[str, Any]) -> Iterator[str]:
    """What is wrong with a value, by a model's shape or by a line of ours."""
    limits = rule if isinstance(rule, dict) else rule.metadata
    size = value if isinstance(value, (int, float)) and not isinstance(value, bool) else len(value)
    if "max" in limits and size > limits["max"]:
        yield f"{size} is more than {limits['max']}"
    if "min" in limits and size < limits["min"]:
        yield f"{size} is less than {limits['min']}"
    if "enum" in limits and value not in limits["enum"]:
        yield f"{value!r} is none of {limits['enum']}"
    if isinstance(value, str) and "pattern" in limits and not matches(limits["pattern"], value):
        yield f"{value!r} is not of the form {limits['pattern']}"


def matches(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:  # Java's classes of characters, such as \\p{L}. Lengths are still looked at.
        return True


def attributes(values: dict[str, Any], path: str) -> Iterator[Any]:
    """What stands at a path such as `retry_policy[].maximum_event_age_in_seconds`; nothing where it is not set."""
    found: list[Any] = [values]
    for part in path.split("."):
        found = [it.get(part.removesuffix("[]")) for it in found if isinstance(it, dict)]
        if part.endswith("[]"):
            found = [each for it in found for each in (it or [])]
    yield from (it for it in found if it not in (None, ""))


def wrong(resource: dict[str, Any]) -> Iterator[str]:
    rules = TABLE["resources"].get(resource["type"])
    if rules is None:
        if resource["type"] not in TABLE["without_rules"]:
            yield f"{resource['type']} has no rules in resources.yaml"
        return
    for path, rule in rules["attributes"].items():
        held_against = rule if isinstance(rule, dict) else shape(*rules["call"], rule)
        for value in attributes(resource["values"], path):
            yield from (f"{path}: {fault}" for fault in faults(value, held_against))
    if resource["type"] == "aws_cloudwatch_metric_alarm":
        yield from unpublished(resource["values"])


def ours() -> set[str]:
    """The names of the metrics that the functions' sources publish."""
    published = TABLE["metrics"]["FailoverResponder"]
    sources = "".join(path.read_text() for folder in published["sources"] for path in Path(folder).rglob("*.rs"))
    return {name for name in published["dimensions"] if f'"{name}"' in sources}


def unpublished(alarm: dict[str, Any]) -> Iterator[str]:
    """An alarm on a metric that nobody publishes rings always or never."""
    namespace, name, dimensions = alarm["namespace"], alarm["metric_name"], sorted(alarm.get("dimensions") or {})
    known = TABLE["metrics"].get(namespace, {}).get("dimensions", {}).get(name)
    if known is None or dimensions not in [sorted(it) for it in known]:
        yield f"metric {namespace} {name} with {dimensions} is in no list of published metrics"
    elif namespace == "FailoverResponder" and name not in ours():
        yield f"metric {name} is in no function's source"


def check_that_it_bites() -> int:
    """Each of these is wrong, and has to be found; otherwise a green run means nothing."""
    cases = TABLE["wrong"]
    for case in cases:
        if not list(wrong({"type": case["type"], "values": case["values"]})):
            sys.exit(f"FAILED: nothing is found wrong with {case}")
    return len(cases)


def main() -> None:
    bites = check_that_it_bites()
    found, looked, kinds = [], 0, set()
    for path in map(Path, sys.argv[1:]):
        for resource in resources(path):
            looked += 1
            kinds.add(resource["type"])
            found += [f"{path.stem}: {resource['address']}: {fault}" for fault in wrong(resource)]
    for fault in sorted(set(found)):
        print(f"FAILED: {fault}")
    print(f"AWS's rules: {looked} resources of {len(kinds)} kinds held against them, {len(set(found))} faults; {bites} wrong ones found")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
