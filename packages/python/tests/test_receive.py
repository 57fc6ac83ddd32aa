"""The web server of the README, as a process: requests of WeCom's, and others."""

from __future__ import annotations

import importlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from callbacks import BOT, PAGE, PYTHON, Sealed, fields_of, seal, sign, unseal
from conftest import Server, Simulator, ok, read_request, serving

from wecom_connector import Application, Callback, WeComConnector, decrypt_message

EXAMPLES = Path(__file__).parents[1] / "examples"


class Receiver:
    """A process of the example."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._read = lines
        self.lines: list[str] = []
        """What it has logged, beside what uvicorn tells of itself."""
        self.everything: list[str] = []
        for line in lines:
            if found := re.search(r"running on http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                break
        else:
            raise AssertionError("it does not start")

    def read(self) -> None:
        for line in self._read:
            self.everything.append(line.rstrip())
            if not line.startswith("INFO: "):
                self.lines.append(line.rstrip())

    def get(self, query: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}/wecom{query}", timeout=5)

    def post(self, query: str, body: bytes) -> httpx.Response:
        return httpx.post(f"http://127.0.0.1:{self.port}/wecom?{query}", content=body, timeout=5)

    def said(self, number: int) -> list[str]:
        """The lines, once there are that many: nothing more may come."""
        until = time.monotonic() + 5
        while len(self.lines) < number and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.1)
        return self.lines


@contextmanager
def receiving(*connections: Application | Callback, examples: Path = EXAMPLES) -> Iterator[Receiver]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("WECOM_")}
    for connection in connections:
        for name, variable in connection.VARIABLES.items():
            given[variable] = str(getattr(connection, name) or "")
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(examples), "receive:app", "--no-access-log"]
    command += ["--port", "0"]
    with subprocess.Popen(command, env=given, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        receiver = Receiver(iter(process.stderr))
        reader = threading.Thread(target=receiver.read)
        reader.start()
        try:
            yield receiver
        finally:
            process.terminate()
            process.wait(10)
            reader.join()


def application(wecom: Server) -> Application:
    return Application(corp_id="ww1", access_token="SECRET-ACCESS", base_url=wecom.url)


def message(kind: str, rest: str) -> Sealed:
    head = "<xml><ToUserName>ww1</ToUserName><FromUserName>zhangsan</FromUserName><AgentID>7</AgentID>"
    return seal(PAGE, f"{head}<MsgType>{kind}</MsgType>{rest}</xml>", int(time.time()))


TEXT = "<MsgId>17</MsgId><Content>SECRET-WORDS</Content>"
PRESSED = "<Event>template_card_event</Event><EventKey>yes</EventKey><ResponseCode>SECRET-CODE</ResponseCode>"


def break_off(receiver: Receiver, sealed: Sealed) -> None:
    """Sends half of a request."""
    with socket.create_connection(("127.0.0.1", receiver.port)) as peer:
        head = f"POST /wecom?{sealed.query} HTTP/1.1\r\nhost: a\r\ncontent-length: {len(sealed.xml)}\r\n\r\n"
        peer.sendall(head.encode() + sealed.xml[:100])


def test_wecom_is_answered() -> None:
    updates: list[dict[str, Any]] = []
    released = threading.Event()

    def wecom(peer: socket.socket) -> None:
        while request := read_request(peer):
            updates.append(json.loads(request.partition(b"\r\n\r\n")[2]))
            released.wait(10)
            peer.sendall(ok())

    with serving(wecom) as server, receiving(PAGE, application(server)) as receiver:
        echo = receiver.get(f"?{seal(PAGE, '1616140317555161061', int(time.time())).query_of_url}")
        assert (echo.status_code, echo.content) == (200, b"1616140317555161061")

        text = message("text", TEXT)
        for _ in range(2):
            reply = receiver.post(text.query, text.xml)
            assert (reply.status_code, reply.headers["content-type"]) == (200, "application/xml")
            envelope = fields_of(reply.text)
            assert envelope["MsgSignature"] == sign(PAGE, envelope["TimeStamp"], envelope["Nonce"], envelope["Encrypt"])
            plain = fields_of(unseal(PAGE, envelope["Encrypt"])[1])
            assert (plain["ToUserName"], plain["Content"]) == ("zhangsan", "收到，马上处理。")

        pressed = message("event", PRESSED)
        for _ in range(4):
            # The work goes on, and nobody waits for it.
            answer = receiver.post(pressed.query, pressed.xml)
            assert (answer.status_code, answer.content) == (200, b"")
        unknown = message("event", "<Event>brand_new</Event>")
        assert receiver.post(unknown.query, unknown.json).status_code == 200
        released.set()
        repeated = ["text, repeated", *["event/template_card_event, repeated"] * 3]
        assert receiver.said(4) == repeated
        assert "SECRET" not in "\n".join(receiver.everything)
    [update] = updates
    assert (update["response_code"], update["userids"], update["agentid"]) == ("SECRET-CODE", ["zhangsan"], 7)
    assert update["button"] == {"replace_name": "已处理"}


def test_the_simulator_tells_and_is_answered(simulator: Simulator) -> None:
    """The whole way: a URL is set, a card is sent, pressed and updated, a member writes and gets a reply."""
    application = simulator.application()

    def order(what: str, **fields: Any) -> dict[str, Any]:
        told: dict[str, Any] = httpx.post(f"{simulator.base_url}/simulator/{what}", json=fields, timeout=10).json()
        return told

    def delivered(told: dict[str, Any]) -> dict[str, Any]:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            found: dict[str, Any] = httpx.get(f"{simulator.base_url}/simulator/callbacks/{told['callback']}").json()
            if found["state"] != "pending":
                return found
            time.sleep(0.05)
        raise AssertionError(told)

    callback = replace(PAGE, receive_id=application.corp_id)
    with receiving(callback, application) as receiver, WeComConnector(application) as wecom:
        url = f"http://127.0.0.1:{receiver.port}/wecom"
        keys = {"token": callback.token, "encoding_aes_key": callback.encoding_aes_key}
        wrong = order("callback", agent_id=application.agent_id, url=url, **keys | {"token": "another"})
        assert "errcode" not in wrong
        assert order("callback", agent_id=application.agent_id, url=url, **keys)["errcode"] == 0
        wecom.push_button_card(
            to_user=["zhangsan"],
            task_id="order-17",
            main_title={"title": "Order 17"},
            button_list=[{"text": "Approve", "key": "yes"}],
        )
        pressed = delivered(order("press", user_id="zhangsan", key="yes"))
        assert [attempt["status"] for attempt in pressed["attempts"]] == [200]
        [update] = simulator.at("message/update_template_card")
        assert update["errcode"] == 0
        written = delivered(order("write", user_id="zhangsan", agent_id=application.agent_id, content="hello"))
        assert (written["reply"]["Content"], written["reply_error"]) == ("收到，马上处理。", None)
        [line] = receiver.said(1)
        assert line.startswith("verify-url: The signature is wrong.")


def test_a_card_of_a_smart_bot_is_no_work() -> None:
    """It has the topic of an application's, and no code to update it with."""
    pressed = {"card_type": "button_interaction", "event_key": "SECRET-KEY", "task_id": "leave-1042"}
    told = {"msgid": "m1", "msgtype": "event", "from": {"userid": "zhangsan"}}
    told |= {"event": {"eventtype": "template_card_event", "template_card_event": pressed}}
    sealed = seal(BOT, json.dumps(told), int(time.time()))
    event = decrypt_message(sealed.query, sealed.json, BOT)
    assert (event.topic, event.from_user) == ("event/template_card_event", "zhangsan")

    requests: list[bytes] = []

    def wecom(peer: socket.socket) -> None:
        while request := read_request(peer):
            requests.append(request)
            peer.sendall(ok())

    with serving(wecom) as server, receiving(BOT, application(server)) as receiver:
        answer = receiver.post(sealed.query, sealed.json)
        assert (answer.status_code, answer.content) == (200, b"")
        assert receiver.said(0) == []
        assert "SECRET" not in "\n".join(receiver.everything)
    assert requests == []


