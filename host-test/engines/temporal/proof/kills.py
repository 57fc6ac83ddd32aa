"""Workers that are killed, and a Temporal that goes away: what is sent twice, and what a person has to look at."""

from __future__ import annotations

import asyncio
from typing import Any

import harness
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from proof.slow_line import slow_line
from proof.stage import Stage, failure, until, until_so

PUSH = "push-text-message"
SEND = "message/send"
IN_WECOM = "look in WeCom before you repeat it"
A_DAY = 24 * 60 * 60


def text(content: str, **more: Any) -> dict[str, Any]:
    return {"to_user": ["zhangsan"], "content": content, **more}


async def killed(stage: Stage, handle: WorkflowHandle[Any, Any], **replacement: str) -> None:
    """Kills the worker that has the activity, and lets the request that is held get no answer."""
    worker = stage.worker_of(await stage.pending(handle))
    worker.kill()
    stage.workers.remove(worker)
    stage.proxy.release()
    await asyncio.to_thread(stage.start_worker, **replacement)


async def mark_is_there_before_anything_is_sent(stage: Stage) -> None:
    """When a request leaves a worker, Temporal has its mark already: read from Temporal while the request waits. The
    worker's line to Temporal is slow, so that a mark that is not waited for comes too late."""
    stage.kill_workers()
    async with slow_line(stage.temporal_port) as address:
        await asyncio.to_thread(stage.start_worker, TEMPORAL_ADDRESS=address)
        for number in range(3):
            stage.proxy.hold(SEND, passed_on=False, answered=True)
            handle = await stage.begin(PUSH, text(f"marked {number}"), heartbeat_seconds=10)
            await stage.held()
            activity = await stage.pending(handle)
            details = [payload.data for payload in activity.heartbeat_details.payloads]
            harness.check(len(details) == 1 and b"begun" in details[0], f"no mark, but {details}")
            stage.proxy.release()
            await handle.result()
            harness.check(stage.delivered(f"marked {number}") == 1, "not delivered once")
        stage.kill_workers()


async def worker_killed_after_delivery(stage: Stage) -> None:
    """WeCom has the message, and the worker dies before the answer: sent once, and a person looks."""
    stage.proxy.hold(SEND, passed_on=True)
    handle = await stage.begin(PUSH, text("killed after delivery"))
    await stage.held()
    await killed(stage, handle)
    error = await failure(handle)
    harness.check((error.type, error.non_retryable) == ("execution-failed", True), f"it ended with {error!r}")
    harness.check(IN_WECOM in error.message, f"a person reads {error.message}")
    harness.check(stage.delivered("killed after delivery") == 1, "not delivered once")
    sends = [body for path, body, _ in stage.arrived() if path == SEND]
    harness.check(len(sends) == 1, f"{len(sends)} requests")
    print(f"    a person reads: {error.message}")


async def worker_killed_right_after_the_mark(stage: Stage) -> None:
    """The mark is there, and the request gets lost with the worker: nothing arrives, and a person looks."""
    stage.proxy.hold(SEND, passed_on=False)
    handle = await stage.begin(PUSH, text("killed after the mark"))
    await stage.held()
    await killed(stage, handle)
    error = await failure(handle)
    harness.check(error.type == "execution-failed" and IN_WECOM in error.message, f"it ended with {error!r}")
    harness.check(stage.arrived() == [], "something was sent")


async def duplicate_check_goes_through(stage: Stage) -> None:
    """WeCom drops the second: sent twice, delivered once. The second worker's clock is a day ahead, then behind."""
    for shift in (A_DAY, -A_DAY):
        content = f"checked {shift}"
        stage.proxy.hold(SEND, passed_on=True)
        handle = await stage.begin(PUSH, text(content, duplicate_check_interval=1800))
        await stage.held()
        stage.kill_workers()
        stage.proxy.release()
        await asyncio.to_thread(stage.start_worker, **stage.shifted_clock(shift))
        sent = await handle.result()
        harness.check(bool(sent["msg_id"]), f"it answered {sent}")
        sends = [body for path, body, _ in stage.arrived() if path == SEND]
        harness.check(len(sends) == 2 and sends[0] == sends[1], f"what was sent: {sends}")
        harness.check(stage.delivered(content) == 1, "not delivered once")
        await asyncio.to_thread(stage.start_worker)


async def duplicate_check_is_over(stage: Stage) -> None:
    """Nobody knows whether WeCom still drops the second: it is not sent, and a person looks."""
    stage.proxy.hold(SEND, passed_on=True)
    parameters = text("checked for too short", duplicate_check_interval=60)
    handle = await stage.begin(PUSH, parameters, longest_seconds=60)
    await stage.held()
    await killed(stage, handle)
    error = await failure(handle)
    harness.check(error.type == "execution-failed", f"it ended with {error!r}")
    harness.check([path for path, _, _ in stage.arrived()] == [SEND], "sent again")


