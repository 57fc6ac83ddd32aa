"""Processes whose output is read, and what is waited for."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import ClassVar, TypeVar

import harness

HERE = Path(__file__).resolve().parent.parent
T = TypeVar("T")

PATIENCE = 60.0
"""Seconds. Machines have other things to do."""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


async def until(what: str, found: Callable[[], Awaitable[T]], seconds: float = PATIENCE) -> T:
    """What `found` finds, once it finds something."""
    end = time.monotonic() + seconds
    while not (value := await found()):
        harness.check(time.monotonic() < end, f"in {seconds:g} s: not {what}")
        await asyncio.sleep(0.05)
    return value


async def until_so(what: str, is_so: Callable[[], bool]) -> None:
    """Returns once it is so."""

    async def found() -> bool:
        return is_so()

    await until(what, found)


class Forked:
    """A Python program in a process of its own, as `subprocess.Popen` shows one.

    It is forked from a process that has imported already what all of them import: that is most of what starting one
    takes. What runs is the program as `python` runs it.
    """

    def __init__(self, arguments: Sequence[str], environment: dict[str, str], log: Path) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["worker", "receiver", "start", "uvicorn.main"])
        self._process: ForkServerProcess = context.Process(
            target=_run, args=([*arguments], environment, str(log)), daemon=True
        )
        self._process.start()
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.pid and self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _run(arguments: list[str], environment: dict[str, str], log: str) -> None:
    with Path(log).open("ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(HERE)
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


class Process(harness.Started):
    """A process that writes into a file."""

    process: subprocess.Popen[bytes] | Forked
    started: ClassVar[list[Process]] = []

    def __init__(
        self, command: Sequence[str | Path], log: Path, ready: str, environment: dict[str, str], *, forked: bool = False
    ) -> None:
        self.command, self.log, self.environment = command, log, environment
        self._ready, self._forked = ready, forked

    def __enter__(self) -> Process:
        # In a thread, which no signal interrupts.
        try:
            self.process = self.popen()
            self.ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # There is nothing that it would have to bring to an end.
        if self.process:
            self.kill()

    def popen(self) -> subprocess.Popen[bytes] | Forked:
        process = self._popen()
        self.started.append(self)
        return process

    def _popen(self) -> subprocess.Popen[bytes] | Forked:
        if self._forked:
            self.log.touch()
            return Forked([str(part) for part in self.command], self.environment, self.log)
        with self.log.open("wb") as log:
            return subprocess.Popen(  # noqa: S603
                self.command, cwd=HERE, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def ready(self) -> None:
        end = time.monotonic() + PATIENCE
        while self._ready not in self.said():
            if self.process.poll() is not None or time.monotonic() > end:
                raise harness.SetupError(f"{self.log.stem} did not start: {harness.last_line(self.said())}")
            time.sleep(0.05)

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Asks it to end."""
        self.process.send_signal(signal.SIGTERM)

    @classmethod
    def stop_all(cls) -> None:
        """Also those that were being started while everything ended."""
        for one in cls.started:
            one.__exit__()
