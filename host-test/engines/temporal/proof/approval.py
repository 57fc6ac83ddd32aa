"""The approval by card: WeCom tells which button was pressed, and a workflow goes on."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

import harness
import httpx
from temporalio.client import WorkflowHandle

from proof.group import Group
from proof.processes import PATIENCE, Process, free_port, until, until_so
from proof.stage import Stage
from workflows import TASK_QUEUE, Approval, Question

CARD, UPDATE = "message/send", "message/update_template_card"


async def receiver(stage: Stage) -> Process:
    """Started, and set as the URL of the application's callbacks."""
    if stage.receiver:
        return stage.receiver
    port = free_port()
    keys = stage.callback_keys
    application = stage.simulator.application
    environment = {
        "WECOM_TOKEN": keys["token"],
        "WECOM_ENCODING_AES_KEY": keys["encoding_aes_key"],
        "WECOM_RECEIVE_ID": application["corp_id"],
    }
    command = ["-m", "uvicorn", "receiver:app", "--no-access-log", "--port", str(port)]
    stage.receiver = await stage.start("receiver", command, "running on", environment)
    told = await act(stage, "callback", agent_id=application["agent_id"], url=url(command), **keys)
    harness.check(told.get("errcode") == 0, f"the URL was not taken: {told}")
    return stage.receiver


def url(command: Sequence[object]) -> str:
    return f"http://127.0.0.1:{command[-1]}/wecom"


async def act(stage: Stage, what: str, **fields: Any) -> dict[str, Any]:
    """Does what a member or an administrator does."""
    async with httpx.AsyncClient(timeout=10) as http:
        told: dict[str, Any] = (await http.post(f"{stage.simulator.base_url}/simulator/{what}", json=fields)).json()
    return told


async def delivered(stage: Stage, callback: int) -> list[int]:
    """How the receiver answered, each time."""

    async def over() -> Any:
        async with httpx.AsyncClient(timeout=10) as http:
            found = (await http.get(f"{stage.simulator.base_url}/simulator/callbacks/{callback}")).json()
        return found if found["state"] != "pending" else None

    return [attempt["status"] for attempt in (await until("told", over))["attempts"]]


async def ask(stage: Stage, days: float = 1) -> WorkflowHandle[Approval, str]:
    question = Question("Purchase order 17", "1,200 CNY", ["zhangsan"], days, "hr")
    handle = await stage.client.start_workflow(
        Approval.run, question, id=f"order-{uuid.uuid4()}", task_queue=TASK_QUEUE
    )

    async def is_sent() -> bool:
        return CARD in [path for path, _, _ in await stage.arrived()]

    async def is_known() -> bool:
        return not (await handle.describe()).raw_description.pending_activities

    await until("sent", is_sent)
    # Whoever kills the worker now does not kill an activity.
    await until("known to Temporal", is_known)
    return handle


async def press(stage: Stage, handle: WorkflowHandle[Approval, str], key: str) -> int:
    told = await act(stage, "press", user_id="zhangsan", key=key, task_id=handle.id)
    callback: int = told["callback"]
    return callback


async def restarted_workers_hear_the_button(stage: Stage) -> None:
    """A card is sent, all workers die, the member presses, a worker is started: the workflow goes on, and the card says
    so."""
    await receiver(stage)
    handle = await ask(stage)
    await stage.kill_workers()
    harness.check(await delivered(stage, await press(stage, handle, "approve")) == [200], "the press was not taken")
    await stage.start_worker()
    answer = await asyncio.wait_for(handle.result(), PATIENCE)
    harness.check(answer == "approve", f"the answer is {answer}")
    [(path, body, errcode)] = await stage.arrived()
    harness.check((path, errcode, body["button"]) == (UPDATE, 0, {"replace_name": "已同意"}), f"the card: {body}")


async def temporal_is_away_when_the_button_is_pressed(stage: Stage) -> None:
    """WeCom is told to come again, and does: the press is not lost, and counts once."""
    process = await receiver(stage)
    handle = await ask(stage)
    await asyncio.to_thread(stage.temporal.kill)
    callback = await press(stage, handle, "decline")
    await until_so("a press that could not be handed on", lambda: "could not be handed on" in process.said())
    await asyncio.to_thread(stage.temporal.start)
    attempts = await delivered(stage, callback)
    harness.check(attempts[0] == 503 and attempts[-1] == 200, f"WeCom was answered {attempts}")
    answer = await asyncio.wait_for(handle.result(), PATIENCE)
    harness.check(answer == "decline", f"the answer is {answer}")
    harness.check([path for path, _, _ in await stage.arrived()] == [UPDATE], "not updated once")


async def nobody_presses_in_time(stage: Stage) -> None:
    """The card says that it is too late."""
    handle = await ask(stage, days=2 / 86400)
    answer = await asyncio.wait_for(handle.result(), PATIENCE)
    harness.check(answer == "expired", f"the answer is {answer}")
    [(path, body, errcode)] = await stage.arrived()
    harness.check((path, errcode, body["button"]) == (UPDATE, 0, {"replace_name": "已过期"}), f"the card: {body}")


async def nobody_waits_for_the_button(stage: Stage) -> None:
    """The workflow is gone: WeCom is answered, and one line says it. A stranger is refused, with one line."""
    process = await receiver(stage)
    handle = await ask(stage)
    await handle.terminate()
    harness.check(await delivered(stage, await press(stage, handle, "approve")) == [200], "WeCom was refused")
    harness.check(f"nobody waits for the card '{handle.id}'" in process.said(), process.said())
    async with httpx.AsyncClient(timeout=10) as http:
        forged = await http.post(f"{url(process.command)}?msg_signature=a&timestamp=1&nonce=b", content=b"<xml/>")
    harness.check(forged.status_code == 400, f"a stranger was answered {forged.status_code}")


GROUPS = [
    Group("approval-away", [temporal_is_away_when_the_button_is_pressed], own_server=True),
    Group("approval", [restarted_workers_hear_the_button, nobody_presses_in_time, nobody_waits_for_the_button]),
]
