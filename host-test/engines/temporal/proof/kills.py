"""Workers that are killed, and a Temporal that goes away: what is sent twice, and what a person has to look at."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import harness
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from wecom_connector import Application, AsyncWeComConnector

from proof import clock
from proof.group import Group
from proof.processes import PATIENCE, until, until_so
from proof.slow_line import DELAY, slow_line
from proof.stage import BEAT, Stage, failure
from wecom_activities import WeComActivities

PUSH = "push-text-message"
SEND = "message/send"
IN_WECOM = "look in WeCom before you repeat it"
A_DAY = 24 * 60 * 60


def text(content: str, **more: Any) -> dict[str, Any]:
    return {"to_user": ["zhangsan"], "content": content, **more}


async def mark_is_there_before_anything_is_sent(stage: Stage) -> None:
    """When a request leaves a worker, Temporal has its mark already: read from Temporal while the request waits. The
    worker's line to Temporal is slow, so that a mark that is not waited for comes too late."""
    async with slow_line(stage.temporal.port) as line:
        await stage.start_worker(TEMPORAL_ADDRESS=line.address)
        line.delay = DELAY
        for number in range(3):
            stage.proxy.hold(SEND, passed_on=False, answered=True)
            handle = await stage.begin(PUSH, text(f"marked {number}"))
            await stage.held()
            activity = await stage.pending(handle)
            details = [payload.data for payload in activity.heartbeat_details.payloads]
            harness.check(len(details) == 1 and b"begun" in details[0], f"no mark, but {details}")
            stage.proxy.release()
            await handle.result()
            harness.check(await stage.delivered(f"marked {number}") == 1, "not delivered once")
        await stage.kill_workers()


async def mark_that_cannot_be_renewed_is_there_again(stage: Stage) -> None:
    """Temporal does not take the mark of an attempt: nothing is sent, and the mark of the earlier attempt is left, by
    which the next one knows since when WeCom looks for duplicates. Where there was none, there is none then."""
    for earlier in (begun(timedelta(minutes=-1)), None):
        error, left = await unknown_to_temporal(stage, earlier)
        may_repeat = (error.type, error.non_retryable) == ("retryable", False)
        harness.check(may_repeat and "did not take the mark" in error.message, f"it ended with {error!r}")
        harness.check(left == [(earlier,)], f"the marks that it left: {left}")
    harness.check(await stage.arrived() == [], "something was sent")


async def clock_of_temporal_that_was_set_back(stage: Stage) -> None:
    """A mark begins later than the attempt that finds it: nobody knows how much time went by. Nothing is sent, and a
    person looks."""
    error, left = await unknown_to_temporal(stage, begun(timedelta(minutes=1)))
    harness.check((error.type, error.non_retryable) == ("execution-failed", True), f"it ended with {error!r}")
    harness.check(left == [], f"the marks that it left: {left}")
    harness.check(await stage.arrived() == [], "something was sent")


def begun(ago: timedelta) -> dict[str, str]:
    """A mark, as an attempt leaves it."""
    return {"begun": (datetime.now(timezone.utc) + ago).isoformat()}


async def unknown_to_temporal(stage: Stage, earlier: dict[str, str] | None) -> tuple[ApplicationError, list[Any]]:
    """How a second attempt fails that Temporal does not know of, and so takes no mark for, and the marks it left."""
    held = json.loads(stage.connections().read_text())["hr"]
    application = Application(**{name: value for name, value in held.items() if name != "type"})
    async with AsyncWeComConnector() as wecom:
        names = [about["id"] for about in wecom.manifest()["actions"]]
        push = WeComActivities(wecom, {"hr": application}).all()[names.index(PUSH)]
        attempt = ActivityEnvironment(stage.client)
        attempt.info = replace(
            attempt.info,
            attempt=2,
            heartbeat_details=[earlier] if earlier else [],
            started_time=datetime.now(timezone.utc),
            start_to_close_timeout=timedelta(minutes=1),
        )
        left: list[Any] = []
        attempt.on_heartbeat = lambda *mark: left.append(mark)
        try:
            await attempt.run(push, "hr", text("not sent", duplicate_check_interval=1800))
        except ApplicationError as error:
            return error, left
    raise harness.Wrong("it was sent without a mark")


