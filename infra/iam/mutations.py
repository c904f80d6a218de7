"""Policies that allow too much, each by one change. A table that does not notice one of them proves nothing about it."""

from __future__ import annotations

import copy
from typing import Any, Iterator

# Written by Lambda for the function, on its own log group and queue: not in the tables.
NOT_IN_THE_TABLES = {"Log", "DeadLetters"}


def widened(policy: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each with what was taken away."""
    for index, statement in enumerate(policy["Statement"]):
        if statement["Sid"] in NOT_IN_THE_TABLES:
            continue
        if statement["Effect"] == "Deny":
            # Whatever else is taken from it makes it forbid more; an action less or the whole of it, less.
            actions = statement["Action"]
            for action in actions:
                yield f"{statement['Sid']} without {action}", replaced(policy, index, Action=[one for one in actions if one != action])
            continue
        if statement["Resource"] != "*":
            yield f"{statement['Sid']} on every resource", replaced(policy, index, Resource="*")
        else:
            # What may be read everywhere must be no more than read.
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            service = actions[0].split(":")[0]
            yield f"{statement['Sid']} with every action of {service}", replaced(policy, index, Action=f"{service}:*")
        for operator, keys in statement.get("Condition", {}).items():
            for key in keys:
                condition = copy.deepcopy(statement["Condition"])
                del condition[operator][key]
                yield f"{statement['Sid']} without {operator} {key}", replaced(policy, index, Condition=condition)


def replaced(policy: dict[str, Any], index: int, **fields: Any) -> dict[str, Any]:
    other = copy.deepcopy(policy)
    other["Statement"][index].update(fields)
    return other
