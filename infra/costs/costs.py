#!/usr/bin/env python3
"""What an installation costs a month, by item: each resource that Terraform plans is counted and priced, none is remembered.

Usage: costs.py --check|--write NAME=FILE[:RUN]...

FILE is what `terraform show -json` says, or the output of `terraform test -json -verbose` with the RUN whose state is meant.
docs/costs.md has a table for each NAME; --check says whether it is current, --write makes it so.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Iterator

import yaml

HERE = Path(__file__).parent
PRICED = yaml.safe_load((HERE / "prices.yaml").read_text())
HOURS = PRICED["hours"]
PAGE = Path("docs/costs.md")
# How often a schedule of a minute wakes a function in a month.
TICKS = HOURS * 60

Resource = dict[str, Any]
# An item's name, how it is counted, how many, and the price's name.
Item = tuple[str, str, float, str]


def resources(file: Path, run: str | None) -> list[Resource]:
    """The resources that are AWS's, of a state or a plan."""
    if run is None:
        told = json.loads(file.read_text())
        root = (told.get("planned_values") or told["values"])["root_module"]
    else:
        events = (json.loads(line) for line in file.read_text().splitlines())
        roots = [it["test_state"]["root_module"] for it in events if it.get("type") == "test_state" and it["@testrun"] == run]
        if not roots:
            sys.exit(f"{file} has no run {run}: did terraform test fail?")
        root = roots[-1]
    found = list(of_module(root))
    if not found:
        sys.exit(f"{file} has no resources")
    return found


def of_module(module: dict[str, Any]) -> Iterator[Resource]:
    yield from (it for it in module.get("resources", []) if it["mode"] == "managed" and it["type"].startswith("aws_"))
    for child in module.get("child_modules", []):
        yield from of_module(child)


def published() -> dict[str, dict[str, str]]:
    """The metrics of the table, each source's; an error where the source has others."""
    table = PRICED["metrics"]
    for source, metrics in table.items():
        text = Path(source).read_text().split("#[cfg(test)]")[0]
        named = set(re.findall(r'"Name": "(\w+)"', text)) | set(re.findall(r'\("(\w+)", "(?:None|Milliseconds)"', text))
        named |= set(re.findall(r'pub const \w+: &str = "([A-Z][a-z]+[A-Z]\w+)"', text)) - {"FailoverResponder"}
        if named != set(metrics):
            sys.exit(f"FAILED: {source} has the metrics {sorted(named)}, and prices.yaml {sorted(metrics)}")
    return table


