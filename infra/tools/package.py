"""Builds the functions' deployment packages: <out>/<function>-<architecture>.zip, the same bytes for the same input.

What would differ from one build to the next is taken out: paths of this machine are mapped away in the binary, and the
archive has one file with a fixed time and mode, stored as it is: compressors differ between machines.
"""

import argparse
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

TARGETS = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}
FLAGS = {"arm64": "--arm64", "x86_64": "--x86-64"}
# ZIP knows no earlier time.
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("functions", nargs="+", help="the functions' names")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder of the packages")
    parser.add_argument("--architecture", action="append", choices=sorted(TARGETS), required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for architecture in arguments.architecture:
        require_target(TARGETS[architecture])
        for function, binary in build(architecture, arguments.functions).items():
            package = arguments.out / f"{function}-{architecture}.zip"
            pack(binary, package)
            content = package.read_bytes()
            print(f"{package}  {len(content) / 1e6:.1f} MB  sha256 {hashlib.sha256(content).hexdigest()}", flush=True)


def require_target(target):
    """Rust's standard library for the target: rustup installs it where it can."""
    if library_of(target).is_dir():
        return
    rustup = shutil.which("rustup")
    added = rustup and subprocess.run([rustup, "target", "add", target], capture_output=True, check=False).returncode == 0
    if not added or not library_of(target).is_dir():
        sys.exit(f"Rust's standard library for {target} is missing: rustup target add {target}")


def library_of(target):
    command = ["rustc", "--print", "target-libdir", "--target", target]
    return pathlib.Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())


def build(architecture, functions):
    """The functions' binaries by name, built in a folder of their own: their flags are not those of `make build`."""
    target_directory = pathlib.Path("target/package-build").absolute()
    home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo")).absolute()
    away = {pathlib.Path.cwd(): "/src", home: "/cargo"}
    environment = os.environ | {
        "CARGO_TARGET_DIR": str(target_directory),
        "RUSTFLAGS": " ".join(f"--remap-path-prefix={path}={name}" for path, name in away.items()),
        # cargo-lambda looks for zig by `python3 -m ziglang`.
        "PATH": f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    print(f"package: building {', '.join(functions)} for {architecture}", flush=True)
    command = ["cargo-lambda", "lambda", "build", "--release", "--locked", FLAGS[architecture]]
    for function in functions:
        command += ["--package", function]
    subprocess.run(command, env=environment, check=True)
    release = target_directory / TARGETS[architecture] / "release"
    found = {function: release / function for function in functions}
    lambdas = {function: target_directory / "lambda" / function / "bootstrap" for function in functions}
    return {name: lambdas[name] if lambdas[name].is_file() else path for name, path in found.items()}


def pack(binary, package):
    entry = zipfile.ZipInfo("bootstrap", LONG_AGO)
    entry.external_attr = 0o755 << 16
    entry.create_system = 3  # Unix, or the mode would not count.
    entry.compress_type = zipfile.ZIP_STORED
    partial = package.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w") as archive:
        archive.writestr(entry, binary.read_bytes())
    partial.replace(package)


if __name__ == "__main__":
    main()
