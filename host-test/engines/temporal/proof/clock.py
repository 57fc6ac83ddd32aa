"""The clock of another machine, which goes wrong: for a whole process, by Debian's libfaketime."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import harness

LIBRARY = "libfaketimeMT.so.1"


def shifted(seconds: int) -> dict[str, str]:
    """The environment of a process that has it, from its beginning."""
    # Only the time of day: how long something takes is right on every machine.
    return {"LD_PRELOAD": str(_library()), "FAKETIME": f"{seconds:+d}", "DONT_FAKE_MONOTONIC": "1"}


_CLOCKS = "import time, datetime as d; print(time.time(), time.time_ns() / 1e9, d.datetime.now().timestamp())"


def check(environment: dict[str, str], seconds: int) -> None:
    """Whether each clock that tells the time of day to a program in Python is shifted."""
    command = [sys.executable, "-c", _CLOCKS]
    told = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)  # noqa: S603
    shifts = [float(text) - time.time() for text in told.stdout.split()]
    harness.check(
        len(shifts) == 3 and all(abs(shift - seconds) < 3600 for shift in shifts), f"clocks that are off by {shifts}"
    )


def _library() -> Path:
    folder = harness.TARGET / "libfaketime"
    if not folder.exists():
        for program in ("apt-get", "dpkg"):
            if not shutil.which(program):
                raise harness.Absent(f"there is no {program} to get libfaketime with")
        with tempfile.TemporaryDirectory(dir=harness.TARGET) as name:
            unpacked = Path(name, "unpacked")
            for command in (["apt-get", "-q", "download", "libfaketime"], ["dpkg", "-x", "PACKAGE", str(unpacked)]):
                given = [part.replace("PACKAGE", next(map(str, Path(name).glob("*.deb")), "")) for part in command]
                ended = subprocess.run(given, cwd=name, capture_output=True, text=True)  # noqa: S603
                if ended.returncode:
                    raise harness.Absent(f"libfaketime cannot be had: {harness.last_line(ended.stderr)}")
            # Another run may have been quicker.
            with suppress(OSError):
                unpacked.rename(folder)
    found = [*folder.rglob(LIBRARY)]
    if not found:
        raise harness.Absent(f"Debian's package holds no {LIBRARY}")
    return found[0]