async def worker_killed_after_delivery(stage: Stage) -> None:
    """WeCom has the message, and the worker dies before the answer: sent once, and a person looks."""
    stage.proxy.hold(SEND, passed_on=True)
    handle = await stage.begin(PUSH, text("killed after delivery"), heartbeat_seconds=BEAT)
    await stage.held()
    await stage.kill_worker_of(handle)
    error = await failure(handle)
    harness.check((error.type, error.non_retryable) == ("execution-failed", True), f"it ended with {error!r}")
    harness.check(IN_WECOM in error.message, f"a person reads {error.message}")
    harness.check(await stage.delivered("killed after delivery") == 1, "not delivered once")
    sends = [body for path, body, _ in await stage.arrived() if path == SEND]
    harness.check(len(sends) == 1, f"{len(sends)} requests")
    stage.notes.append(f"a person reads: {error.message}")


async def worker_killed_right_after_the_mark(stage: Stage) -> None:
    """The mark is there, and the request gets lost with the worker: nothing arrives, and a person looks."""
    stage.proxy.hold(SEND, passed_on=False)
    handle = await stage.begin(PUSH, text("killed after the mark"), heartbeat_seconds=BEAT)
    await stage.held()
    await stage.kill_worker_of(handle)
    error = await failure(handle)
    harness.check(error.type == "execution-failed" and IN_WECOM in error.message, f"it ended with {error!r}")
    harness.check(await stage.arrived() == [], "something was sent")


async def duplicate_check_goes_through(stage: Stage) -> None:
    """WeCom drops the second: sent again, delivered once."""
    stage.proxy.hold(SEND, passed_on=True)
    # As a form may give it.
    handle = await stage.begin(PUSH, text("checked", duplicate_check_interval="1800"), heartbeat_seconds=BEAT)
    await stage.held()
    await stage.kill_worker_of(handle)
    await sent_again_and_delivered_once(stage, handle, "checked")


async def sent_again_and_delivered_once(stage: Stage, handle: WorkflowHandle[Any, Any], content: str) -> None:
    sent = await asyncio.wait_for(handle.result(), PATIENCE)
    harness.check(bool(sent["msg_id"]), f"it answered {sent}")
    sends = [body for path, body, _ in await stage.arrived() if path == SEND]
    # More than twice where a machine is so busy that one more worker counts as lost.
    harness.check(len(sends) >= 2 and all(send == sends[0] for send in sends), f"what was sent: {sends}")
    harness.check(await stage.delivered(content) == 1, "not delivered once")


async def clocks_of_workers_differ(stage: Stage) -> None:
    """The same, between workers whose clocks are two days apart, in both directions: only Temporal's clock counts."""
    ahead, behind = clock.shifted(A_DAY), clock.shifted(-A_DAY)
    for environment, shift in ((ahead, A_DAY), (behind, -A_DAY)):
        await asyncio.to_thread(clock.check, environment, shift)
    await stage.start_worker(forked=False, **ahead)
    for environment in (behind, ahead):
        content = f"checked by {environment['FAKETIME']}"
        stage.proxy.hold(SEND, passed_on=True)
        handle = await stage.begin(PUSH, text(content, duplicate_check_interval=1800), heartbeat_seconds=BEAT)
        await stage.held()
        await stage.kill_worker_of(handle)
        await stage.start_worker(forked=False, **environment)
        await sent_again_and_delivered_once(stage, handle, content)


