#!/usr/bin/env python3
"""Writes a Terraform CLI configuration that takes the AWS provider from this machine when it is here.

Usage: terraform_config.py <file to write> <plugin cache folder> <oldest version, such as 5.100>

A provider is 700 MB. Many machines keep one in a local mirror; then nothing is downloaded. Otherwise the caller's own
configuration counts, if there is one, and else the registry with a cache, so that it is downloaded once.
"""

import os
import re
import sys
from pathlib import Path

PROVIDER = "registry.terraform.io/hashicorp/aws"
PREFIXES = [
    "/opt/tf-plugins",
    "/opt/terraform/plugins",
    "/opt/terraform/providers",
    "/usr/share/terraform/plugins",
    "/usr/share/terraform/providers",
    "/usr/local/share/terraform/plugins",
    "/usr/local/share/terraform/providers",
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
]

MIRROR = """\
# The AWS provider was found on this machine.
disable_checkpoint = true
provider_installation {{
  filesystem_mirror {{
    path    = "{mirror}"
    include = ["{provider}"]
  }}
  direct {{
    exclude = ["{provider}"]
  }}
}}
"""

REGISTRY = """\
# No local mirror was found: the registry, once for all folders.
disable_checkpoint = true
plugin_cache_dir   = "{cache}"
plugin_cache_may_break_dependency_lock_file = true
"""


def mirror(oldest: tuple[int, ...]) -> Path | None:
    """The first mirror that has a provider of this major version that is new enough, unpacked or packed."""
    for prefix in PREFIXES:
        folder = Path(prefix).expanduser()
        for path in (folder / PROVIDER).glob("*"):
            name = re.fullmatch(r"(?:terraform-provider-aws_)?(\d+)\.(\d+)\.(\d+)(?:_.*\.zip)?", path.name)
            version = tuple(map(int, name.groups())) if name else ()
            if version[:1] == oldest[:1] and version >= oldest:
                return folder
    return None


def main() -> None:
    target, cache = Path(sys.argv[1]), Path(sys.argv[2]).resolve()
    found = mirror(tuple(map(int, sys.argv[3].split("."))))
    own = os.environ.get("TF_CLI_CONFIG_FILE") or str(Path("~/.terraformrc").expanduser())
    if found:
        text, where = MIRROR.format(mirror=found, provider=PROVIDER), f"the mirror {found}"
    elif Path(own).is_file() and Path(own).resolve() != target.resolve():
        text, where = Path(own).read_text(), f"what {own} says"
    else:
        cache.mkdir(parents=True, exist_ok=True)
        text, where = REGISTRY.format(cache=cache), "the Terraform registry"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    print(f"infra: the AWS provider comes from {where}")


if __name__ == "__main__":
    main()
