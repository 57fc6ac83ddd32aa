"""Runs all cases, or those that are named. run.py starts it in an environment that has what it needs."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path

import harness
from temporalio.client import Client

from proof import approval, kills, outcomes, wrong
from proof.stage import Stage
from service import leave

CASES: list[Callable[[Stage], Awaitable[None]]] = [
    *outcomes.ALL,
    *kills.ALL,
    *approval.ALL,
    *wrong.ALL,
    # Samples run side by side, and some delete members that the others need.
    outcomes.every_action_is_an_activity,
    # In what all of them have left.
    outcomes.no_secret_is_kept,
]


async def play(stage: Stage, names: list[str]) -> None:
    stage.client = await Client.connect(stage.address)
    for case in CASES:
        if names and case.__name__ not in names:
            continue
        while len(stage.workers) < 2:
            await asyncio.to_thread(stage.start_worker)
        print(f"{case.__name__.replace('_', ' ')} …", flush=True)
        stage.arrived()
        began = time.monotonic()
        await case(stage)
        print(f"    as it should be, {time.monotonic() - began:.1f} s", flush=True)


def run() -> None:
    names = sys.argv[1:]
    if unknown := set(names) - {case.__name__ for case in CASES}:
        known = ", ".join(case.__name__ for case in CASES)
        raise harness.Trouble(f"there is no case {', '.join(sorted(unknown))}; there are {known}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        asyncio.run(play(Stage(stack, Path(folder)), names))
    print(f"{len(names) or len(CASES)} cases, {time.monotonic() - began:.0f} s: all as they should be")


if __name__ == "__main__":
    try:
        harness.main("temporal", run)
    except SystemExit as ended:
        # As in service.leave, but with the harness's own statuses.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(ended.code or 0))
    leave()
