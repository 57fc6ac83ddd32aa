"""Where Temporal is, and how a process that has talked to it ends."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from temporalio.client import Client
from temporalio.envconfig import ClientConfig

DEFAULT = "localhost:7233"
"""Where `temporal server start-dev` is."""


async def connect() -> Client:
    """By `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY` …, or by Temporal's own file of profiles."""
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", DEFAULT)
    return await Client.connect(**config)


def leave(problem: str | None = None) -> NoReturn:
    """Ends the process without Python's own cleaning up, in which threads of Temporal's SDK may abort it after all is
    done: https://github.com/temporalio/sdk-python/issues/300."""
    if problem:
        print(problem, file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1 if problem else 0)
