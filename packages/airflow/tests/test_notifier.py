"""Messages from callbacks."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from airflow.sdk import DAG
from conftest import connect
from support import Simulator
from wecom_connector import Rejected

from wecom_connector_provider.errors import HAS_RETRY_POLICY, WrongConnection
from wecom_connector_provider.notifier import WeComNotifier

LOUD = pytest.mark.skipif(not HAS_RETRY_POLICY, reason="this Airflow logs what a notifier raises, and no more")


def called() -> dict[str, Any]:
    return {"dag": DAG("dag", schedule=None), "what": "对账"}


def test_a_chatbot(connections: Simulator) -> None:
    WeComNotifier(content="{{ dag.dag_id }}：{{ what }}失败", mentioned_list=["@all"])(called())
    [request] = connections.at("webhook/send")
    assert "dag：对账失败" in request["body"]
    assert "@all" in request["body"]


def test_an_application(connections: Simulator) -> None:
    WeComNotifier("push-text-message", to_user=["zhangsan"], content="{{ what }}失败")(called())
    [request] = connections.at("message/send")
    assert "对账失败" in request["body"]


def test_a_deadline_in_the_triggerer(connections: Simulator) -> None:
    notifier = WeComNotifier(content="超时")
    asyncio.run(notifier.async_notify({}))
    assert len(connections.at("webhook/send")) == 1


def test_an_action_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="WeComNotifier: there is no action 'make-coffee'"):
        WeComNotifier("make-coffee")


@LOUD
def test_a_refusal_is_in_the_log(connections: Simulator) -> None:
    with pytest.raises(Rejected, match="81013"):
        WeComNotifier("push-text-message", to_user=["nobody"], content="失败")(called())


@LOUD
def test_a_connection_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, "mine", "http")
    with pytest.raises(WrongConnection, match='"mine" is of the type "http"'):
        WeComNotifier(content="失败", wecom_conn_id="mine")(called())