async def duplicate_check_is_over(stage: Stage) -> None:
    """Nobody knows whether WeCom still drops the second: it is not sent, and a person looks."""
    stage.proxy.hold(SEND, passed_on=True)
    parameters = text("checked for too short", duplicate_check_interval=60)
    handle = await stage.begin(PUSH, parameters, longest_seconds=60, heartbeat_seconds=BEAT)
    await stage.held()
    await stage.kill_worker_of(handle)
    error = await failure(handle)
    harness.check(error.type == "execution-failed", f"it ended with {error!r}")
    harness.check([path for path, _, _ in await stage.arrived()] == [SEND], "sent again")


async def reads_and_what_may_be_repeated_run_again(stage: Stage) -> None:
    """A worker dies under a read, and under a write that does the same twice: both succeed."""
    for action, path, parameters in [
        ("list-departments", "department/list", {}),
        ("update-member", "user/update", {"user_id": "zhangsan", "position": "工程师"}),
    ]:
        stage.proxy.hold(path, passed_on=True)
        handle = await stage.begin(action, parameters, heartbeat_seconds=BEAT)
        await stage.held()
        await stage.kill_worker_of(handle)
        await handle.result()
        paths = [each for each, _, _ in await stage.arrived()]
        harness.check(len(paths) >= 2 and {*paths} == {path}, f"{action}: {paths}")


async def failure_that_is_certain_takes_the_mark_away(stage: Stage) -> None:
    """WeCom is not reached, and the worker dies before the next attempt: that one sends, and nobody has to look."""
    stage.proxy.refuse(SEND, 1, retry_after=4)
    handle = await stage.begin(PUSH, text("refused first"))
    details = await details_of_a_failure(stage, handle)
    harness.check(details in ([b"null"], [b""]), f"the mark is still there: {details}")
    await stage.kill_worker_of(handle)
    await handle.result()
    harness.check(await stage.delivered("refused first") == 1, "not delivered once")
    await stage.arrived()


async def details_of_a_failure(stage: Stage, handle: WorkflowHandle[Any, Any], attempts: int = 1) -> list[bytes]:
    """What Temporal has of the last heartbeat once so many attempts have failed."""

    async def waits() -> Any:
        activity = await stage.pending(handle)
        return activity if activity.HasField("last_failure") and activity.attempt > attempts else None

    activity = await until("an attempt that has failed", waits)
    return [payload.data for payload in activity.heartbeat_details.payloads]


async def limit_takes_the_mark_away_also_with_the_duplicate_check(stage: Stage) -> None:
    """WeCom refuses a call since there were too many. It did nothing, so a later attempt sends however late it comes.
    The mark of an earlier attempt stays: what became of that one, this failure does not tell."""
    checked = {"duplicate_check_interval": 1800}
    await stage.limit_next()
    handle = await stage.begin(PUSH, text("limited", **checked))
    details = await details_of_a_failure(stage, handle)
    harness.check(details in ([b"null"], [b""]), f"the mark is still there: {details}")
    await handle.terminate()
    stage.proxy.lose(SEND)
    stage.proxy.hold(SEND, passed_on=False, answered=True)
    handle = await stage.begin(PUSH, text("lost, and limited then", **checked))
    await stage.held()
    await stage.limit_next()
    stage.proxy.release()
    details = await details_of_a_failure(stage, handle, attempts=2)
    harness.check(len(details) == 1 and b"begun" in details[0], f"no mark, but {details}")
    await handle.terminate()
    errcodes = [errcode for path, _, errcode in await stage.arrived() if path == SEND]
    harness.check(errcodes == [45009, 0, 45009], f"what WeCom answered: {errcodes}")


async def worker_told_to_end_finishes_its_call(stage: Stage) -> None:
    """SIGTERM while WeCom has the message: the worker waits for the answer, tells it, and ends then."""
    stage.proxy.hold(SEND, passed_on=True, answered=True)
    handle = await stage.begin(PUSH, text("told to end"))
    await stage.held()
    worker = stage.worker_of(await stage.pending(handle))
    worker.end()
    await asyncio.sleep(1)
    harness.check(worker.process.poll() is None, "it did not wait")
    stage.proxy.release()
    sent = await handle.result()
    harness.check(bool(sent["msg_id"]), f"it answered {sent}")
    await until_so("ended", lambda: worker.process.poll() is not None)
    harness.check(worker.process.returncode == 0, f"it ended with {worker.process.returncode}: {worker.said()[-300:]}")
    stage.workers.remove(worker)
    harness.check([path for path, _, _ in await stage.arrived()] == [SEND], "sent again")


