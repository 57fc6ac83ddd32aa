"""The deferrable form: a call in the triggerer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from airflow.exceptions import TaskDeferred
from conftest import ApiServer, Away, Store, connect, context, raising
from support import Simulator
from wecom_connector import Rejected

from wecom_connector_provider._airflow import AirflowFailException
from wecom_connector_provider.errors import ExecutionFailed, WrongConnection
from wecom_connector_provider.mark import KEY
from wecom_connector_provider.operators import WeComListDepartmentsOperator, WeComPushTextMessageOperator
from wecom_connector_provider.triggers import WeComTrigger


class XComs:
    """The XComs of Airflow, for triggers."""

    def __init__(self) -> None:
        self.kept: dict[tuple[Any, ...], str] = {}

    def set(self, key: str, value: Any, **task: Any) -> None:
        self.kept[(key, *sorted(task.items()))] = json.dumps(value)

    def get_one(self, *, key: str, **task: Any) -> Any:
        found = self.kept.get((key, *sorted(task.items())))
        return None if found is None else json.loads(found)


@pytest.fixture(autouse=True)
def xcoms(monkeypatch: pytest.MonkeyPatch) -> Iterator[XComs]:
    kept = XComs()
    monkeypatch.setattr("airflow.sdk.execution_time.xcom.XCom", kept)
    return kept  # type: ignore[return-value]


def push(**given: Any) -> WeComPushTextMessageOperator:
    given = {"task_id": "task", "to_user": ["zhangsan"], "content": "完成", "deferrable": True, **given}
    return WeComPushTextMessageOperator(**given)


def deferred(operator: Any, of_task: Any) -> TaskDeferred:
    with pytest.raises(TaskDeferred) as caught:
        operator.execute(of_task)
    return caught.value


def run(trigger: Any) -> Any:
    """Runs it as a triggerer does, from what the database has of it."""
    name, kwargs = trigger.serialize()
    assert name == "wecom_connector_provider.triggers.WeComTrigger"
    again = WeComTrigger(**json.loads(json.dumps(kwargs)))

    async def first() -> Any:
        return (await anext(aiter(again.run()))).payload

    return json.loads(json.dumps(asyncio.run(first())))


def test_a_message(connections: Simulator) -> None:
    store = Store()
    end = deferred(push(), context(store))
    assert KEY in store.kept
    event = run(end.trigger)
    output = push().execute_complete(context(store), event, **(end.kwargs or {}))
    assert output["invalid_user"] == []
    assert output["msg_id"]
    assert len(connections.at("message/send")) == 1


def test_what_airflow_keeps_of_it_has_no_secret(connections: Simulator) -> None:
    end = deferred(push(), context(Store()))
    kept = json.dumps(end.trigger.serialize(), ensure_ascii=False)
    assert '"wecom_application_default"' in kept
    assert "完成" in kept
    assert not any(secret in kept for secret in connections.secrets())


def test_a_triggerer_that_dies_does_not_send_twice(connections: Simulator) -> None:
    store = Store()
    end = deferred(push(), context(store))
    # The first one has sent it, and died before Airflow had its event.
    run(end.trigger)
    event = run(end.trigger)
    assert list(event) == ["lost"]
    with pytest.raises(ExecutionFailed, match="push-text-message: execution-failed: try 1 began this at "):
        push().execute_complete(context(store), event, **(end.kwargs or {}))
    assert len(connections.at("message/send")) == 1
    # And the next try would not, either.
    with pytest.raises(ExecutionFailed):
        push().execute(context(store, try_number=2))


@pytest.mark.parametrize("max_tries", [0, 2])
def test_a_lost_triggerer_is_told_where_the_store_is_away(connections: Simulator, max_tries: int) -> None:
    store = Away()
    end = deferred(push(), context(store, max_tries=max_tries))
    run(end.trigger)
    event = run(end.trigger)
    with pytest.raises(ExecutionFailed):
        push().execute_complete(context(store, max_tries=max_tries), event, **(end.kwargs or {}))


def test_a_triggerer_that_cannot_call_is_told_where_the_store_is_away(
    connections: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Away()
    end = deferred(push(), context(store))
    monkeypatch.delenv("AIRFLOW_CONN_WECOM_APPLICATION_DEFAULT")
    with pytest.raises(WrongConnection):
        push().execute_complete(context(store), run(end.trigger), **(end.kwargs or {}))


def test_a_triggerer_that_dies_in_the_middle(connections: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    from wecom_connector import AsyncWeComConnector

    async def hang(*_: Any) -> None:
        await asyncio.sleep(60)

    end = deferred(push(), context(Store()))
    with monkeypatch.context() as patch:
        patch.setattr(AsyncWeComConnector, "invoke", hang)
        _, kwargs = end.trigger.serialize()

        async def die() -> None:
            async with asyncio.timeout(0.5):
                await anext(aiter(WeComTrigger(**kwargs).run()))

        with pytest.raises(TimeoutError):
            asyncio.run(die())
    assert list(run(end.trigger)) == ["lost"]
    assert connections.at("message/send") == []


@pytest.mark.parametrize("max_tries", [0, 2])
def test_a_task_cleared_while_it_is_deferred_sends_nothing(connections: Simulator, max_tries: int) -> None:
    store = Store()
    end = deferred(push(), context(store, max_tries=max_tries))
    assert list(run(end.trigger)) == ["output"]
    # It was cleared before the task has heard of that.
    with pytest.raises(ExecutionFailed):
        push().execute(context(store, try_number=2, max_tries=max_tries + 1))
    deferred(push(), context(store, try_number=3, max_tries=max_tries + 2))


@pytest.mark.parametrize("to_user", ["zhangsan", "nobody"])
def test_a_task_that_was_deferred_and_has_ended_is_cleared_once(connections: Simulator, to_user: str) -> None:
    store = Store()
    end = deferred(push(to_user=[to_user]), context(store, max_tries=0))
    with suppress(Rejected, AirflowFailException):
        push().execute_complete(context(store, max_tries=0), run(end.trigger), **(end.kwargs or {}))
    deferred(push(), context(store, try_number=2, max_tries=1))


def test_with_the_duplicate_check_the_second_triggerer_sends_it(connections: Simulator, api_server: ApiServer) -> None:
    end = deferred(push(duplicate_check_interval=1800), context(Store()))
    assert list(run(end.trigger)) == ["output"]
    assert list(run(end.trigger)) == ["output"]
    import httpx

    assert len(connections.at("message/send")) == 2
    assert len(httpx.get(f"{connections.base_url}/simulator/messages").json()) == 1


def test_the_duplicate_check_counts_from_the_first_try(connections: Simulator, api_server: ApiServer) -> None:
    store = Store()
    first = deferred(push(duplicate_check_interval=1800), context(store))
    assert list(run(first.trigger)) == ["output"]
    # Its worker was lost. The second try is in time, its triggerer is not.
    second = deferred(push(duplicate_check_interval=1800), context(store, try_number=2))
    api_server.ahead = 1810
    event = run(second.trigger)
    assert list(event) == ["lost"]
    with pytest.raises(ExecutionFailed):
        push().execute_complete(context(store, try_number=2), event, **(second.kwargs or {}))
    assert len(connections.at("message/send")) == 1


def test_what_only_reads_is_read_again(connections: Simulator, xcoms: XComs) -> None:
    end = deferred(WeComListDepartmentsOperator(task_id="task", deferrable=True), context(Store()))
    assert run(end.trigger) == run(end.trigger)
    assert xcoms.kept == {}


def test_a_refusal_is_raised_by_the_task(connections: Simulator) -> None:
    store = Store()
    end = deferred(push(to_user=["nobody"]), context(store))
    event = run(end.trigger)
    with raising(Rejected) as caught:
        push().execute_complete(context(store), event, **(end.kwargs or {}))
    assert caught.value.errcode == 81013
    assert store.kept == {}


def test_a_second_try_may_call(connections: Simulator) -> None:
    store = Store()
    first = deferred(push(to_user=["nobody"]), context(store))
    with raising(Rejected):
        push().execute_complete(context(store), run(first.trigger), **(first.kwargs or {}))
    second = deferred(push(), context(store, try_number=2))
    assert list(run(second.trigger)) == ["output"]


def test_a_connection_that_is_missing_ends_the_task_before_it_waits() -> None:
    with pytest.raises(WrongConnection, match='there is no connection "none"'):
        push(wecom_conn_id="none").execute(context(Store()))


def test_a_triggerer_without_the_connection(connections: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    end = deferred(push(), context(store))
    monkeypatch.delenv("AIRFLOW_CONN_WECOM_APPLICATION_DEFAULT")
    event = run(end.trigger)
    with pytest.raises(WrongConnection, match='there is no connection "wecom_application_default": make one'):
        push().execute_complete(context(store), event, **(end.kwargs or {}))
    assert store.kept == {}


def test_a_triggerer_without_the_component(connections: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    import wecom_connector

    def lack(*_: Any, **__: Any) -> None:
        raise ImportError("the component is missing: install wecom-connector again")

    store = Store()
    end = deferred(push(), context(store))
    monkeypatch.setattr(wecom_connector, "AsyncWeComConnector", lack)
    event = run(end.trigger)
    # Another triggerer may have it, so this may be tried again.
    with pytest.raises(RuntimeError, match="push-text-message: nothing was sent: the component is missing"):
        push().execute_complete(context(store), event, **(end.kwargs or {}))
    assert store.kept == {}


def test_the_setting_of_airflow_is_the_default(monkeypatch: pytest.MonkeyPatch, connections: Simulator) -> None:
    connect(monkeypatch, "unused", "wecom_application")
    monkeypatch.setenv("AIRFLOW__OPERATORS__DEFAULT_DEFERRABLE", "True")
    assert WeComPushTextMessageOperator(task_id="task", content="完成").deferrable
    assert not WeComPushTextMessageOperator(task_id="task", content="完成", deferrable=False).deferrable