def test_work_that_fails_is_one_line() -> None:
    def wecom(peer: socket.socket) -> None:
        while read_request(peer):
            peer.sendall(ok(b'{"errcode":60140,"errmsg":"response_code used"}'))

    with serving(wecom) as server, receiving(PAGE, application(server)) as receiver:
        pressed = message("event", PRESSED)
        assert receiver.post(pressed.query, pressed.xml).status_code == 200
        [line] = receiver.said(1)
        assert line.startswith("update-card: ")
        assert "60140" in line


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ('{"msg_type": "none", "content": event.fields["content"]}', "encrypt-reply: msg_type must be one of "),
        ('{"msg_type": "text", "content": {event.fields["content"]}}', "encrypt-reply: content must be "),
        ('int(event.fields["content"])', "no reply: ValueError"),
    ],
)
def test_a_reply_that_fails_is_one_line_and_the_work_is_done(answer: str, says: str, tmp_path: Path) -> None:
    example = (EXAMPLES / "receive.py").read_text()
    changed = re.sub(r"return \{\"msg_type\".*", lambda _: f"return {answer}", example)
    worked = re.sub(r"(async def work.*\n)", "\\1    log.error('the work')\n", changed)
    assert len({example, changed, worked}) == 3
    (tmp_path / "receive.py").write_text(worked)
    text = message("text", TEXT)
    with receiving(PAGE, examples=tmp_path) as receiver:
        for _ in range(2):
            reply = receiver.post(text.query, text.xml)
            assert (reply.status_code, reply.content) == (200, b"")
        lines = receiver.said(4)
        others = [line for line in lines if not line.startswith(says)]
        assert (len(lines), sorted(others)) == (4, ["text, repeated", "the work"]), lines
        assert "SECRET" not in "\n".join(receiver.everything)