async def cancelled_workflow_keeps_what_became_of_it(stage: Stage) -> None:
    """A workflow is cancelled while WeCom has the message: its history says that it was sent."""
    stage.proxy.hold(SEND, passed_on=True, answered=True)
    seconds = 5
    handle = await stage.begin(PUSH, text("cancelled"), heartbeat_seconds=seconds)
    await stage.held()
    await handle.cancel()
    # Long enough for a heartbeat that brings the cancellation.
    await asyncio.sleep(seconds)
    stage.proxy.release()

    async def ended() -> bool:
        return (await handle.describe()).status == WorkflowExecutionStatus.CANCELED

    await until("cancelled", ended)
    events = [event.WhichOneof("attributes") for event in (await handle.fetch_history()).events]
    harness.check("activity_task_completed_event_attributes" in events, f"the history has {events}")
    harness.check([path for path, _, _ in await stage.arrived()] == [SEND], "sent again")


async def temporal_goes_away_in_the_middle(stage: Stage) -> None:
    """Temporal is killed while WeCom has the message, and comes back: the worker tells it then that it was sent."""
    stage.proxy.hold(SEND, passed_on=True, answered=True)
    handle = await stage.begin(PUSH, text("without Temporal"))
    await stage.held()
    await asyncio.to_thread(stage.temporal.kill)
    stage.proxy.release()
    await asyncio.sleep(2)
    await asyncio.to_thread(stage.temporal.start)
    harness.check(await stage.delivered("without Temporal") == 1, "not delivered")
    sent = await asyncio.wait_for(handle.result(), 60)
    harness.check(bool(sent["msg_id"]), f"it answered {sent}")
    harness.check([path for path, _, _ in await stage.arrived()] == [SEND], "sent again")


async def temporal_and_the_worker_go_away(stage: Stage) -> None:
    """Both are killed while WeCom has the message, and come back: Temporal has kept the mark, and a person looks."""
    stage.proxy.hold(SEND, passed_on=True)
    handle = await stage.begin(PUSH, text("without both"), heartbeat_seconds=BEAT)
    await stage.held()
    await asyncio.to_thread(stage.temporal.kill)
    await stage.kill_workers()
    stage.proxy.release()
    await asyncio.to_thread(stage.temporal.start)
    await stage.start_worker()
    error = await failure(handle)
    harness.check(error.type == "execution-failed", f"it ended with {error!r}")
    harness.check([path for path, _, _ in await stage.arrived()] == [SEND], "sent again")


GROUPS = [
    Group("clocks", [clocks_of_workers_differ], workers=0),
    Group("away", [temporal_goes_away_in_the_middle, temporal_and_the_worker_go_away], own_server=True),
    Group(
        "mark",
        [
            mark_is_there_before_anything_is_sent,
            mark_that_cannot_be_renewed_is_there_again,
            clock_of_temporal_that_was_set_back,
        ],
        workers=0,
    ),
    Group("killed", [worker_killed_after_delivery, worker_killed_right_after_the_mark], workers=2),
    Group("repeated", [reads_and_what_may_be_repeated_run_again, duplicate_check_is_over], workers=3),
    Group("checked", [duplicate_check_goes_through, failure_that_is_certain_takes_the_mark_away], workers=2),
    Group("limited", [limit_takes_the_mark_away_also_with_the_duplicate_check], workers=1),
    Group("ends", [worker_told_to_end_finishes_its_call, cancelled_workflow_keeps_what_became_of_it], workers=2),
]
