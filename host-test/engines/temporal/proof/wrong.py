"""What is wrong or missing: each is one clear error, and nothing is sent."""

from __future__ import annotations

import asyncio
import json
import shutil
import uuid
from pathlib import Path
from typing import Any

import harness
import wecom_connector
from temporalio.client import WorkflowFailureError

from proof.group import Group
from proof.kills import PUSH, text
from proof.processes import PATIENCE, free_port
from proof.stage import Stage, failure
from workflows import TASK_QUEUE

SECRET = "SECRET-OF-A-WORKFLOW"  # noqa: S105


async def calls(stage: Stage) -> None:
    """A connection that is missing or of another type, and parameters of wrong types."""
    for connection, parameters, words in [
        ("sales", text("hello"), "connection must be the name of one that this worker holds (alerts, hr), not 'sales'"),
        ("alerts", text("hello"), "connection"),
        (
            {"app_secret": SECRET},
            text("hello"),
            "connection must be the name of one that this worker holds (alerts, hr), not dict",
        ),
        (None, text("hello"), "not NoneType"),
        ("hr", None, "parameters must be a dict, not NoneType"),
        ("hr", ["hello"], "parameters must be a dict, not list"),
        ("hr", {"to_user": 7, "content": {"a": 1}}, "content"),
        ("hr", text("hello", colour="red"), "colour"),
    ]:
        error = await failure(await stage.begin(PUSH, parameters, connection))
        harness.check((error.type, error.non_retryable) == ("permanent-invalid-parameters", True), f"{error!r}")
        harness.check(words in error.message, f"{connection!r}, {parameters!r}: {error.message}")
        harness.check(SECRET not in f"{error.message} {error.details}", "the error tells a secret")
    harness.check(await stage.arrived() == [], "something was sent")


async def input_of_a_workflow(stage: Stage) -> None:
    """Of a wrong type: the workflow fails, instead of waiting for somebody who mends its code."""
    handle = await stage.client.start_workflow(
        "NewHire", {"user_id": "x", "name": "y"}, id=f"new-{uuid.uuid4()}", task_queue=TASK_QUEUE
    )
    try:
        await asyncio.wait_for(handle.result(), PATIENCE)
    except WorkflowFailureError as error:
        harness.check("Failed decoding arguments" in str(error.cause), f"it failed with {error.cause!r}")
        return
    raise harness.Wrong("it did not fail")


async def unknown_action(stage: Stage) -> None:
    """The worker says what it has; Temporal tries again, since another worker may be newer, as often as it is told."""
    error = await failure(await stage.begin("push-nothing", {}, attempts=1))
    harness.check("push-nothing" in error.message and "not registered" in error.message, f"{error!r}")


async def workers(stage: Stage) -> None:
    """A worker that cannot work ends at once, with one line and status 1, before it takes anything."""
    good = json.loads(stage.connections().read_text())
    package = stage.secret_files / "without"
    shutil.copytree(Path(wecom_connector.__file__).parent, package / "wecom_connector")
    for component in package.rglob("*.wasm"):
        component.unlink()

    def held(value: Any) -> dict[str, str]:
        path = stage.secret_files / f"wrong {len(list(stage.secret_files.iterdir()))}.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return {"WECOM_CONNECTIONS": str(path)}

    wrong = [
        ({"PYTHONPATH": str(package)}, "component"),
        ({"TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}"}, "worker: "),
        ({"WECOM_CONNECTIONS": "none.json"}, "none.json cannot be read: No such file or directory"),
        (held(f'{{"hr": "{SECRET}",'), ".json is no JSON, line 1"),
        (held([SECRET]), "must be an object with a connection under each name"),
        (held({"hr": SECRET}), "hr: type must be one of application, chatbot"),
        (held({"hr": {"type": "app", "app_secret": SECRET}}), "hr: type must be one of application, chatbot"),
        (
            held({"hr": {**good["hr"], "secret": SECRET}}),
            "hr: secret: there is no such field; there are access_token, ",
        ),
        (held({"alerts": {"type": "chatbot"}}), "alerts: chatbot_key is missing"),
    ]

    async def ends(environment: dict[str, str], words: str) -> None:
        given = {"WECOM_CONNECTIONS": str(stage.connections()), **environment}
        worker = await stage.start("wrong", ["worker.py"], "", given, forked="PYTHONPATH" not in environment)
        status = await asyncio.to_thread(worker.process.wait, PATIENCE)
        lines = worker.said().splitlines()
        harness.check(status == 1, f"{environment}: {status}, {lines}")
        harness.check(len(lines) == 1 and words in lines[0] and SECRET not in lines[0], f"{environment}: {lines}")
        stage.notes.append(lines[0][:160])

    await asyncio.gather(*[ends(*one) for one in wrong])


GROUPS = [Group("wrong", [input_of_a_workflow, calls, unknown_action, workers])]
