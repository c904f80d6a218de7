"""What is left of an installation in an emulated AWS: all that a list of some service shows and the emulator did not bring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator import OSAKA, SEOUL, TOKYO, Endpoint

# By service: how it lists something, and where the name is in that.
Listing = Callable[[Any], list[str]]
REGIONAL: dict[str, list[Listing]] = {
    "ssm": [lambda it: [p["Name"] for p in it.describe_parameters()["Parameters"]]],
    "lambda": [lambda it: [f["FunctionName"] for f in it.list_functions()["Functions"]]],
    "events": [lambda it: [r["Name"] for r in it.list_rules()["Rules"]]],
    "sqs": [lambda it: it.list_queues().get("QueueUrls", [])],
    "sns": [lambda it: [t["TopicArn"] for t in it.list_topics()["Topics"]]],
    "logs": [lambda it: [g["logGroupName"] for g in it.describe_log_groups()["logGroups"]]],
    "cloudwatch": [
        lambda it: [a["AlarmName"] for a in it.describe_alarms()["MetricAlarms"]],
        lambda it: [d["DashboardName"] for d in it.list_dashboards()["DashboardEntries"]],
    ],
    "ec2": [lambda it: [g["GroupName"] for g in it.describe_security_groups()["SecurityGroups"] if g["GroupName"] != "default"]],
    "kms": [lambda it: [a["AliasName"] for a in it.list_aliases()["Aliases"] if not a["AliasName"].startswith("alias/aws/")]],
}
GLOBAL: dict[str, list[Listing]] = {
    "route53": [lambda it: [z["Name"] for z in it.list_hosted_zones()["HostedZones"]]],
    "iam": [lambda it: [r["RoleName"] for r in it.list_roles()["Roles"] if not r["Path"].startswith("/aws-service-role/")]],
}


def leftovers(endpoint: Endpoint) -> list[str]:
    """Each as `service in Region: name`."""
    places = [(service, region) for region in (SEOUL, OSAKA, TOKYO) for service in REGIONAL]
    places += [(service, "us-east-1") for service in GLOBAL]
    found = []
    for service, region in places:
        client = endpoint.client(service, region)
        for listing in (REGIONAL | GLOBAL)[service]:
            found += [f"{service} in {region}: {name}" for name in listing(client)]
    return found
