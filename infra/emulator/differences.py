"""What a plan would change, and which of it is known to be the emulator's fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

KNOWN = yaml.safe_load((Path(__file__).parent / "known_differences.yaml").read_text())


def differences(plan: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """Address, resource type, and the attributes that differ, or the actions where more than attributes would change."""
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


def sorted_out(plan: dict[str, Any], missing: set[str] = frozenset()) -> dict[str, Any]:
    """The known differences by resource type, with why; and the others. `missing` could not be made, so a plan wants them."""
    known: dict[str, dict[str, Any]] = {}
    unexpected = []
    for address, kind, attributes in differences(plan):
        entry = KNOWN["second_plan"].get(kind)
        if address in missing and attributes == ["create"]:
            continue
        if not entry or not set(attributes) <= set(entry["attributes"]):
            unexpected.append(f"{address}: {', '.join(attributes)}")
            continue
        seen = known.setdefault(kind, {"count": 0, "attributes": set(), "why": " ".join(entry["why"].split())})
        seen["count"] += 1
        seen["attributes"] |= set(attributes)
    for seen in known.values():
        seen["attributes"] = ", ".join(sorted(seen["attributes"]))
    return {"known": known, "unexpected": unexpected}
