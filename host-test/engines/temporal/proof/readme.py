"""What README says to do, done: in both languages, with the simulator as WeCom."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
from pathlib import Path
from unittest import mock

import harness
from temporalio.client import Client

from proof.approval import CARD, act, receiver
from proof.group import Group
from proof.kills import SEND
from proof.processes import HERE, PATIENCE, Process, until
from proof.stage import Stage, plain_environment
from service import connect


def connections(readme: str, stage: Stage) -> Path:
    """The file of README, with the simulator's values in it, and its address."""
    [line] = [line for line in readme.splitlines() if line.startswith('{"')]
    held = json.loads(line)
    for name, fields in held.items():
        real = {field: stage.simulator.application[field] for field in fields}
        held[name] = {**real, "base_url": stage.proxy.base_url}
    path = stage.secret_files / "of-readme.json"
    path.write_text(json.dumps(held))
    return path


async def printed(person: Process) -> str:
    status = await asyncio.to_thread(person.process.wait, PATIENCE)
    harness.check(status == 0, f"{person.command}: {status}: {person.said()}")
    return person.said()


async def readme_is_right(stage: Stage) -> None:
    """A worker with the file of README, a message and an approval, by the commands that stand there."""
    await receiver(stage)
    for name in ("README.md", "README.zh-CN.md"):
        readme = (HERE / name).read_text(encoding="utf-8")
        commands = [shlex.split(line, comments=True)[1:] for line in readme.splitlines() if line.startswith("python ")]
        [worker, call, approval] = commands
        await stage.start_worker(*worker[1:], WECOM_CONNECTIONS=str(connections(readme, stage)))
        told = json.loads(await printed(await stage.start("person", call, "", {})))
        harness.check("msg_id" in told, f"{name}: it printed {told}")
        [(path, body, errcode)] = await stage.arrived()
        harness.check((path, errcode) == (SEND, 0), f"{name}: {path}, {errcode}")
        harness.check(body["text"]["content"] in " ".join(call), f"{name}: it sent {body}")
        person = await stage.start("person", approval, "", {})
        task = approval[approval.index("approval") + 1]

        async def is_pressed(task: str = task) -> bool:
            return "callback" in await act(stage, "press", user_id="zhangsan", key="approve", task_id=task)

        await until("pressed", is_pressed)
        harness.check(json.loads(await printed(person)) == "approve", f"{name}: it printed {person.said()}")
        paths = [path for path, _, _ in await stage.arrived()]
        harness.check(paths == [CARD, "message/update_template_card"], f"{name}: {paths}")
        await stage.kill_workers()


async def temporal_is_at_its_default(_: Stage) -> None:
    """Where no variable says where Temporal is, it is where README starts it."""
    called = mock.AsyncMock()
    with mock.patch.dict(os.environ), mock.patch.object(Client, "connect", called):
        for name in os.environ.keys() - plain_environment().keys():
            del os.environ[name]
        await connect()
    harness.check(called.call_args.kwargs == {"target_host": "localhost:7233"}, f"it is at {called.call_args}")


GROUP = Group("readme", [temporal_is_at_its_default, readme_is_right], workers=0)
