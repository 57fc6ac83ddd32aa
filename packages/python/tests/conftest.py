"""What all tests are given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import (
    REPOSITORY,
    Authority,
    Serve,
    Server,
    Simulator,
    answer,
    cut_off,
    ok,
    read_request,
    reset,
    reset_after_request,
    serving,
    silent,
    simulating,
)

__all__ = [
    "REPOSITORY",
    "Authority",
    "Serve",
    "Server",
    "Simulator",
    "answer",
    "cut_off",
    "ok",
    "read_request",
    "reset",
    "reset_after_request",
    "serving",
    "silent",
]


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with simulating() as running:
        yield running


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)
