"""Runs all cases, or those that are named. run.py starts it in an environment that has what it needs."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import pkgutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import harness
from temporalio.client import WorkflowFailureError

import proof
from proof import approval, kills, outcomes, readme, secrecy, wrong
from proof.group import Case, Group
from proof.leaks import Kept
from proof.processes import Process
from proof.stage import Stage, Temporal
from service import leave

# What takes longest comes first.
GROUPS = [*outcomes.GROUPS, *kills.GROUPS, *approval.GROUPS, *wrong.GROUPS, readme.GROUP]
# In what all of them have left.
LAST = secrecy.GROUP
LONGEST = 180
"""Seconds that a case may take, on a machine however busy."""
AT_ONCE = 8
"""How many groups play at once: most of the time each of them waits."""


class Play:
    """The groups, side by side: each has a simulator, a namespace and workers of its own."""

    def __init__(self, stack: ExitStack, folder: Path, names: list[str]) -> None:
        self._stack, self._folder, self._names = stack, folder, names
        self._kept = Kept()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._temporal: Temporal
        self.skipped: list[str] = []

    async def run(self) -> None:
        # Threads wait for processes and for what the proxies hold.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(64))
        groups = [group for group in GROUPS if self._cases(group)]
        shared = [group.name for group in [*groups, LAST] if not group.own_server]
        self._temporal = await self._server("shared", shared)
        tasks = [asyncio.create_task(self._play(group)) for group in groups]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if self._cases(LAST):
            await self._play(LAST)

    def _cases(self, group: Group) -> list[Case]:
        return [case for case in group.cases if not self._names or case.__name__ in self._names]

    async def _server(self, name: str, namespaces: list[str]) -> Temporal:
        folder = self._folder / f"temporal-{name}"
        folder.mkdir()
        temporal = Temporal(self._stack, folder, namespaces)
        await asyncio.to_thread(temporal.start)
        self._kept.folders[folder.name] = folder
        return temporal

    async def _play(self, group: Group) -> None:
        async with self._turns:
            temporal = await self._server(group.name, [group.name]) if group.own_server else self._temporal
            with ExitStack() as stack:
                stage = Stage(stack, temporal, group.name, self._folder / group.name, self._kept)
                await stage.connect()
                for case in self._cases(group):
                    await stage.start_workers(group.workers)
                    await stage.arrived()
                    began = time.monotonic()
                    try:
                        await asyncio.wait_for(case(stage), LONGEST)
                    except asyncio.TimeoutError:
                        raise harness.Wrong(f"{spoken(case)}: not done in time") from None
                    except harness.Absent as reason:
                        self.skipped.append(f"{spoken(case)}: {reason}")
                        continue
                    except WorkflowFailureError as failed:
                        raise harness.Wrong(f"{spoken(case)}: a workflow failed: {failed.cause!r}") from None
                    except harness.Wrong as wrong:
                        raise harness.Wrong(f"{spoken(case)}: {wrong}") from None
                    lines = [f"{spoken(case)}: as it should be, {time.monotonic() - began:.1f} s", *stage.notes]
                    stage.notes.clear()
                    print("\n    ".join(lines), flush=True)
                stage.leave()


def spoken(case: Case) -> str:
    return case.__name__.replace("_", " ")


def forgotten(known: list[str]) -> list[str]:
    """Cases that no group has. A case is what takes a stage and nothing else, and returns nothing."""
    modules = [importlib.import_module(f"proof.{module.name}") for module in pkgutil.iter_modules(proof.__path__)]
    return [
        name
        for module in modules
        for name, function in inspect.getmembers(module, inspect.iscoroutinefunction)
        if function.__module__ == module.__name__ and name not in known
        if inspect.get_annotations(function, eval_str=True) == {"stage": Stage, "return": None}
    ]


def run() -> None:
    names = sys.argv[1:]
    known = [case.__name__ for group in [*GROUPS, LAST] for case in group.cases]
    if missing := forgotten(known):
        raise harness.Wrong(f"in no group: {', '.join(missing)}")
    if unknown := set(names) - set(known):
        raise harness.SetupError(f"there is no case {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        play = Play(stack, Path(folder), names)
        stack.callback(Process.stop_all)
        asyncio.run(play.run())
    for reason in play.skipped:
        print(f"skipped: {reason}")
    count = len(names or known) - len(play.skipped)
    print(f"{count} cases, {time.monotonic() - began:.0f} s: all as they should be")


if __name__ == "__main__":
    try:
        harness.main("temporal", run)
    except SystemExit as ended:
        # As in service.leave, but with the harness's own statuses.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(ended.code or 0))
    leave()
