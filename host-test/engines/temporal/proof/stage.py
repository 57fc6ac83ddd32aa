"""Temporal, its workers and a receiver as processes on loopback, before a simulator of WeCom."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import urllib.request
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import harness
from misbehaving_proxy import Proxy
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ActivityError, ApplicationError

from proof.leaks import SEARCHABLE, Kept
from proof.processes import PATIENCE, Process, free_port, until, until_so
from workflows import TASK_QUEUE, Call, CallAction

BEAT = 3.0
"""How long nothing is heard of a worker until it counts as lost, where one is killed: nobody waits for it here."""
STEADY = 30.0
"""The same where none is: a busy machine is not taken for a lost one."""


class Temporal:
    """Temporal's development server, with a namespace for each stage."""

    def __init__(self, stack: ExitStack, folder: Path, namespaces: Sequence[str]) -> None:
        self._stack, self._folder, self._namespaces = stack, folder, namespaces
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._database = folder / "temporal.db"
        self._started = 0
        self.process: Process

    def start(self) -> None:
        """Also once more, with what it has kept."""
        command: list[str | Path] = [Path(sys.prefix, "bin", "temporal"), "server", "start-dev", "--headless"]
        command += ["--ip", "127.0.0.1", "--port", str(self.port), "--log-level", "error"]
        command += ["--db-filename", self._database, "--search-attribute", f"{SEARCHABLE}=Keyword"]
        for namespace in self._namespaces:
            command += ["--namespace", namespace]
        self._started += 1
        log = self._folder / f"temporal-{self._started}.log"
        process = Process(command, log, "Temporal Server", plain_environment())
        self.process = self._stack.enter_context(process)

    def kill(self) -> None:
        self.process.kill()


