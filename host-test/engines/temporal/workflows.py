"""Workflows of WeCom's actions. Nothing of the connector is imported here: a workflow names actions and connections."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

TASK_QUEUE = "wecom"
DONE_ONCE = 1800
"""For how many seconds WeCom delivers the same message to members only once: such a push may be repeated."""


@dataclass
class Call:
    """An action, and how it is called."""

    action: str
    parameters: Any
    """An object by the action's schema. The activity checks it and the connection, and names what is wrong."""
    connection: Any = "environment"
    heartbeat_seconds: float = 10
    """How long nothing is heard of a worker until it counts as lost."""
    longest_seconds: float = 600
    """How long an attempt may take, with all requests that it consists of."""
    attempts: int = 5


async def wecom(action: str, parameters: dict[str, Any], connection: str = "environment") -> dict[str, Any]:
    """Calls an action by its name. The activity says itself what is repeated, and when."""
    return await called(Call(action, parameters, connection))


async def called(call: Call) -> dict[str, Any]:
    running = workflow.start_activity(
        call.action,
        args=[call.connection, call.parameters],
        start_to_close_timeout=timedelta(seconds=call.longest_seconds),
        heartbeat_timeout=timedelta(seconds=call.heartbeat_seconds),
        retry_policy=RetryPolicy(maximum_attempts=call.attempts),
        cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    )
    try:
        output: dict[str, Any] = await asyncio.shield(running)
    except asyncio.CancelledError:
        # What has been sent is sent: a workflow that is cancelled keeps in its history what became of it.
        running.cancel()
        await workflow.wait([running])
        raise
    return output


@workflow.defn(failure_exception_types=[RuntimeError])
class CallAction:
    """One action, for schedules and for those who start it by hand."""

    @workflow.run
    async def run(self, call: Call) -> dict[str, Any]:
        return await called(call)


@dataclass
class Colleague:
    """Who begins today."""

    user_id: str
    name: str
    mobile: str
    department: int
    leader: str
    connection: str = "environment"


@workflow.defn(failure_exception_types=[RuntimeError])
class NewHire:
    """A member, a group chat with the leader, and a welcome in both."""

    @workflow.run
    async def run(self, new: Colleague) -> str:
        await wecom(
            "create-member",
            {"user_id": new.user_id, "name": new.name, "mobile": new.mobile, "department": [new.department]},
            new.connection,
        )
        group = await wecom(
            "create-group-chat",
            {"name": f"欢迎{new.name}", "owner": new.leader, "user_list": [new.leader, new.user_id]},
            new.connection,
        )
        await wecom(
            "push-text-message-to-group-chat",
            {"chat_id": group["chat_id"], "content": f"欢迎{new.name}加入！"},
            new.connection,
        )
        await wecom(
            "push-text-message",
            {
                "to_user": [new.user_id],
                "content": f"{new.name}，欢迎！你的账号是{new.user_id}。",
                "duplicate_check_interval": DONE_ONCE,
            },
            new.connection,
        )
        return str(group["chat_id"])


@dataclass
class Question:
    """What has to be approved."""

    title: str
    description: str
    approvers: list[str]
    days: float = 3
    """How long it may take; after that, the card says that it is too late."""
    connection: str = "environment"


@dataclass
class Pressed:
    """A button of a card, as the receiver of callbacks tells it."""

    user_id: str
    key: str
    response_code: str


BUTTONS = {"approve": "同意", "decline": "拒绝"}
SHOWN = {"approve": "已同意", "decline": "已拒绝", "expired": "已过期"}
"""What the card says afterwards instead of its buttons."""


@workflow.defn(failure_exception_types=[RuntimeError])
class Approval:
    """A card with two buttons. The workflow waits until one is pressed, however often workers are restarted.

    The card has the workflow's ID: digits, letters and _ - @, and never the same twice.
    """

    def __init__(self) -> None:
        self._pressed: Pressed | None = None

    @workflow.run
    async def run(self, question: Question) -> str:
        card = await wecom(
            "push-button-card",
            {
                "to_user": question.approvers,
                "task_id": workflow.info().workflow_id,
                "main_title": {"title": question.title, "desc": question.description},
                "button_list": [{"text": text, "key": key} for key, text in BUTTONS.items()],
                "duplicate_check_interval": DONE_ONCE,
            },
            question.connection,
        )
        answer, code = "expired", card["response_code"]
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(lambda: self._pressed is not None, timeout=timedelta(days=question.days))
        if self._pressed:
            answer, code = self._pressed.key, self._pressed.response_code
        try:
            await wecom(
                "update-card",
                {"response_code": code, "user_ids": question.approvers, "replace_name": SHOWN[answer]},
                question.connection,
            )
        except ActivityError as error:
            # The answer counts, also where the card could not show it.
            workflow.logger.warning("the card still has its buttons: %s", error.cause)
        return answer

    @workflow.signal
    def pressed(self, event: Pressed) -> None:
        """The first answer counts. WeCom may tell it more than once."""
        if event.key in BUTTONS:
            self._pressed = self._pressed or event
