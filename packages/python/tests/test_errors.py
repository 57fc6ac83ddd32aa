"""What an exception says, and what it promises."""

from __future__ import annotations

import pickle
import socket
import time
from typing import Any

import httpx
import pytest
from conftest import Serve, Simulator, cut_off, ok, read_request, reset_after_request, serving, silent

from wecom_connector import (
    Application,
    InvalidParameters,
    OutcomeUnknown,
    Rejected,
    Retryable,
    WeComConnector,
    WeComError,
)


def application(url: str, **fields: Any) -> Application:
    return Application(corp_id="ww1", access_token="SIMULATED", agent_id=1, base_url=url, timeout_seconds=1, **fields)


def push(wecom: WeComConnector) -> Any:
    return wecom.push_text_message(to_user=["zhangsan"], content="hello")


def read(wecom: WeComConnector) -> Any:
    return wecom.list_department_ids()


def test_a_refusal_says_what_to_do(simulator: Simulator) -> None:
    with WeComConnector(simulator.application()) as wecom, pytest.raises(Rejected) as caught:
        wecom.push_text_message(to_user=["nobody"], content="hello")
    error = caught.value
    assert (error.category, error.errcode, error.may_repeat) == ("not-found", 81013, False)
    assert error.case == "permanent-rejected"
    assert (error.api, error.credential, error.action) == ("message/send", "app-secret", "push-text-message")
    assert error.doc_url
    assert str(error) == f"push-text-message: {error.hint.en} [message/send: 81013 {error.message}] {error.doc_url}"
    with WeComConnector(simulator.application(), language="zh") as wecom, pytest.raises(Rejected) as caught:
        wecom.push_text_message(to_user=["nobody"], content="hello")
    assert caught.value.hint.zh in str(caught.value)


def test_every_fault_of_the_parameters_is_listed() -> None:
    with WeComConnector(application("http://127.0.0.1:9")) as wecom, pytest.raises(InvalidParameters) as caught:
        wecom.invoke("push-text-message", {"to_user": ["a", {}], "safe": 7})
    found = {(fault.argument, fault.pointer) for fault in caught.value.faults}
    assert found == {("parameters", pointer) for pointer in ("/content", "/to_user/1", "/safe")}
    assert "; content is required" in str(caught.value)


def test_an_action_that_nobody_knows() -> None:
    with WeComConnector() as wecom, pytest.raises(InvalidParameters) as caught:
        wecom.invoke("make-coffee", {})
    assert str(caught.value) == "make-coffee: action is no action; the manifest lists them all"


def repr_of_type(value: object) -> str:
    return type(value).__name__


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"a"}, "to_user must be a str, int, float, bool, list or dict, not set"),
        (b"a", "to_user must be a str, int, float, bool, list or dict, not bytes"),
        (["a", object()], "to_user/1 must be a str, int, float, bool, list or dict, not object"),
        ([float("nan")], "to_user/0 must be a str, int, float, bool, list or dict, not nan"),
        ([float("-inf")], "to_user/0 must be a str, int, float, bool, list or dict, not -inf"),
        ([{1: "a"}], "to_user/0 must have texts for names, not int"),
        ([{"a~/b": b""}], "to_user/0/a~/b must be a str"),
        (["\ud800"], "to_user/0 is not JSON"),
        (10**5000, "to_user must be a str, int, float, bool, list or dict, not int > 64 bit"),
    ],
    ids=repr_of_type,
)
def test_a_value_of_a_wrong_type_is_named(value: Any, says: str) -> None:
    with WeComConnector(application("http://127.0.0.1:9")) as wecom, pytest.raises(InvalidParameters) as caught:
        wecom.push_text_message(to_user=value, content="hello")
    assert says in str(caught.value)
    assert caught.value.faults[0].message.zh


def test_a_list_that_holds_itself() -> None:
    value: list[Any] = []
    value.append(value)
    with WeComConnector(application("http://127.0.0.1:9")) as wecom, pytest.raises(InvalidParameters, match="to_user"):
        wecom.push_text_message(to_user=value, content="hello")


@pytest.mark.parametrize("value", [None, [], "{}"])
def test_parameters_that_are_no_dict(value: Any) -> None:
    with WeComConnector(application("http://127.0.0.1:9")) as wecom, pytest.raises(InvalidParameters) as caught:
        wecom.invoke("list-department-ids", value)
    assert str(caught.value) == f"list-department-ids: parameters must be a dict, not {type(value).__name__}"