def test_an_event_is_known_as_long_as_its_request_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    example = importlib.import_module("receive")
    now = 0.0
    monkeypatch.setattr(example.time, "monotonic", lambda: now)
    sealed = message("text", TEXT)
    event = decrypt_message(sealed.query, sealed.xml, PAGE)
    assert example.is_new(event)
    for number in range(60_000):
        now = number / 100
        assert example.is_new(replace(event, key=str(number)))
    now = 600
    assert not example.is_new(event)
    now = 601
    assert example.is_new(event)
    for number in range(100_000):
        example.is_new(replace(event, key=f"more {number}"))
    assert len(example.seen) == 100_000
    assert example.is_new(event)


def test_what_is_not_wecoms_is_one_line() -> None:
    good = message("text", TEXT)
    foreign = seal(replace(PAGE, receive_id="ww2"), "<xml/>", int(time.time()))
    late = seal(PAGE, "<xml/>", int(time.time()) - 660)
    other = seal(PYTHON, "<xml/>", int(time.time()))
    cases: list[tuple[Callable[[Receiver], httpx.Response | None], int, str]] = [
        (lambda to: to.get(""), 400, "verify-url: The URL lacks msg_signature"),
        (lambda to: to.get("?a=%ff&b"), 400, "verify-url: The URL lacks msg_signature"),
        (lambda to: to.get(f"?{good.query}"), 400, "verify-url: The URL lacks msg_signature"),
        (lambda to: to.get(f"?{other.query_of_url}"), 403, "verify-url: The signature is wrong."),
        (lambda to: to.post("", good.xml), 400, "decrypt-message: The URL lacks msg_signature"),
        (lambda to: to.post(good.query, b""), 400, "decrypt-message: The body is no XML or JSON"),
        (lambda to: to.post(good.query, good.xml[:100]), 400, "decrypt-message: The body is no XML or JSON"),
        (lambda to: break_off(to, good), 0, "a request broke off"),
        (lambda to: to.post(good.query, b"x" * 10_000_000), 413, "decrypt-message: The body is longer"),
        (lambda to: to.post(other.query, other.xml), 403, "decrypt-message: The signature is wrong."),
        (lambda to: to.post(late.query, late.xml), 403, "decrypt-message: The request is more than ten minutes old"),
        (lambda to: to.post(foreign.query, foreign.xml), 403, "decrypt-message: The message is for another receiver."),
    ]
    with receiving(PAGE) as receiver:
        for number, (send, status, says) in enumerate(cases, start=1):
            answer = send(receiver)
            if answer:
                assert (answer.status_code, answer.content) == (status, b""), says
            lines = receiver.said(number)
            assert len(lines) == number, lines
            assert lines[-1].startswith(says)
        # It goes on.
        assert receiver.post(good.query, good.xml).status_code == 200
    everything = "\n".join(receiver.everything)
    secrets = ["SECRET", PAGE.token, PAGE.encoding_aes_key, good.signature, good.encrypt, other.encrypt, "zhangsan"]
    assert [secret for secret in secrets if secret in everything] == []


@pytest.mark.parametrize("connections", [[], [Callback(token="SECRET-TOKEN", encoding_aes_key="SECRET-KEY")]])
def test_a_server_without_a_good_connection_says_so(connections: list[Callback]) -> None:
    good = message("text", TEXT)
    with receiving(*connections) as receiver:
        assert receiver.post(good.query, good.xml).status_code == 500
        [line] = receiver.said(1)
        assert line.startswith("decrypt-message: connection ")
        assert "encoding_aes_key" in line
        assert "SECRET" not in line
