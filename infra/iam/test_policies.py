#!/usr/bin/env python3
"""Evaluates the policies that the modules responder and probe render, against the tables beside this file.

Usage: test_policies.py <output of `terraform test -json -verbose` for a module's tests/policies.tftest.hcl>...
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Iterator

import yaml
from policy_sentry.querying.actions import get_action_data
from policy_sentry.querying.conditions import get_condition_keys_for_service

from evaluator import Call, allows, listed
from mutations import widened

# Actions that are younger than policy_sentry's copy of the reference, each with where AWS names it. A newer release, which
# checkov does not allow yet, knows them.
YOUNGER = {
    # docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListAlarmMuteRules.html
    "cloudwatch:ListAlarmMuteRules",
}
RECORD_KEYS = {
    "names": "route53:ChangeResourceRecordSetsNormalizedRecordNames",
    "types": "route53:ChangeResourceRecordSetsRecordTypes",
    "actions": "route53:ChangeResourceRecordSetsActions",
}


def rendered(path: Path) -> dict[str, dict[str, Any]]:
    """The output `policies` of the run of that name."""
    for line in path.read_text().splitlines():
        event = json.loads(line)
        if event.get("type") == "test_state" and event.get("@testrun") == "policies":
            policies = event["test_state"]["outputs"]["policies"]["value"]
            return {function: json.loads(policy) for function, policy in policies.items()}
    sys.exit(f"{path} has no state of the run \"policies\": did terraform test fail?")


def entries() -> Iterator[dict[str, Any]]:
    """The tables' entries, those of the records once for each database."""
    here = Path(__file__).parent
    for table in ["calls.yaml", "parameters.yaml", "probe.yaml"]:
        yield from yaml.safe_load((here / table).read_text())
    records = (here / "records.yaml").read_text()
    for database in ["todo", "orders"]:
        yield from yaml.safe_load(records.replace("{database}", database).replace("{zone}", f"Z{database.upper()}"))


def cases() -> Iterator[tuple[str, Call, list[str]]]:
    """Each call of the tables, with the functions that may make it."""
    for entry in entries():
        context = dict(entry.get("context", {}))
        context.update({RECORD_KEYS[key]: value for key, value in entry.get("change", {}).items()})
        for action in listed(entry.get("action", "route53:ChangeResourceRecordSets")):
            for resource in entry["each"]:
                yield entry["title"], Call(action, resource, context), entry["allowed"]


CASES = list(cases())


def misjudged(policies: dict[str, dict[str, Any]]) -> tuple[int, list[str]]:
    """How many judgements were right, and a sentence for each that was not."""
    right, wrong = 0, []
    for title, call, allowed in CASES:
        for function, policy in policies.items():
            got, wanted = allows(policy, call), function in allowed
            right += got == wanted
            if got != wanted:
                wrong.append(f"{function} {'may' if got else 'may not'} {title}: {call.action} on {call.resource}")
    return right, wrong


def misspelt(policies: dict[str, dict[str, Any]]) -> tuple[int, list[str]]:
    """Whether AWS knows every action and condition key: a misspelt one would allow nothing and say nothing."""
    statements = [statement for policy in policies.values() for statement in policy["Statement"]]
    actions = sorted({action for statement in statements for action in listed(statement["Action"])})
    keys = sorted({key for statement in statements for keys in statement.get("Condition", {}).values() for key in keys})
    wrong = []
    for action in actions:
        is_known = bool(get_action_data(*action.split(":")))
        if not is_known and action not in YOUNGER:
            wrong.append(f"AWS knows no action {action}")
        if is_known and action in YOUNGER:
            wrong.append(f"policy_sentry knows {action} by now: take it out of YOUNGER")
    for key in keys:
        service = key.split(":")[0]
        # Global keys are aws:…; the condition operators themselves are judged by the evaluator.
        if service != "aws" and key not in get_condition_keys_for_service(service):
            wrong.append(f"{service} knows no condition key {key}")
    return len(actions) + len(keys) - len(wrong), wrong


def unused(policies: dict[str, dict[str, Any]]) -> tuple[int, list[str]]:
    """Whether each action of a policy is in the tables: what no call needs is no least privilege."""
    # Lambda itself makes these for a function.
    by_lambda = {"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"}
    needed = {(function, call.action) for _, call, allowed in CASES for function in allowed}
    granted = {
        (function, action)
        for function, policy in policies.items()
        for statement in policy["Statement"]
        for action in listed(statement["Action"])
        if action not in by_lambda
    }
    wrong = [f"{function} may {action}, which no call of the tables needs" for function, action in sorted(granted - needed)]
    return len(granted) - len(wrong), wrong


def unnoticed(policies: dict[str, dict[str, Any]]) -> tuple[int, list[str]]:
    """Whether the tables notice each restriction that is taken away."""
    noticed, wrong = 0, []
    for function, policy in policies.items():
        for change, wider in widened(policy):
            if misjudged({function: wider})[1]:
                noticed += 1
            else:
                wrong.append(f"no call of the tables notices {function}'s {change}")
    return noticed, wrong


def main() -> None:
    policies = {function: policy for path in sys.argv[1:] for function, policy in rendered(Path(path)).items()}
    results = [misjudged(policies), misspelt(policies), unused(policies), unnoticed(policies)]
    wrong = [sentence for _, sentences in results for sentence in sentences]
    for sentence in wrong:
        print(f"FAILED: {sentence}")
    print(f"IAM, {', '.join(sorted(policies))}: {sum(right for right, _ in results)} passed, {len(wrong)} failed")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
