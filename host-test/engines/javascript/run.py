#!/usr/bin/env python3
"""Installs the JavaScript package into a folder of its own and runs send.mjs in it; asserts what arrived."""

import json
import os
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import harness  # noqa: E402

PACKAGE = harness.ROOT / "packages/js"
SAID = "not reached: [ 'nobody' ]\npermanent-rejected not-found 81013\n"


def program(name):
    """A program of Node.js."""
    path = shutil.which(name)
    if not path:
        raise harness.Absent(f"there is no {name}")
    return path


def ran(words, **options):
    """What a command prints; it must succeed."""
    ended = harness.run(words, timeout=300, **options)
    harness.check(ended.returncode == 0, f"{Path(words[0]).name} {words[1]} fails: {harness.last_line(ended.stderr)}")
    return ended.stdout


def given():
    """The package in $WECOM_NPM_PACKAGE, or none where it can be made."""
    if path := os.environ.get("WECOM_NPM_PACKAGE"):
        if not Path(path).is_file():
            raise harness.SetupError(f"there is no package {path}")
        return Path(path).resolve()
    if not (PACKAGE / "node_modules").is_dir():
        raise harness.Absent(f"the package cannot be made: npm ci in {PACKAGE.relative_to(harness.ROOT)} comes first")
    return None


def component():
    """The component that the package is made of."""
    return harness.component("target/wasm32-unknown-unknown/release/wecom_connector_stepwise.wasm",
                             "cargo xtask stepwise", "WECOM_STEPWISE_COMPONENT")


def made(npm):
    """The package, made of the component."""
    folder = harness.TARGET / "javascript"
    folder.mkdir(parents=True, exist_ok=True)
    printed = ran([npm, "pack", "--json", "--pack-destination", folder], cwd=PACKAGE,
                  env=os.environ | {"WECOM_STEPWISE_COMPONENT": str(component())})
    # What the build prints comes first.
    return folder / json.loads(printed[printed.index("\n[") if not printed.startswith("[") else 0:])[0]["filename"]


def run():
    component()
    node, npm = program("node"), program("npm")
    file = given()
    home = harness.TARGET / "javascript/home"
    with harness.Simulator() as simulator:
        file = file or made(npm)
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        (home / "package.json").write_text('{"private": true, "type": "module"}\n')
        ran([npm, "install", "--no-audit", "--no-fund", "--offline", file], cwd=home)
        shutil.copy(HERE / "send.mjs", home)
        said = ran([node, "send.mjs"], cwd=home, env=os.environ | simulator.environment)
        arrived = simulator.arrived(3)
    harness.check(said == SAID, f"send.mjs printed {said!r}")
    wanted = [("gettoken", 0), ("message/send", 0), ("message/send", 81013)]
    got = [(path, errcode) for _, path, _, errcode in arrived]
    harness.check(got == wanted, f"what arrived is {harness.brief(arrived)}")
    print(said, end="")
    print("the package was installed, and a message sent with it")


if __name__ == "__main__":
    harness.main("javascript", run)
