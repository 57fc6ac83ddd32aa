"""What a workflow sees of each case of error, and what is in its history."""

from __future__ import annotations

import asyncio
import sys
import time

import harness
from wecom_connector import InvalidParameters, OutcomeUnknown, Rejected, Retryable, WeComConnector

from proof.kills import PUSH, SEND, text
from proof.stage import Stage, failure
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
    stage.arrived()
    print(f"    {len(actions)} activities: {done} answered, {len(refused)} refused by WeCom, as their samples are")


async def rejected_is_tried_once(stage: Stage) -> None:
    """WeCom says no: one try, and the hint and the code reach the workflow."""
    error = await failure(await stage.begin(PUSH, {"to_user": ["nobody"], "content": "hello"}))
    [told] = error.details
    harness.check((error.type, error.non_retryable) == ("permanent-rejected", True), f"it ended with {error!r}")
    harness.check(told["errcode"] == 81013 and told["doc_url"] in error.message, f"it tells {told}")
    harness.check(set(told["hint"]) == {"en", "zh"} and told["hint"]["en"] in error.message, f"it tells {told}")
    harness.check(len(stage.arrived()) == 1, "more than one try")


async def invalid_parameters_name_the_field(stage: Stage) -> None:
    """Nothing is sent, and each field is named with its rule."""
    error = await failure(await stage.begin(PUSH, {"to_user": ["zhangsan"], "content": ""}))
    [told] = error.details
    harness.check((error.type, error.non_retryable) == ("permanent-invalid-parameters", True), f"{error!r}")
    harness.check([fault["pointer"] for fault in told["faults"]] == ["/content"], f"it tells {told}")
    harness.check(stage.arrived() == [], "something was sent")
    print(f"    {error.message}")


async def retryable_waits_as_long_as_wecom_says(stage: Stage) -> None:
    """A gateway says when to come back: the next attempt is not before, whatever the policy's own pace is."""
    stage.proxy.refuse(SEND, 1, retry_after=5)
    began = time.monotonic()
    handle = await stage.begin(PUSH, text("after a while"))
    await handle.result()
    waited = time.monotonic() - began
    harness.check(5 <= waited < 15, f"it waited {waited:.1f} s")
    harness.check(stage.delivered("after a while") == 1, "not delivered once")
    stage.arrived()


async def outcome_unknown_is_not_repeated(stage: Stage) -> None:
    """The answer is lost: one request, and a person looks. With a check for duplicates it is repeated, and delivered
    once."""
    stage.proxy.lose(SEND)
    error = await failure(await stage.begin(PUSH, text("answer lost")))
    harness.check((error.type, error.non_retryable) == ("permanent-outcome-unknown", True), f"{error!r}")
    harness.check(len(stage.arrived()) == 1, "repeated")
    stage.proxy.lose(SEND)
    await (await stage.begin(PUSH, text("answer lost, checked", duplicate_check_interval=1800))).result()
    harness.check(len(stage.arrived()) == 2, "not repeated")
    harness.check(stage.delivered("answer lost, checked") == 1, "not delivered once")


async def new_hire(stage: Stage) -> None:
    """The workflow as a person starts it, with a worker that is killed after it has sent the last message."""
    stage.proxy.hold(SEND, passed_on=True)
    command = [sys.executable, "start.py", "--connection", "hr", "new-hire", "linxi", "林溪", "13911112222"]
    command += ["--department", "2", "--leader", "LiSi"]
    person = await asyncio.create_subprocess_exec(
        *command, env=stage.environment, cwd=stage.here, stdout=asyncio.subprocess.PIPE
    )
    await stage.held()
    activity = await stage.pending(stage.client.get_workflow_handle("new-hire-linxi"))
    worker = stage.worker_of(activity)
    worker.kill()
    stage.workers.remove(worker)
    stage.proxy.release()
    await asyncio.to_thread(stage.start_worker)
    said, _ = await asyncio.wait_for(person.communicate(), 60)
    harness.check(person.returncode == 0 and b"SIMCHAT" in said, f"{person.returncode}: it said {said.decode()}")
    arrived = stage.arrived()
    paths = [path for path, _, _ in arrived]
    harness.check(paths == ["user/create", "appchat/create", "appchat/send", SEND, SEND], f"what arrived: {paths}")
    harness.check(all(errcode == 0 for _, _, errcode in arrived), f"WeCom refused: {arrived}")
    harness.check(stage.delivered("欢迎林溪加入") == 1, "the group's welcome is not there once")
    harness.check(stage.delivered("你的账号是linxi") == 1, "the member's welcome is not there once")


async def no_secret_is_kept(stage: Stage) -> None:
    """Neither the histories of all workflows until here, nor Temporal's database, nor any log has a secret."""
    secrets = stage.secrets()
    harness.check(len(secrets) > 3, "no token was used")
    histories = []
    async for execution in stage.client.list_workflows():
        history = await stage.client.get_workflow_handle(execution.id, run_id=execution.run_id).fetch_history()
        histories.append(history.to_json())
    harness.check(any("execution-failed" in history for history in histories), "nothing failed: nothing is shown")
    kept = {f"history {index}": history.encode() for index, history in enumerate(histories)}
    kept |= {path.name: path.read_bytes() for path in stage.folder.iterdir()}
    # What is looked for is found where it is.
    known = secrets["app_secret"].encode()
    harness.check(known in (stage.secret_files / "connections.json").read_bytes(), "the search finds nothing")
    found = [
        f"{what} in {where}"
        for what, secret in secrets.items()
        for where, data in kept.items()
        if secret.encode() in data
    ]
    harness.check(not found, f"secrets: {found}")
    print(f"    {len(secrets)} secrets looked for in {len(histories)} histories, the database and the logs")


ALL = [
    rejected_is_tried_once,
    invalid_parameters_name_the_field,
    retryable_waits_as_long_as_wecom_says,
    outcome_unknown_is_not_repeated,
    new_hire,
]
