"""Connections: from the environment, tested, and without their secrets in what is shown."""

from __future__ import annotations

import logging
import re
from typing import Any

import httpx
import pytest
from conftest import REPOSITORY, Simulator

from wecom_connector import Application, Chatbot, InvalidParameters, Rejected, WeComConnector


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (Application, Chatbot):
        for variable in kind.VARIABLES.values():
            monkeypatch.delenv(variable, raising=False)


def in_environment(monkeypatch: pytest.MonkeyPatch, connection: Application | Chatbot) -> None:
    for name, variable in connection.VARIABLES.items():
        value = getattr(connection, name)
        if value is not None:
            monkeypatch.setenv(variable, str(value))


def test_the_variables_are_those_of_the_other_component() -> None:
    said = (REPOSITORY / "wit" / "types.wit").read_text(encoding="utf-8")
    variables = {*Application.VARIABLES.values(), *Chatbot.VARIABLES.values()}
    assert variables == set(re.findall(r"`(WECOM_[A-Z_]+)`", said))


def test_the_environment_stands_for_a_connection(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    in_environment(monkeypatch, simulator.application())
    in_environment(monkeypatch, simulator.chatbot())
    with WeComConnector() as wecom:
        wecom.push_text_message(to_user=["zhangsan"], content="hello")
        wecom.push_text_message_by_chatbot(content="hello")
        assert len(wecom.test_connection().checks) == 3
        assert [check.credential for check in wecom.test_connection(simulator.chatbot()).checks] == ["chatbot-key"]


def test_a_connection_that_stands_nowhere() -> None:
    with WeComConnector() as wecom, pytest.raises(InvalidParameters) as caught:
        wecom.push_text_message(to_user=["zhangsan"], content="hello")
    assert str(caught.value) == (
        "push-text-message: connection corp_id is required: no connection was given, and WECOM_CORP_ID is not set in "
        "the environment"
    )
    with WeComConnector(language="zh") as wecom, pytest.raises(InvalidParameters, match="WECOM_CORP_ID") as caught:
        wecom.test_connection()
    assert caught.value.hint.zh in str(caught.value)


def test_a_test_says_which_secret_is_wrong(simulator: Simulator) -> None:
    with WeComConnector(simulator.application(app_secret="SIMULATED-wrong")) as wecom:
        report = wecom.test_connection()
    wrong, right = sorted(report.checks, key=lambda check: check.proved)
    assert (wrong.pointer, wrong.proved, right.pointer, right.proved) == (
        "/app_secret",
        False,
        "/contacts_secret",
        True,
    )
    assert isinstance(wrong.error, Rejected)
    assert wrong.error.category == "authentication"
    assert right.error is None


def test_an_access_token_is_given_out_and_taken(simulator: Simulator) -> None:
    with WeComConnector(simulator.application()) as wecom:
        token = wecom.get_access_token()
        assert 0 < token.expires_in_seconds <= 7200
        assert token.access_token not in repr(token)
        kept = simulator.application(app_secret=None, access_token=token.access_token)
        wecom.push_text_message(to_user=["zhangsan"], content="hello", connection=kept)
        assert token.access_token not in repr(kept)
    assert len(simulator.at("gettoken")) == 1


def test_secrets_show_nowhere(simulator: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    application, chatbot = simulator.application(), simulator.chatbot()
    shown = [repr(application), repr(chatbot), str(application)]
    with WeComConnector(application, chatbot) as wecom:
        shown.append(repr(wecom))
        token = wecom.get_access_token().access_token
        wecom.push_text_message(to_user=["zhangsan"], content="hello")
        wecom.push_text_message_by_chatbot(content="hello")
        with pytest.raises(Rejected) as caught:
            wecom.push_text_message(to_user=["nobody"], content="hello")
        shown += [str(caught.value), repr(caught.value), repr(caught.value.__context__)]
    with httpx.Client(base_url=simulator.base_url) as client:
        client.get("/cgi-bin/mine?query=stays")
    assert '/cgi-bin/message/send "HTTP/1.1 200 OK"' in caplog.text
    assert "query=stays" in caplog.text
    everything = "\n".join([caplog.text, *shown])
    secrets: list[Any] = [*simulator.secrets(), token]
    assert [secret for secret in secrets if secret in everything] == []
