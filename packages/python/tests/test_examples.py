"""The samples of the README, as they stand there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from conftest import Simulator

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(name: str, simulator: Simulator) -> list[str]:
    connection = simulator.application()
    values = {variable: getattr(connection, field) for field, variable in connection.VARIABLES.items()}
    given = {variable: str(value) for variable, value in values.items() if value is not None}
    command = [sys.executable, str(EXAMPLES / name)]
    done = subprocess.run(command, env={**os.environ, **given}, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()


def test_send(simulator: Simulator) -> None:
    assert run("send.py", simulator) == ["not reached: ['nobody']", "not-found 81013"]


def test_send_async(simulator: Simulator) -> None:
    *sent, refused = sorted(run("send_async.py", simulator), key=lambda line: line.startswith("nobody"))
    assert sorted(sent) == ["lisi: sent", "zhangsan: sent"]
    assert refused.startswith("nobody: push-text-message: ")
    assert "81013" in refused
    assert len(simulator.at("gettoken")) == 1
