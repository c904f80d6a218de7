"""Puts new code into functions that are installed already, with cargo-lambda, as `cargo lambda deploy` would by hand.

Terraform makes the functions and owns everything else about them; it takes the new code as its own at the next apply,
because both deploy the packages that `make package` built. A function that is not there yet is made by cargo-lambda, with a
role of its own that can only log: it needs the policies of infra/modules/responder before it can do anything.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import zipfile


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("functions", nargs="+", help="the functions' names")
    parser.add_argument("--packages", type=pathlib.Path, required=True, help="folder of the packages")
    parser.add_argument("--architecture", choices=["arm64", "x86_64"], required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--name", required=True, help="the installation's name, which the functions' names begin with")
    parser.add_argument("--endpoint-url", help="another AWS, such as an emulated one")
    arguments = parser.parse_args()
    packages = {name: arguments.packages / f"{name}-{arguments.architecture}.zip" for name in arguments.functions}
    missing = [str(path) for path in packages.values() if not path.is_file()]
    if missing:
        sys.exit(f"{', '.join(missing)} is missing: make package ARCHITECTURES={arguments.architecture}")
    for name, package in packages.items():
        deploy(arguments, name, package)


def deploy(arguments, name, package):
    function = f"{arguments.name}-{name}"
    print(f"deploy: {function} in {arguments.region}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(package) as archive:
            archive.extract("bootstrap", folder)
        binary = pathlib.Path(folder) / "bootstrap"
        binary.chmod(0o755)
        command = [pathlib.Path(sys.executable).parent / "cargo-lambda", "lambda", "deploy", "--region", arguments.region]
        command += ["--binary-path", binary]
        if arguments.endpoint_url:
            command += ["--endpoint-url", arguments.endpoint_url]
        done = subprocess.run([*map(str, command), function], check=False)
    if done.returncode != 0:
        sys.exit(f"{function} in {arguments.region} was not deployed: cargo lambda deploy ended with {done.returncode}")


if __name__ == "__main__":
    main()