async def reads_and_what_may_be_repeated_run_again(stage: Stage) -> None:
    """A worker dies under a read, and under a write that does the same twice: both succeed."""
    for action, path, parameters in [
        ("list-departments", "department/list", {}),
        ("update-member", "user/update", {"user_id": "zhangsan", "position": "工程师"}),
    ]:
        stage.proxy.hold(path, passed_on=True)
        handle = await stage.begin(action, parameters)
        await stage.held()
        await killed(stage, handle)
        await handle.result()
        paths = [each for each, _, _ in stage.arrived()]
        harness.check(paths == [path, path], f"{action}: {paths}")


async def failure_that_is_certain_takes_the_mark_away(stage: Stage) -> None:
    """WeCom is not reached, and the worker dies before the next attempt: that one sends, and nobody has to look."""
    stage.proxy.refuse(SEND, 1, retry_after=4)
    handle = await stage.begin(PUSH, text("refused first"))

    async def waits() -> Any:
        activity = await stage.pending(handle)
        return activity if activity.HasField("last_failure") else None

    activity = await until("a first attempt that has failed", waits)
    details = [payload.data for payload in activity.heartbeat_details.payloads]
    harness.check(details == [b"null"] or details == [b""], f"the mark is still there: {details}")
    await killed(stage, handle)
    await handle.result()
    harness.check(stage.delivered("refused first") == 1, "not delivered once")
    stage.arrived()


async def worker_told_to_end_finishes_its_call(stage: Stage) -> None:
    """SIGTERM while WeCom has the message: the worker waits for the answer, tells it, and ends then."""
    stage.proxy.hold(SEND, passed_on=True, answered=True)
    handle = await stage.begin(PUSH, text("told to end"))
    await stage.held()
    worker = stage.worker_of(await stage.pending(handle))
    worker.end()
    await asyncio.sleep(1.5 * 2)
    harness.check(worker.process.poll() is None, "it did not wait")
    stage.proxy.release()
    sent = await handle.result()
    harness.check(bool(sent["msg_id"]), f"it answered {sent}")
    await until_so("ended", lambda: worker.process.poll() is not None)
    harness.check(worker.process.returncode == 0, f"it ended with {worker.process.returncode}: {worker.said()[-300:]}")
    stage.workers.remove(worker)
    harness.check([path for path, _, _ in stage.arrived()] == [SEND], "sent again")
    await asyncio.to_thread(stage.start_worker)


async def cancelled_workflow_keeps_what_became_of_it(stage: Stage) -> None:
    """A workflow is cancelled while WeCom has the message: its history says that it was sent."""
    stage.proxy.hold(SEND, passed_on=True, answered=True)
    handle = await stage.begin(PUSH, text("cancelled"))
    await stage.held()
    await handle.cancel()
    # Long enough for a heartbeat that brings the cancellation.
    await asyncio.sleep(1.5 * 2)
    stage.proxy.release()

    async def ended() -> bool:
        return (await handle.describe()).status == WorkflowExecutionStatus.CANCELED

    await until("cancelled", ended)
    events = [event.WhichOneof("attributes") for event in (await handle.fetch_history()).events]
    harness.check("activity_task_completed_event_attributes" in events, f"the history has {events}")
    harness.check([path for path, _, _ in stage.arrived()] == [SEND], "sent again")


async def temporal_goes_away_in_the_middle(stage: Stage) -> None:
    """Temporal is killed while WeCom has the message, and comes back: the worker tells it then that it was sent."""
    stage.proxy.hold(SEND, passed_on=True, answered=True)
    handle = await stage.begin(PUSH, text("without Temporal"), heartbeat_seconds=30)
    await stage.held()
    stage.server.kill()
    stage.proxy.release()
    await asyncio.sleep(2)
    stage.server = await asyncio.to_thread(stage.start_server)
    harness.check(stage.delivered("without Temporal") == 1, "not delivered")
    sent = await asyncio.wait_for(handle.result(), 60)
    harness.check(bool(sent["msg_id"]), f"it answered {sent}")
    harness.check([path for path, _, _ in stage.arrived()] == [SEND], "sent again")


async def temporal_and_the_worker_go_away(stage: Stage) -> None:
    """Both are killed while WeCom has the message, and come back: Temporal has kept the mark, and a person looks."""
    stage.proxy.hold(SEND, passed_on=True)
    handle = await stage.begin(PUSH, text("without both"))
    await stage.held()
    stage.server.kill()
    stage.kill_workers()
    stage.proxy.release()
    stage.server = await asyncio.to_thread(stage.start_server)
    await asyncio.to_thread(stage.start_worker)
    error = await failure(handle)
    harness.check(error.type == "execution-failed", f"it ended with {error!r}")
    harness.check([path for path, _, _ in stage.arrived()] == [SEND], "sent again")


ALL = [
    mark_is_there_before_anything_is_sent,
    worker_killed_after_delivery,
    worker_killed_right_after_the_mark,
    duplicate_check_goes_through,
    duplicate_check_is_over,
    reads_and_what_may_be_repeated_run_again,
    failure_that_is_certain_takes_the_mark_away,
    worker_told_to_end_finishes_its_call,
    cancelled_workflow_keeps_what_became_of_it,
    temporal_goes_away_in_the_middle,
    temporal_and_the_worker_go_away,
]
