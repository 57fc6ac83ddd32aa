"""Connections: their forms, their test, and what is wrong with them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Any

import pytest
from airflow.models import Connection
from airflow.providers_manager import ProvidersManager
from conftest import connect
from support import REPOSITORY, Simulator

from wecom_connector_provider import get_provider_info
from wecom_connector_provider.errors import HAS_RETRY_POLICY, WrongConnection
from wecom_connector_provider.hooks import HOOKS, WeComApplicationHook, WeComChatbotHook


def test_airflow_finds_the_connections() -> None:
    hooks = ProvidersManager().hooks  # type: ignore[no-untyped-call]
    for hook in HOOKS.values():
        found = hooks[hook.conn_type]
        assert found is not None
        assert found.hook_class_name == f"{hook.__module__}.{hook.__name__}"
        assert found.connection_id_attribute_name == "wecom_conn_id"


def test_forms_are_the_connectors_schemas() -> None:
    forms = {kind["connection-type"]: kind for kind in get_provider_info()["connection-types"]}
    assert set(forms) == {hook.conn_type for hook in HOOKS.values()}
    for name, hook in HOOKS.items():
        schema = json.loads((REPOSITORY / f"schemas/connection/{name}.schema.json").read_text(encoding="utf-8"))
        form = forms[hook.conn_type]
        shown = {field: of["schema"] for field, of in form["conn-fields"].items()}
        fields = {
            field: of for field, of in schema["properties"].items() if field not in ("name", "type", "description")
        }
        in_password = "password" not in form["ui-field-behaviour"]["hidden-fields"]
        assert len(fields) == len(shown) + in_password
        for field, of in fields.items():
            if in_password and of.get("writeOnly"):
                assert of["title"] in form["ui-field-behaviour"]["relabeling"]["password"]
                continue
            assert of["title"] in form["conn-fields"][field]["label"]
            assert of["description"] in form["conn-fields"][field]["description"]
            assert (shown[field].get("format") == "password") == bool(of.get("writeOnly"))
            # Airflow's form asks for what may not be null.
            assert ("null" in shown[field]["type"]) == (field not in schema["required"])
        assert {"host", "login", "port"} <= set(form["ui-field-behaviour"]["hidden-fields"])


def test_no_secret_is_shown_by_airflows_api(simulator: Simulator) -> None:
    from airflow.api_fastapi.core_api.datamodels.connections import ConnectionResponse

    application, chatbot = asdict(simulator.application(access_token="SIMULATED-token")), simulator.chatbot()
    saved = [
        Connection(conn_id="a", conn_type="wecom_application", extra=json.dumps(application)),
        Connection(conn_id="b", conn_type="wecom_chatbot", password=chatbot.chatbot_key),
    ]
    shown = "".join(ConnectionResponse.model_validate(of, from_attributes=True).model_dump_json() for of in saved)
    assert application["corp_id"] in shown
    assert not any(secret in shown for secret in [*simulator.secrets(), "SIMULATED-token"])


def test_the_button_test(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, "right", "wecom_application", **asdict(simulator.application()))
    connect(monkeypatch, "wrong", "wecom_application", **asdict(simulator.application(app_secret="SIMULATED-wrong")))
    is_good, said = WeComApplicationHook("right").test_connection()
    assert is_good
    assert "WeCom accepts the Enterprise ID and this secret" in said
    is_good, said = WeComApplicationHook("wrong").test_connection()
    assert not is_good
    assert "40001" in said
    assert "App Management (应用管理)" in said
    assert "SIMULATED-wrong" not in said
    is_good, said = WeComApplicationHook("none").test_connection()
    assert (is_good, said) == (False, 'there is no connection "none": make one, of the type wecom_application')
    assert simulator.at("message/send") == []


def test_airflow_tests_a_connection_that_is_not_saved(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Connection(
        conn_id="unsaved",
        conn_type="wecom_chatbot",
        password=simulator.chatbot().chatbot_key,
        extra=json.dumps({"base_url": simulator.base_url}),
    )
    monkeypatch.setenv("AIRFLOW_CONN_UNSAVED", connection.get_uri())
    is_good, said = connection.test_connection()  # type: ignore[no-untyped-call]
    assert is_good, said


def test_a_key_is_the_password_or_in_the_extra(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    chatbot = simulator.chatbot()
    value = {"conn_type": "wecom_chatbot", "password": chatbot.chatbot_key, "extra": {"base_url": chatbot.base_url}}
    monkeypatch.setenv("AIRFLOW_CONN_PASSWORD", json.dumps(value))
    connect(monkeypatch, "extra", "wecom_chatbot", **asdict(chatbot))
    assert WeComChatbotHook("password").connection() == WeComChatbotHook("extra").connection() == chatbot


def test_what_is_left_empty_in_a_form_is_left_out(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {**asdict(simulator.application()), "contacts_secret": "", "lower_corp_id": ""}
    connect(monkeypatch, "empty", "wecom_application", **given)
    connection = WeComApplicationHook("empty").connection()
    assert connection == simulator.application(contacts_secret=None)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"conn_type": "http"}, 'is of the type "http", and this needs wecom_application'),
        ({"conn_type": "wecom_chatbot"}, 'is of the type "wecom_chatbot", and this needs wecom_application'),
        (
            {"conn_type": "wecom_application", "extra": {"corpid": "ww1"}},
            "has no field corpid: its fields are corp_id, ",
        ),
        ({"conn_type": "wecom_application", "extra": {"corp_id": ""}}, "lacks corp_id"),
        ({"conn_type": "wecom_application"}, "lacks corp_id"),
        pytest.param(
            {"conn_type": "wecom_application", "extra": "[]"},
            "has an extra that is no JSON object",
            marks=pytest.mark.skipif(not HAS_RETRY_POLICY, reason="this Airflow reads no such connection"),
        ),
    ],
)
def test_a_connection_that_is_wrong(value: Any, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_MINE", json.dumps(value))
    with pytest.raises(WrongConnection) as caught:
        WeComApplicationHook("mine").get_conn()
    assert str(caught.value).startswith(f'the connection "mine" {said}')


def test_a_field_of_a_wrong_type_is_named(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, "mine", "wecom_application", **{**asdict(simulator.application()), "agent_id": "abc"})
    is_good, said = WeComApplicationHook("mine").test_connection()
    assert not is_good
    assert "connection agent_id must be a whole number" in said


def test_a_hook_without_blocking(connections: Simulator) -> None:
    async def push() -> list[str]:
        async with WeComApplicationHook().get_async_conn() as wecom:
            return (await wecom.push_text_message(to_user=["zhangsan"], content="完成"))["invalid_user"]

    assert asyncio.run(push()) == []


def test_secrets_are_masked_in_logs(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    masked: list[str] = []
    monkeypatch.setattr("wecom_connector_provider.hooks.mask_secret", masked.append)
    connect(monkeypatch, "a", "wecom_application", **asdict(simulator.application()))
    connect(monkeypatch, "b", "wecom_chatbot", **asdict(simulator.chatbot()))
    WeComApplicationHook("a").connection()
    WeComChatbotHook("b").connection()
    assert set(masked) == set(simulator.secrets())