def metrics(found: list[Resource]) -> Iterator[Item]:
    """What the functions publish: for each function that does, in each Region."""
    by_function = {"follow": "functions/core/src/invocation/log_line.rs", "probe": "functions/core/src/probe/metrics.rs"}
    installed = Counter(function_of(it) for it in found if it["type"] == "aws_lambda_function")
    writers = [it for it in found if it["type"] == "aws_ssm_parameter" and "writer" in it["values"]["name"]]
    databases = len({it["values"]["name"] for it in writers})
    counted = {"databases": databases, "members": len(writers) // databases, "readers": int(installed["failover"] > 0)}
    for function, source in by_function.items():
        if not installed[function]:
            continue
        each = {name: eval(formula, {}, counted) for name, formula in published()[source].items()}  # noqa: S307: our own table.
        how = f"{sum(each.values())} of {function} in each of {installed[function]} Regions"
        yield f"custom metrics of {function}", how, sum(each.values()) * installed[function], "custom_metric"


def function_of(resource: Resource) -> str:
    return resource["values"]["function_name"].rpartition("-")[2]


def functions(found: list[Resource]) -> Iterator[Item]:
    for function, count in Counter(function_of(it) for it in found if it["type"] == "aws_lambda_function").items():
        assumed = PRICED["assumed"].get(function)
        if assumed is None:
            continue
        memory = next(it["values"]["memory_size"] for it in found if it["type"] == "aws_lambda_function" and function_of(it) == function)
        seconds = count * TICKS * assumed["seconds"] * memory / 1024
        yield f"Lambda, {function}", f"{count} × {TICKS:,} × {assumed['seconds']} s × {memory} MB", seconds, "lambda_gb_second"
        yield f"its requests ({function})", f"{count} × {TICKS:,}", count * TICKS, "lambda_request"
        yield f"its log ({function})", f"{count} × {TICKS:,} × {assumed['log_kb']} kB", count * TICKS * assumed["log_kb"] / 1e6, "log"


def by_the_month(resource: Resource) -> Iterator[tuple[str, str, float, str]]:
    """What one resource is paid for: item, how, how much of it, price."""
    kind, values = resource["type"], resource.get("values") or {}
    match kind:
        case "aws_kms_key":
            yield "keys (KMS)", "", 1, "kms_key"
        case "aws_cloudwatch_metric_alarm":
            asked = max(1, sum(1 for query in values.get("metric_query") or [] if query.get("metric")))
            fast = (values.get("period") or 60) < 60
            yield ("alarms of high resolution" if fast else "alarms"), "", asked, "alarm_of_high_resolution" if fast else "alarm"
        case "aws_cloudwatch_dashboard":
            yield "dashboards", "", 1, "dashboard"
        case "aws_route53_zone":
            yield "hosted zones", "", 1, "hosted_zone"
        case "aws_route53_health_check":
            yield "health checks", "", 1, "health_check"
            options = (values["type"].startswith("HTTPS")) + (values.get("request_interval") == 10)
            if options:
                yield "their options: HTTPS, 10 s", "", options, "health_check_option"
        case "aws_secretsmanager_secret":
            yield "secrets and replicas", "", 1 + len(values.get("replica") or []), "secret"
        case "aws_eks_cluster":
            yield "EKS clusters", f" × {HOURS} h", HOURS, "eks_cluster"
        case "aws_nat_gateway":
            yield "NAT gateways", f" × {HOURS} h", HOURS, "nat_gateway"
        case "aws_eip":
            yield "public addresses", f" × {HOURS} h", HOURS, "public_address"
        case "aws_rds_cluster_instance":
            yield f"Aurora instances, {values['instance_class']}", f" × {HOURS} h", HOURS, values["instance_class"]
        case "aws_lambda_function":
            return
        case _ if kind not in PRICED["free"]:
            sys.exit(f"FAILED: {resource['address']}: {kind} has no price in prices.yaml and is not listed as free")


def items(found: list[Resource]) -> list[Item]:
    counts: Counter[tuple[str, str, str]] = Counter()
    amounts: Counter[tuple[str, str, str]] = Counter()
    for resource in found:
        for item, how, amount, price in by_the_month(resource):
            counts[item, how, price] += 1 if how else amount
            amounts[item, how, price] += amount
    made = [(item, f"{counts[item, how, price]}{how}", amounts[item, how, price], price) for item, how, price in counts]
    return [*made, *metrics(found), *functions(found)]


def number(usd: float) -> str:
    return f"{usd:.10f}".rstrip("0").rstrip(".")


def table(found: list[Resource]) -> str:
    priced = [(item, how, amount * PRICED["prices"][price]["usd"], price) for item, how, amount, price in items(found)]
    lines = [f"{len(found)} resources of AWS.", "", "| item | counted | price | US$ a month |", "| --- | --- | --- | --- |"]
    for item, how, usd, price in sorted(priced, key=lambda it: -it[2]):
        lines.append(f"| {item} | {how} | {number(PRICED['prices'][price]['usd'])} {PRICED['prices'][price]['per']} | {usd:.2f} |")
    lines.append(f"| **together** | | | **{sum(it[2] for it in priced):.2f}** |")
    return "\n".join(lines)


def main() -> None:
    mode, stale, text = sys.argv[1], [], PAGE.read_text()
    for named in sys.argv[2:]:
        name, _, place = named.partition("=")
        file, _, run = place.partition(":")
        begin, end = f"<!-- {name}: written by infra/costs/costs.py -->\n", f"<!-- {name} ends -->\n"
        if begin not in text or end not in text:
            sys.exit(f"{PAGE} has no part {name}: write the lines\n{begin}{end}")
        before, rest = text.split(begin)
        new = f"{before}{begin}{table(resources(Path(file), run or None))}\n{end}{rest.split(end)[1]}"
        if new != text:
            stale.append(name)
        text = new
    if mode == "--write":
        PAGE.write_text(text)
    elif stale:
        sys.exit(f"FAILED: {PAGE} is not current in {', '.join(stale)}: costs.py --write with the same files")
    print(f"costs: {', '.join(named.partition('=')[0] for named in sys.argv[2:])}: {'written' if mode == '--write' else 'current'}")


if __name__ == "__main__":
    main()
