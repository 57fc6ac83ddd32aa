"""WeCom's actions as activities of Temporal: one for each action of the connector, named like it.

An activity takes the name of a connection, which its worker holds, and the parameters of the action. So no secret is in
the history of a workflow.

Temporal runs an activity again when its worker is lost. What must not happen twice leaves a mark in the heartbeat of
the activity before anything is sent. An attempt that finds the mark of another one sends nothing, and ends as
`execution-failed`: a person looks in WeCom.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal, TypeAlias

from temporalio import activity
from temporalio.exceptions import ApplicationError
from wecom_connector import (
    Application,
    AsyncWeComConnector,
    Chatbot,
    InvalidParameter,
    InvalidParameters,
    Localized,
    Retryable,
    WeComError,
    seconds_done_once,
)

Connection: TypeAlias = Application | Chatbot | None
"""None stands for the environment of the worker."""
Language: TypeAlias = Literal["en", "zh"]
Mark: TypeAlias = dict[str, str]

LOST = "execution-failed"
"""The type where an attempt was lost, and nobody knows what became of it."""

PATIENCE = 10
"""How many seconds Temporal may take to accept a mark."""
BEAT = timedelta(seconds=10)
"""How often an activity says that it runs, where no `heartbeat_timeout` asks for more."""


@dataclass(frozen=True)
class WeComActivities:
    """The activities of a worker."""

    connector: AsyncWeComConnector
    connections: Mapping[str, Connection]
    """All that the worker holds, by the names that workflows use."""
    language: Language = "en"
    """Of the errors' texts. Hints are told in both."""

    def all(self) -> list[Callable[..., Coroutine[Any, Any, Any]]]:
        """One for each action."""
        return [self._activity(about) for about in self.connector.manifest()["actions"]]

    def _activity(self, about: dict[str, Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
        action: str = about["id"]

        # Of any type, and with defaults: what a workflow gives is checked here, since Temporal would try for ever to
        # call a function that does not take it.
        @activity.defn(name=action)
        async def run(connection: Any = None, parameters: Any = None) -> Any:
            try:
                call = partial(self.connector.invoke, action, parameters, self._held(connection, action))
                if about["effect"] == "read" or about["idempotent"]:
                    return await _beating(call(), None)
                return await self._marked(call, about, parameters)
            except WeComError as error:
                raise _failure(error) from None

        return run

    async def _marked(
        self, call: Callable[[], Coroutine[Any, Any, Any]], about: dict[str, Any], parameters: Any
    ) -> Any:
        """Runs what must not happen twice."""
        action, info = about["id"], activity.info()
        if info.is_local:
            what = f"{action}: must not be a local activity, which has no heartbeat"
            raise ApplicationError(what, non_retryable=True)
        seconds = seconds_done_once(action, parameters)
        earlier: Mark | None = next(iter(info.heartbeat_details), None)
        if earlier and not _is_repeatable(earlier, seconds):
            raise _lost(about, self.language)
        # Of Temporal's clock, as all times of `info`: those of workers may differ.
        mark = earlier or {"begun": info.started_time.isoformat()}
        await _leave(mark, earlier, action)
        try:
            return await _beating(call(), mark)
        except Retryable as error:
            # What became of an earlier attempt, this one does not tell, and the time counts from that one.
            if not earlier and (not seconds or self._is_certain(error)):
                activity.heartbeat(None)
            raise

    def _is_certain(self, error: Retryable) -> bool:
        """Whether it did not happen. With a check for duplicates, what may have happened may be repeated, too."""
        if (error.api or "").endswith("gettoken"):
            return True
        outcomes = {code["code"]: code["outcome"] for code in self.connector.manifest()["error_codes"]}
        return outcomes.get(error.errcode) == Retryable.case

    def _held(self, name: Any, action: str) -> Connection:
        if isinstance(name, str) and name in self.connections:
            return self.connections[name]
        known = ", ".join(sorted(self.connections))
        # Of another type, it may hold a secret.
        given = repr(name) if isinstance(name, str) else type(name).__name__
        wrong = Localized(
            f"must be the name of one that this worker holds ({known}), not {given}",
            f"必须是此worker所持连接的名称（{known}），不能是{given}",
        )
        raise InvalidParameters(action, self.language, [InvalidParameter("connection", "", wrong)])


def _is_repeatable(mark: Mark, seconds: float) -> bool:
    """Whether WeCom drops a second call like the one that left the mark, however late in this attempt it is sent."""
    info = activity.info()
    longest = info.start_to_close_timeout or info.schedule_to_close_timeout
    if longest is None:
        return False
    begun = datetime.fromisoformat(mark["begun"])
    # A clock that was set back says nothing about how much time went by.
    return begun <= info.started_time and info.started_time + longest < begun + timedelta(seconds=seconds)


async def _leave(mark: Mark, earlier: Mark | None, action: str) -> None:
    """Leaves the mark, and returns when Temporal has it. `activity.heartbeat` returns before, and may hold it back.

    Where it fails, there is the mark of an earlier attempt again, if there was one.
    """
    handle = activity.client().get_async_activity_handle(task_token=activity.info().task_token)
    try:
        # The SDK repeats what fails, for longer than `rpc_timeout`.
        await asyncio.wait_for(handle.heartbeat(mark), PATIENCE)
    except BaseException as error:
        # It may be there all the same, and would keep the next attempt from sending anything.
        activity.heartbeat(earlier)
        if not isinstance(error, Exception):
            raise
        what = f"{action}: nothing was sent, since Temporal did not take the mark ({type(error).__name__}: {error})"
        raise ApplicationError(what, type=Retryable.case) from None


async def _beating(call: Coroutine[Any, Any, Any], mark: Mark | None) -> Any:
    """Waits for a call, and says that it runs.

    What is sent is sent, and somebody has to learn what became of it: neither the workflow's cancellation nor the end
    of the worker breaks a call off. It ends by its own timeouts.
    """
    running = asyncio.ensure_future(call)
    pause = (activity.info().heartbeat_timeout or 3 * BEAT) / 3
    while not running.done():
        activity.heartbeat(mark)
        with suppress(asyncio.CancelledError):
            await asyncio.wait([running], timeout=pause.total_seconds())
    return running.result()


def _failure(error: WeComError) -> ApplicationError:
    """What a workflow gets. Its retry policy needs nothing but this to do right."""
    told = {name: value for name, value in vars(error).items() if value is not None and name != "language"}
    wait = error.retry_after_seconds
    return ApplicationError(
        str(error),
        told,
        type=error.case,
        non_retryable=not error.may_repeat,
        next_retry_delay=None if wait is None else timedelta(seconds=wait),
    )


def _lost(about: dict[str, Any], language: Language) -> ApplicationError:
    action, doc_url = about["id"], about["doc_url"]
    hint = Localized(
        "An attempt was lost before it could say what became of it: its worker or the connection to Temporal broke "
        "down. It may or may not have happened: look in WeCom before you repeat it.",
        "此前一次执行中断，结果不明：worker或它与Temporal的连接出了故障。操作可能已生效，也可能没有，重试前请先在企业微信里确认。",
    )
    told = {"action": action, "hint": hint, "doc_url": doc_url}
    text = hint.zh if language == "zh" else hint.en
    return ApplicationError(f"{action}: {text} {doc_url}", told, type=LOST, non_retryable=True)
