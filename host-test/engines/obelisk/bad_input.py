#!/usr/bin/env python3
"""Where something is missing or wrong, run.py ends with one line, the right status, and nothing left running."""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import engine  # noqa: E402
import harness  # noqa: E402
from bad_input import MARK, ends, other_version, running  # noqa: E402

BUILD = 900  # seconds: the first run builds the workflow


def absent():
    """Without an engine, in a place where none is found."""
    if engine.INSTALLED.is_file():
        print("obelisk, absent: not tried, since it is installed below target/", flush=True)
        return
    found = [folder for folder in os.environ["PATH"].split(os.pathsep) if not (Path(folder) / "obelisk").exists()]
    ends("obelisk", 77, f"there is no Obelisk 0.38.3: {engine.BUILD}", what="absent", OBELISK="",
         PATH=os.pathsep.join(found))


def interrupted(line):
    """Ends the script after a line that it prints, while Obelisk runs."""
    with subprocess.Popen(
        [HERE / "run.py"], env=os.environ | dict([MARK]), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        encoding="utf-8",
    ) as process:
        while process.stdout.readline().rstrip() not in [line, ""]:
            pass
        during = running()
        process.terminate()
        _, words = process.communicate(timeout=60)
    harness.check(any("server run" in one for one in during), f"interrupted too late: {during}")
    harness.check(process.returncode == 130, f"interrupted: status {process.returncode}: {words}")
    left = running()
    harness.check(not left, f"interrupted: these run on: {left}")
    print(f"obelisk, interrupted: {words.strip()}", flush=True)


def run():
    with tempfile.TemporaryDirectory() as folder, socket.socket() as taken:
        folder = Path(folder)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        none = str(folder / "none")
        absent()
        ends("obelisk", 2, "there is no component .*: cargo build --release", what="no component", WECOM_COMPONENT=none)
        ends("obelisk", 2, "there is no .*none$", what="no engine", OBELISK=none)
        ends("obelisk", 2, "is version 1.2.3, and 0.38.x is needed", what="another version",
             OBELISK=other_version(folder, "obelisk"))
        engine.program()  # without it nothing more can be shown
        ends("obelisk", 2, "there is no simulator .*cargo build -p host-test", what="no simulator",
             WECOM_HOST_TEST=none)
        ends("obelisk", 2, "the deployment .* cannot be read", none, what="no deployment")
        ends("obelisk", 2, "OBELISK_PORT is 'abc'", what="no port", seconds=BUILD,
             OBELISK_PORT="abc")
        ends("obelisk", 2, f"Obelisk did not start: cannot bind to 127.0.0.1:{port}: Address already in use",
             what="port taken", seconds=BUILD, OBELISK_PORT=port)
        denying = folder / "deployment.toml"
        text = (HERE / "deployment.toml").read_text(encoding="utf-8")
        denying.write_text(text.replace('pattern = "${WECOM_BASE_URL:-', 'pattern = "${NO_SUCH_VARIABLE:-'),
                           encoding="utf-8")
        ends("obelisk", 1, "the deployment does not allow it: outgoing HTTP GET request to http://127.0.0.1:.* denied$",
             str(denying), what="the deployment denies", seconds=BUILD)
        interrupted("new hire 1:")


if __name__ == "__main__":
    harness.main("bad_input", run)