def plain_environment() -> dict[str, str]:
    """Without what a developer has set."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("WECOM_", "TEMPORAL_"))}


class Stage:
    """Everything that a case needs: a simulator, a namespace of Temporal's, workers."""

    def __init__(self, stack: ExitStack, temporal: Temporal, namespace: str, folder: Path, kept: Kept) -> None:
        self._stack, self.temporal, self._namespace, self.kept = stack, temporal, namespace, kept
        self.secret_files = folder / "held"
        """Files that have secrets."""
        self.folder = folder / "written"
        """What the workers and the receiver write."""
        self.secret_files.mkdir(parents=True)
        self.folder.mkdir()
        self.simulator = stack.enter_context(harness.Simulator())
        self.proxy = stack.enter_context(Proxy(self.simulator.base_url))
        self.environment = {
            **plain_environment(),
            "TEMPORAL_ADDRESS": temporal.address,
            "TEMPORAL_NAMESPACE": namespace,
            "PYTHONPATH": "",
        }
        self.callback_keys = {
            "token": uuid.uuid4().hex,
            "encoding_aes_key": "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt",
        }
        self.receiver: Process | None = None
        self.notes: list[str] = []
        """What a case has to say besides that all is as it should be."""
        self.workers: list[Process] = []
        self._started = 0
        self.client: Client

    async def connect(self) -> None:
        self.client = await Client.connect(self.temporal.address, namespace=self._namespace)

    def leave(self) -> None:
        """Tells what is to be searched, and for what."""
        self.kept.namespaces[self._namespace] = self.client
        self.kept.folders[self._namespace] = self.folder
        self.kept.secrets.update({f"{self._namespace}: {what}": secret for what, secret in self.secrets().items()})

    def connections(self, **more: Any) -> Path:
        """The file of the workers' connections."""
        path = self.secret_files / f"connections{len(more) or ''}.json"
        if path.exists():
            return path
        names = ("type", "corp_id", "app_secret", "contacts_secret", "agent_id", "chatbot_key")
        held = dict(more)
        for name, given in {"hr": self.simulator.application, "alerts": self.simulator.chatbot}.items():
            held[name] = {field: given[field] for field in names if given.get(field)}
            held[name]["base_url"] = self.proxy.base_url
        path.write_text(json.dumps(held))
        return path

    def secrets(self) -> dict[str, str]:
        """What must be in no history and no log: each with what it is."""
        given = {**self.simulator.application, **self.simulator.chatbot}
        named = {name: given[name] for name in ("app_secret", "contacts_secret", "chatbot_key")}
        tokens = {f"access token {index}": token for index, token in enumerate(self.proxy.tokens)}
        return {**named, **tokens, **{f"callback {name}": value for name, value in self.callback_keys.items()}}

    async def start_workers(self, count: int) -> None:
        """So many, or as many as are missing."""
        await asyncio.gather(*[self.start_worker() for _ in range(count - len(self.workers))])

    async def start_worker(self, *options: str, forked: bool = True, **environment: str) -> Process:
        """One more. It need not be forked where its environment has to be there from the beginning."""
        given = {"WECOM_CONNECTIONS": str(self.connections()), **environment}
        command = ["worker.py", *options]
        worker = await self.start("worker", command, "activities, connections:", given, forked=forked)
        self.workers.append(worker)
        return worker

    async def start(
        self, name: str, arguments: Sequence[str], ready: str, environment: dict[str, str], *, forked: bool = True
    ) -> Process:
        """A program in Python."""
        self._started += 1
        log = self.folder / f"{name}-{self._started}.log"
        command = [*arguments] if forked else [sys.executable, *arguments]
        process = Process(command, log, ready, self.environment | environment, forked=forked)
        started: Process = await asyncio.to_thread(self._stack.enter_context, process)
        return started

    async def kill_workers(self) -> None:
        """All of them, at once."""
        await asyncio.gather(*[asyncio.to_thread(worker.kill) for worker in self.workers])
        self.workers.clear()

    async def limit_next(self) -> None:
        """WeCom refuses the next call, since there were too many."""
        await asyncio.to_thread(self._limit_next)

    def _limit_next(self) -> None:
        faults = json.dumps([{"errcode": 45009, "errmsg": "api freq out of limit"}]).encode()
        urllib.request.urlopen(f"{self.simulator.base_url}/simulator/faults", faults, timeout=10).close()  # noqa: S310

    # Calls.

    async def begin(
        self, action: str, parameters: Any, connection: Any = "hr", **options: Any
    ) -> WorkflowHandle[CallAction, dict[str, Any]]:
        """Begins a workflow of one action."""
        call = Call(action, parameters, connection, **{"heartbeat_seconds": STEADY, **options})
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

    async def kill_worker_of(self, handle: WorkflowHandle[Any, Any]) -> None:
        """Kills the worker that has the activity, and lets the request that is held get no answer."""
        worker = self.worker_of(await self.pending(handle))
        await asyncio.to_thread(worker.kill)
        self.workers.remove(worker)
        self.proxy.release()

    async def held(self) -> None:
        """Until the proxy holds a request."""
        await until_so("a request", self.proxy.is_held)

    async def delivered(self, text: str) -> int:
        """How many messages with that text members have got: what WeCom dropped as a duplicate is not among them."""
        return await asyncio.to_thread(self._delivered, text)

    def _delivered(self, text: str) -> int:
        with urllib.request.urlopen(f"{self.simulator.base_url}/simulator/messages", timeout=10) as answer:  # noqa: S310
            return sum(text in json.dumps(message["body"], ensure_ascii=False) for message in json.load(answer))

    async def arrived(self) -> list[tuple[str, Any, int]]:
        """The requests since the last time, without those for tokens: path, body, and WeCom's answer."""
        requests = await asyncio.to_thread(self.simulator.so_far)
        return [(path, body, errcode) for _, path, body, errcode in requests if path != "gettoken"]


async def failure(handle: WorkflowHandle[Any, Any]) -> ApplicationError:
    """How an action failed, as its workflow saw it."""
    try:
        result = await asyncio.wait_for(handle.result(), PATIENCE)
    except WorkflowFailureError as error:
        if isinstance(error.cause, ActivityError) and isinstance(error.cause.cause, ApplicationError):
            return error.cause.cause
        raise harness.Wrong(f"the workflow failed otherwise: {error.cause!r}") from None
    raise harness.Wrong(f"the workflow did not fail: {result}")
