"""Whether IAM allows a call, for the part of the policy language that our policies use.

The one well-kept evaluator in a registry, @cloud-copilot/iam-simulate, is AGPL, which this project does not build on.
So this is one of our own, careful in one way above all: what it does not know it refuses to judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable

STATEMENT_FIELDS = {"Sid", "Effect", "Action", "Resource", "Condition"}


@dataclass(frozen=True)
class Call:
    """One request as IAM sees it. An action on several resources is several calls: each has to be allowed."""

    action: str
    resource: str = "*"
    # Keys of the request, such as aws:RequestedRegion. A list is a key with several values.
    context: dict[str, str | list[str]] = field(default_factory=dict)


def allows(policy: dict[str, Any], call: Call) -> bool:
    """An explicit Deny wins; without an Allow it is denied."""
    effects = {effect_of(statement) for statement in listed(policy["Statement"]) if applies(statement, call)}
    return "Allow" in effects and "Deny" not in effects


def effect_of(statement: dict[str, Any]) -> str:
    if statement["Effect"] not in ("Allow", "Deny"):
        raise ValueError(f"unknown effect {statement['Effect']!r}")
    return statement["Effect"]


def applies(statement: dict[str, Any], call: Call) -> bool:
    unknown = set(statement) - STATEMENT_FIELDS
    if unknown:
        raise ValueError(f"a statement has {sorted(unknown)}, which this evaluator does not know")
    # Actions are compared without regard to case, resources with.
    return (
        any(like(action.lower(), call.action.lower()) for action in listed(statement["Action"]))
        and any(like(resource, call.resource) for resource in listed(statement["Resource"]))
        and all(
            holds(operator, key, listed(wanted), call.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def holds(operator: str, key: str, wanted: list[str], context: dict[str, str | list[str]]) -> bool:
    """One condition. Keys are compared without regard to case."""
    present = {name.lower(): listed(value) for name, value in context.items()}
    values = present.get(key.lower())
    quantifier, _, base = operator.rpartition(":")
    if operator == "Null":
        return all((values is None) == (want == "true") for want in wanted)
    compare = OPERATORS.get(base)
    if compare is None or quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise ValueError(f"unknown condition operator {operator!r}")
    matches = [any(compare(want, value) for want in wanted) for value in values or []]
    if quantifier == "ForAllValues":
        return all(matches)  # Also without any value: this is why our policies have Null beside it.
    if quantifier == "ForAnyValue":
        return any(matches)
    if values is not None and len(values) != 1:
        raise ValueError(f"{operator} on {key}, which has {len(values)} values in this call")
    return matches == [True]


def like(pattern: str, text: str) -> bool:
    """`*` is any text, also across slashes and colons; `?` is one character."""
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringLike": like,
    # AWS: the two behave alike.
    "ArnLike": like,
    "ArnEquals": like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
}


def listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, Iterable) and not isinstance(value, (str, dict)) else [value]
