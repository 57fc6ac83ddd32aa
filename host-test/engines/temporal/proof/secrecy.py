"""Secrets stay at the workers: what everything before has left is searched for them."""

from __future__ import annotations

import uuid
from typing import Any

import harness
from temporalio.client import Client, Interceptor, OutboundInterceptor, StartWorkflowInput, WorkflowHandle
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.converter import DataConverter

from proof.approval import receiver
from proof.group import Group
from proof.kills import PUSH, text
from proof.leaks import SEARCHABLE
from proof.processes import until
from proof.stage import Stage, failure
from workflows import TASK_QUEUE, Call, CallAction


class Planting(Interceptor):
    """Adds a header to each workflow."""

    def __init__(self, value: str) -> None:
        self._value = value

    def intercept_client(self, following: OutboundInterceptor) -> OutboundInterceptor:
        value = self._value

        class Outbound(OutboundInterceptor):
            async def start_workflow(self, start: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
                [payload] = await DataConverter.default.encode([value])
                start.headers = {**start.headers, "planted": payload}
                return await super().start_workflow(start)

        return Outbound(following)


async def no_secret_is_kept(stage: Stage) -> None:
    """Neither the histories of all workflows until here, with all that payloads hold, nor Temporal's databases, nor any
    log has a secret. The same search finds what is planted in each of these places."""
    planted = {
        name: f"planted-{name}-{uuid.uuid4().hex}" for name in ("input", "memo", "attribute", "header", "failure")
    }
    log = f"planted-log-{uuid.uuid4().hex}"
    connections = stage.connections(**{log: {"type": "chatbot", "chatbot_key": stage.secrets()["chatbot_key"]}})
    await stage.start_worker(WECOM_CONNECTIONS=str(connections))
    await receiver(stage)
    config = stage.client.config()
    config["interceptors"] = [Planting(planted["header"])]
    call = Call(PUSH, text(planted["input"]), planted["failure"])
    handle = await Client(**config).start_workflow(
        CallAction.run,
        call,
        id=f"planted-{uuid.uuid4()}",
        task_queue=TASK_QUEUE,
        memo={"planted": planted["memo"]},
        search_attributes=TypedSearchAttributes(
            [SearchAttributePair(SearchAttributeKey.for_keyword(SEARCHABLE), planted["attribute"])]
        ),
    )
    await failure(handle)
    stage.leave()
    kept = stage.kept

    async def is_listed() -> bool:
        return any([execution.id == handle.id async for execution in stage.client.list_workflows()])

    # Temporal lists a workflow a little later.
    await until("listed", is_listed)
    await kept.read()
    wanted = {
        "input": [
            "workflow_execution_started_event_attributes.input",
            "activity_task_scheduled_event_attributes.input",
        ],
        "memo": ["workflow_execution_started_event_attributes.memo", "description.workflow_execution_info.memo"],
        "attribute": ["workflow_execution_started_event_attributes.search_attributes"],
        "header": ["workflow_execution_started_event_attributes.header"],
        "failure": ["failure.message", "failure.application_failure_info.details", "failure.cause"],
    }
    for name, places in wanted.items():
        found = kept.places(planted[name])
        for place in [*places, "temporal-shared: temporal.db: history_node"]:
            harness.check(
                any(place in where for where in found), f"the search does not find {name} at {place}: {found}"
            )
    # A worker tells the names of its connections.
    harness.check([where for where in kept.places(log) if ".log" in where] != [], "the search finds nothing in logs")
    for name, begin in {"worker": "activities, connections:", "receiver": "running on"}.items():
        harness.check(any(f": {name}-" in where for where in kept.places(begin)), f"no log of a {name} was read")
    kinds = {what.partition(": ")[2].rstrip("0123456789 ") for what in kept.secrets}
    harness.check({"app_secret", "contacts_secret", "chatbot_key", "access token"} <= kinds, f"no secrets but {kinds}")
    found = [f"{what} in {where}" for what, secret in kept.secrets.items() for where in kept.places(secret)]
    harness.check(not found, f"secrets: {found}")
    stage.notes.append(
        f"{len(kept.secrets)} secrets looked for in {kept.histories} histories and {len(kept.pieces)} pieces"
    )


GROUP = Group("secrecy", [no_secret_is_kept], workers=0)
