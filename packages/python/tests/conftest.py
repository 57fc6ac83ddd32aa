"""What all tests are given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support import REPOSITORY, Serve, Server, Simulator, ok, read_request, serving, simulating

__all__ = ["REPOSITORY", "Serve", "Server", "Simulator", "ok", "read_request", "serving"]


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with simulating() as running:
        yield running
