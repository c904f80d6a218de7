#!/usr/bin/env python3
"""Renders the overlays and validates every object against the schemas of the Kubernetes versions that we support.

Usage: kubernetes_check.py <folder for the rendered files> <overlay folder>...

kustomize is in no registry that this check may use, so the few fields that our kustomizations have are read here:
resources and images. Any other field is refused, so that this and `kubectl apply --kustomize` cannot come to differ.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Iterator

import kubernetes_validate
import yaml

VERSIONS = ["1.35", "1.36", "1.37"]
FIELDS = {"apiVersion", "kind", "resources", "images"}
# What is of the cluster: the switch without which Auto Mode enforces no NetworkPolicy.
OF_THE_CLUSTER = {("ConfigMap", "amazon-vpc-cni"): "kube-system"}
# What external-dns reads the host from, before v0.22 and since.
EXTERNAL_DNS = ["external-dns.alpha.kubernetes.io", "external-dns.kubernetes.io"]
# In a disaster a pod must start without anybody else's registry.
OWN_REGISTRY = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/")
# Kinds of EKS Auto Mode: no schema of theirs is published. What we set is checked by hand, below.
OF_EKS = {("eks.amazonaws.com/v1", "IngressClassParams"): {"scheme", "certificateARNs"}}


def render(folder: Path) -> list[dict[str, Any]]:
    """All objects of a kustomization, with its images put in."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    unknown = set(kustomization) - FIELDS
    if unknown:
        sys.exit(f"{folder}: this check does not know the kustomization's {sorted(unknown)}")
    objects: list[dict[str, Any]] = []
    for name in kustomization["resources"]:
        path = (folder / name).resolve()
        objects += render(path) if path.is_dir() else [o for o in yaml.safe_load_all(path.read_text()) if o]
    images = {image["name"]: f"{image['newName']}:{image['newTag']}" for image in kustomization.get("images", [])}
    for container in containers(objects):
        container["image"] = images.get(container["image"], container["image"])
    return objects


def containers(objects: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for thing in objects:
        pod = thing.get("spec", {}).get("template", {}).get("spec", {}) if isinstance(thing.get("spec"), dict) else {}
        yield from pod.get("initContainers", []) + pod.get("containers", [])


def faults(objects: list[dict[str, Any]]) -> Iterator[str]:
    """What is wrong with single objects."""
    for thing in objects:
        name = f"{thing['kind']} {thing['metadata']['name']}"
        known = OF_EKS.get((thing["apiVersion"], thing["kind"]))
        if known is not None:
            yield from (f"{name}: unknown field spec.{field}" for field in set(thing["spec"]) - known)
            continue
        for version in VERSIONS:
            try:
                kubernetes_validate.validate(thing, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                yield f"{name}, Kubernetes {version}: {'.'.join(map(str, error.path))}: {error.message}"


def loose_ends(objects: list[dict[str, Any]]) -> Iterator[str]:
    """Names that lead nowhere, which no schema sees."""
    names = {(thing["kind"], thing["metadata"]["name"]) for thing in objects}
    if len(names) != len(objects):
        yield "two objects of one kind and name"
    for container in containers(objects):
        for source in container.get("envFrom", []):
            if ("ConfigMap", source["configMapRef"]["name"]) not in names:
                yield f"container {container['name']}: no ConfigMap {source['configMapRef']['name']}"
        if not OWN_REGISTRY.match(container["image"]):
            yield f"container {container['name']}: image {container['image']} is not in the cluster's own registry"
        if ":" not in container["image"]:
            yield f"container {container['name']}: image {container['image']} has no version"
    for thing in objects:
        if thing["kind"] == "Ingress":
            backends = [p["backend"]["service"]["name"] for r in thing["spec"]["rules"] for p in r["http"]["paths"]]
            yield from (f"Ingress: no Service {name}" for name in backends if ("Service", name) not in names)
            hosts = {rule["host"] for rule in thing["spec"]["rules"]}
            named = {thing["metadata"].get("annotations", {}).get(f"{prefix}/hostname") for prefix in EXTERNAL_DNS}
            if len(named) != 1 or not named <= hosts:
                yield f"Ingress: external-dns is told {named}, by two prefixes, of the hosts {sorted(hosts)}"
            if ("IngressClass", thing["spec"]["ingressClassName"]) not in names:
                yield f"Ingress: no IngressClass {thing['spec']['ingressClassName']}"
        namespaced = thing["kind"] not in ("Namespace", "IngressClass", "IngressClassParams")
        wanted = OF_THE_CLUSTER.get((thing["kind"], thing["metadata"]["name"]), "todo") if namespaced else None
        if thing["metadata"].get("namespace") != wanted:
            yield f"{thing['kind']} {thing['metadata']['name']}: namespace {thing['metadata'].get('namespace')}"
    kinds = {kind for kind, _ in names}
    if "NetworkPolicy" in kinds and not OF_THE_CLUSTER.keys() <= names:
        yield "a NetworkPolicy that nothing enforces: there is no ConfigMap amazon-vpc-cni"


def main() -> None:
    target, wrong, right = Path(sys.argv[1]), 0, 0
    target.mkdir(parents=True, exist_ok=True)
    for folder in map(Path, sys.argv[2:]):
        objects = render(folder)
        found = [*faults(objects), *loose_ends(objects)]
        for fault in found:
            print(f"FAILED: {folder.name}: {fault}")
        wrong, right = wrong + len(found), right + len(objects)
        (target / f"{folder.name}.yaml").write_text(yaml.safe_dump_all(objects, sort_keys=False))
    print(f"Kubernetes {', '.join(VERSIONS)}: {right} passed, {wrong} failed")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
