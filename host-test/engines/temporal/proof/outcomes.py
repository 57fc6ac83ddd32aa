"""What a workflow sees of each case of error, and what is in its history."""

from __future__ import annotations

import asyncio
import time

import harness
from wecom_connector import InvalidParameters, OutcomeUnknown, Rejected, Retryable, WeComConnector

from proof.group import Group
from proof.kills import PUSH, SEND, text
from proof.processes import PATIENCE
from proof.stage import BEAT, Stage, failure
from wecom_activities import LOST


async def every_action_is_an_activity(stage: Stage) -> None:
    """Each is called with the sample of the manifest: it is answered, or refused by WeCom where its sample names what
    the simulator does not have."""
    manifest = WeComConnector().manifest()
    told = {kind.case for kind in (InvalidParameters, Rejected, OutcomeUnknown, Retryable)}
    harness.check({*told, LOST} == {case["id"] for case in manifest["error_cases"]}, "other cases")
    holds = {"application": "hr", "chatbot": "alerts"}
    refused = []

    async def called(action: dict[str, str]) -> None:
        handle = await stage.begin(
            action["id"], action["sample_parameters"], holds[action["connection_type"]], attempts=1
        )
        result = await asyncio.gather(handle.result(), return_exceptions=True)
        if isinstance(result[0], BaseException):
            error = await failure(handle)
            [told] = error.details
            by_wecom = error.type == "permanent-rejected" and told.get("errcode") is not None
            harness.check(by_wecom, f"{action['id']}: {error!r}")
            refused.append(action["id"])

    actions = manifest["actions"]
    await asyncio.gather(*[called(action) for action in actions])
    done = len(actions) - len(refused)
    harness.check(done > 0, "all are refused")
    await stage.arrived()
    stage.notes.append(
        f"{len(actions)} activities: {done} answered, {len(refused)} refused by WeCom, as their samples are"
    )


async def rejected_is_tried_once(stage: Stage) -> None:
    """WeCom says no: one try, and the hint and the code reach the workflow."""
    error = await failure(await stage.begin(PUSH, {"to_user": ["nobody"], "content": "hello"}))
    [told] = error.details
    harness.check((error.type, error.non_retryable) == ("permanent-rejected", True), f"it ended with {error!r}")
    harness.check(told["errcode"] == 81013 and told["doc_url"] in error.message, f"it tells {told}")
    harness.check(set(told["hint"]) == {"en", "zh"} and told["hint"]["en"] in error.message, f"it tells {told}")
    harness.check(len(await stage.arrived()) == 1, "more than one try")


async def invalid_parameters_name_the_field(stage: Stage) -> None:
    """Nothing is sent, and each field is named with its rule."""
    error = await failure(await stage.begin(PUSH, {"to_user": ["zhangsan"], "content": ""}))
    [told] = error.details
    harness.check((error.type, error.non_retryable) == ("permanent-invalid-parameters", True), f"{error!r}")
    harness.check([fault["pointer"] for fault in told["faults"]] == ["/content"], f"it tells {told}")
    harness.check(await stage.arrived() == [], "something was sent")
    stage.notes.append(error.message)


async def retryable_waits_as_long_as_wecom_says(stage: Stage) -> None:
    """A gateway says when to come back: the next attempt is not before, whatever the policy's own pace is."""
    stage.proxy.refuse(SEND, 1, retry_after=3)
    began = time.monotonic()
    handle = await stage.begin(PUSH, text("after a while"))
    await handle.result()
    waited = time.monotonic() - began
    harness.check(3 <= waited < PATIENCE, f"it waited {waited:.1f} s")
    harness.check(await stage.delivered("after a while") == 1, "not delivered once")
    await stage.arrived()


async def outcome_unknown_is_not_repeated(stage: Stage) -> None:
    """The answer is lost: one request, and a person looks. With a check for duplicates it is repeated, and delivered
    once."""
    stage.proxy.lose(SEND)
    error = await failure(await stage.begin(PUSH, text("answer lost")))
    harness.check((error.type, error.non_retryable) == ("permanent-outcome-unknown", True), f"{error!r}")
    harness.check(len(await stage.arrived()) == 1, "repeated")
    stage.proxy.lose(SEND)
    await (await stage.begin(PUSH, text("answer lost, checked", duplicate_check_interval=1800))).result()
    harness.check(len(await stage.arrived()) == 2, "not repeated")
    harness.check(await stage.delivered("answer lost, checked") == 1, "not delivered once")


async def new_hire(stage: Stage) -> None:
    """The workflow as a person starts it, with a worker that is killed after it has sent the last message."""
    stage.proxy.hold(SEND, passed_on=True)
    command = ["start.py", "--connection", "hr", "new-hire", "linxi", "林溪", "13911112222"]
    person = await stage.start("person", [*command, "--department", "2", "--leader", "LiSi"], "", {})
    await stage.held()
    await stage.kill_worker_of(stage.client.get_workflow_handle("new-hire-linxi"))
    status = await asyncio.to_thread(person.process.wait, PATIENCE)
    harness.check(status == 0 and "SIMCHAT" in person.said(), f"{status}: it said {person.said()}")
    arrived = await stage.arrived()
    paths = [path for path, _, _ in arrived]
    harness.check(paths == ["user/create", "appchat/create", "appchat/send", SEND, SEND], f"what arrived: {paths}")
    harness.check(all(errcode == 0 for _, _, errcode in arrived), f"WeCom refused: {arrived}")
    harness.check(await stage.delivered("欢迎林溪加入") == 1, "the group's welcome is not there once")
    harness.check(await stage.delivered("你的账号是linxi") == 1, "the member's welcome is not there once")


async def errors_in_chinese(stage: Stage) -> None:
    """A worker that is told so: its errors are in Chinese, those of the component and its own."""
    await stage.start_worker("--language", "zh")
    error = await failure(await stage.begin(PUSH, {"to_user": ["zhangsan"], "content": ""}))
    harness.check("不能为空" in error.message, f"it says {error.message}")
    error = await failure(await stage.begin(PUSH, {"to_user": ["nobody"], "content": "hello"}))
    [told] = error.details
    harness.check(told["hint"]["zh"] in error.message, f"it says {error.message}")
    stage.proxy.hold(SEND, passed_on=True)
    handle = await stage.begin(PUSH, text("lost"), heartbeat_seconds=BEAT)
    await stage.held()
    await stage.kill_worker_of(handle)
    await stage.start_worker("--language", "zh")
    error = await failure(handle)
    harness.check((error.type, "请先在企业微信里确认" in error.message) == (LOST, True), f"it says {error!r}")
    stage.notes.append(error.message)


GROUPS = [
    # Some samples delete members that the other cases need.
    Group("samples", [every_action_is_an_activity]),
    Group("new-hire", [new_hire], workers=2),
    Group(
        "outcomes",
        [
            rejected_is_tried_once,
            invalid_parameters_name_the_field,
            outcome_unknown_is_not_repeated,
            retryable_waits_as_long_as_wecom_says,
        ],
    ),
    Group("chinese", [errors_in_chinese], workers=0),
]
