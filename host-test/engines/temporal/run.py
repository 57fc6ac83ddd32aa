#!/usr/bin/env python3
"""Runs the workflows beside this file on Temporal, whose workers are killed; asserts what arrived.

usage: run.py [CASE …]   (all of proof/ by default)
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUPPORT = HERE.parent / "support"
sys.path.insert(0, str(SUPPORT))

import harness  # noqa: E402

REQUIREMENTS = HERE / "requirements.txt"
PACKAGE = harness.ROOT / "packages/python"
COMPONENT = "target/wasm32-unknown-unknown/release/wecom_connector_stepwise.wasm"


def pip(python: Path, *arguments: str | Path) -> None:
    command = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True)  # noqa: S603
    if ended.returncode:
        errors = [line for line in ended.stderr.splitlines() if line.startswith("ERROR:")]
        said = (errors or [harness.last_line(ended.stderr)])[-1]
        raise harness.Absent(f"Temporal or its SDK cannot be installed: {said}")


def environment() -> Path:
    """The Python of an environment with what is needed, below target/."""
    component = harness.component(COMPONENT, "cargo xtask stepwise", "WECOM_STEPWISE_COMPONENT")
    home = harness.TARGET / "temporal"
    python, complete = home / "bin" / "python", home / "complete"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not complete.is_file() or complete.read_text() != wanted:
        print(f"installing Temporal below {harness.TARGET}/", flush=True)
        try:
            venv.create(home, with_pip=True, clear=True)
        except (OSError, subprocess.CalledProcessError) as error:
            # Debian has it in a package of its own.
            raise harness.Absent(f"no Python environment can be made in {home}: {error}") from None
        pip(python, "install", "--only-binary", ":all:", "--require-hashes", "--requirement", REQUIREMENTS)
        complete.write_text(wanted)
    os.environ["WECOM_STEPWISE_COMPONENT"] = str(component)
    try:
        pip(python, "install", "--no-index", "--no-deps", "--no-build-isolation", "--force-reinstall", PACKAGE)
    except harness.Absent as error:
        # That is this repository's own.
        raise harness.Wrong(str(error)) from None
    return python


def run() -> None:
    python = environment()
    paths = os.pathsep.join(str(path) for path in (HERE, SUPPORT))
    os.execve(python, [str(python), "-m", "proof", *sys.argv[1:]], os.environ | {"PYTHONPATH": paths})  # noqa: S606


if __name__ == "__main__":
    harness.main("temporal", run)
