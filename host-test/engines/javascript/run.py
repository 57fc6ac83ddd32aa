#!/usr/bin/env python3
"""Installs the Node.js package into a folder of its own and runs send.mjs in it; asserts what arrived."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import stage  # noqa: E402

PALETTE = stage.ROOT / "host-test/node-red"
SAID = "not reached: [ 'nobody' ]\npermanent-rejected not-found 81013\n"


def program(name):
    """A program of Node.js."""
    path = shutil.which(name)
    if not path:
        raise stage.Absent(f"there is no {name}")
    return path


def ran(words, **options):
    """What a command prints; it must succeed."""
    ended = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", timeout=300, **options)
    stage.check(ended.returncode == 0, f"{Path(words[0]).name} {words[1]} fails: {stage.last_line(ended.stderr)}")
    return ended.stdout


def given():
    """The package in $WECOM_NPM_PACKAGE, or none where it can be made."""
    if path := os.environ.get("WECOM_NPM_PACKAGE"):
        if not Path(path).is_file():
            raise stage.Trouble(f"there is no package {path}")
        return Path(path).resolve()
    if not (PALETTE / "node_modules").is_dir():
        raise stage.Absent(f"the package cannot be made: npm ci in {PALETTE.relative_to(stage.ROOT)} comes first")
    return None


def made(npm):
    """The package, made of the component."""
    folder = stage.TARGET / "javascript"
    folder.mkdir(parents=True, exist_ok=True)
    printed = ran([npm, "pack", "--json", "--pack-destination", folder], cwd=PALETTE,
                  env=os.environ | {"WECOM_COMPONENT": str(stage.component())})
    # What the build prints comes first.
    return folder / json.loads(printed[printed.index("\n[") if not printed.startswith("[") else 0:])[0]["filename"]


def run():
    stage.component()
    node, npm = program("node"), program("npm")
    file = given()
    home = stage.TARGET / "javascript/home"
    with stage.Simulator() as simulator:
        file = file or made(npm)
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        (home / "package.json").write_text('{"private": true, "type": "module"}\n')
        ran([npm, "install", "--no-audit", "--no-fund", "--prefer-offline", file], cwd=home)
        shutil.copy(HERE / "send.mjs", home)
        said = ran([node, "send.mjs"], cwd=home, env=os.environ | simulator.environment)
        arrived = simulator.arrived(3)
    stage.check(said == SAID, f"send.mjs printed {said!r}")
    wanted = [("gettoken", 0), ("message/send", 0), ("message/send", 81013)]
    stage.check([(path, errcode) for _, path, _, errcode in arrived] == wanted, f"what arrived is {stage.brief(arrived)}")
    print(said, end="")
    print("the package was installed, and a message sent with it")


if __name__ == "__main__":
    stage.main("javascript", run)