def test_an_action_and_a_connection_of_a_wrong_type() -> None:
    wrong: Any = {"corp_id": "SIMULATED"}
    with WeComConnector(application("http://127.0.0.1:9")) as wecom:
        with pytest.raises(InvalidParameters, match="connection must be an Application or a Chatbot, not dict"):
            wecom.list_department_ids(connection=wrong)
        with pytest.raises(InvalidParameters, match="action must be a str, not dict"):
            wecom.invoke(wrong, {})
        with pytest.raises(InvalidParameters, match="connection app_secret must be"):
            wecom.list_department_ids(connection=Application(corp_id="ww1", app_secret=wrong["corp_id"].encode()))
        with pytest.raises(ValueError, match="one of"):
            wecom.get_access_token(wrong)


def test_errors_are_pickled(simulator: Simulator) -> None:
    errors: list[WeComError] = []
    with WeComConnector(simulator.application()) as wecom:
        for content in ("hello", ""):
            try:
                wecom.push_text_message(to_user=["nobody"], content=content)
            except WeComError as error:
                errors.append(error)
    for one in errors:
        copy = pickle.loads(pickle.dumps(one))  # noqa: S301
        assert (type(copy), str(copy), copy.__dict__) == (type(one), str(one), one.__dict__)
    assert [type(one) for one in errors] == [Rejected, InvalidParameters]


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with WeComConnector(application(f"http://127.0.0.1:{port}")) as wecom, pytest.raises(Retryable) as caught:
        push(wecom)
    assert (caught.value.category, caught.value.may_repeat) == ("network", True)


def close(peer: socket.socket) -> None:
    read_request(peer)


def trickle(peer: socket.socket) -> None:
    read_request(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(1000):
        peer.sendall(b" ")
        time.sleep(0.1)


@pytest.mark.parametrize("serve", [close, reset_after_request, silent, cut_off, trickle])
def test_an_answer_that_is_lost(serve: Serve) -> None:
    with serving(serve) as server, WeComConnector(application(server.url)) as wecom:
        with pytest.raises(OutcomeUnknown) as caught:
            push(wecom)
        assert (caught.value.category, caught.value.may_repeat) == ("network", False)
        with pytest.raises(Retryable):
            read(wecom)
        # Neither was repeated.
        assert server.connections == 2


def test_an_answer_that_is_too_long() -> None:
    sent: list[int] = []

    def too_long(peer: socket.socket) -> None:
        read_request(peer)
        peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")
        sent.append(0)
        for _ in range(1000):
            peer.sendall(b" " * 100_000)
            sent[-1] += 100_000

    with serving(too_long) as server, WeComConnector(application(server.url)) as wecom:
        with pytest.raises(OutcomeUnknown, match="too long"):
            push(wecom)
        with pytest.raises(Rejected, match="too long"):
            read(wecom)
    # A longest answer is 1 MiB for a push; the rest is what sockets hold.
    assert sent[0] < 20_000_000


def test_a_redirection_is_not_followed() -> None:
    def redirect(peer: socket.socket) -> None:
        read_request(peer)
        peer.sendall(b"HTTP/1.1 307 X\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n")

    with serving(redirect) as server, httpx.Client(follow_redirects=True) as client:
        with pytest.raises(WeComError):
            push(WeComConnector(application(server.url), client=client))
        assert server.connections == 1


def test_what_the_client_adds_is_not_for_wecom() -> None:
    arrived: list[bytes] = []

    def serve(peer: socket.socket) -> None:
        arrived.append(read_request(peer))
        peer.sendall(ok())

    adds: dict[str, Any] = {
        "headers": {"x-mine": "1"},
        "cookies": {"mine": "1"},
        "params": {"mine": "1"},
        "auth": ("mine", "1"),
    }
    with serving(serve) as server, httpx.Client(**adds) as client:
        push(WeComConnector(application(server.url), client=client))
    [request] = arrived
    assert b"mine" not in request
    assert b"authorization" not in request.lower()
    assert b"content-length: " in request.lower()
    assert request.startswith(b"POST /cgi-bin/message/send?access_token=SIMULATED HTTP/1.1\r\n")


def test_how_long_to_wait_is_told() -> None:
    def busy(peer: socket.socket) -> None:
        read_request(peer)
        peer.sendall(b"HTTP/1.1 429 X\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n")

    with serving(busy) as server, WeComConnector(application(server.url)) as wecom, pytest.raises(Retryable) as caught:
        push(wecom)
    assert caught.value.retry_after_seconds == 7
