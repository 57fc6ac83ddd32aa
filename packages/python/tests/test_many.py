"""Many calls at once, in threads and without blocking; calls that are given up."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import httpx
import pytest
from conftest import Simulator, ok, read_request, serving

from wecom_connector import Application, AsyncWeComConnector, OutcomeUnknown, Retryable, WeComConnector

TOKEN = b'{"errcode":0,"errmsg":"ok","access_token":"SIMULATED-token","expires_in":7200}'


def application(url: str, **fields: Any) -> Application:
    return Application(corp_id="ww1", app_secret="SIMULATED", agent_id=1, base_url=url, timeout_seconds=5, **fields)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_hundred_calls_fetch_one_token(simulator: Simulator, backend: str) -> None:
    async def main() -> None:
        async with AsyncWeComConnector(simulator.application()) as wecom:
            sent: list[str] = []

            async def push(number: int) -> None:
                output = await wecom.push_text_message(to_user=["zhangsan"], content=f"message {number}")
                sent.append(output["msg_id"])

            async with anyio.create_task_group() as tasks:
                for number in range(100):
                    tasks.start_soon(push, number)
            assert len(set(sent)) == 100

    anyio.run(main, backend=backend)
    assert len(simulator.at("gettoken")) == 1
    assert len(simulator.at("message/send")) == 100


def test_threads_fetch_one_token(simulator: Simulator) -> None:
    with WeComConnector(simulator.application()) as wecom, ThreadPoolExecutor(32) as threads:
        outputs = threads.map(
            lambda number: wecom.push_text_message(to_user=["zhangsan"], content=f"message {number}"), range(64)
        )
        assert len({output["msg_id"] for output in outputs}) == 64
    assert len(simulator.at("gettoken")) == 1


def test_threads_are_at_the_server_together() -> None:
    together = threading.Barrier(8)

    def serve(peer: socket.socket) -> None:
        read_request(peer)
        together.wait(10)
        peer.sendall(ok())

    with serving(serve) as server:
        kept = Application(corp_id="ww1", access_token="SIMULATED", agent_id=1, base_url=server.url)
        with WeComConnector(kept) as wecom, ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda _: wecom.push_text_message(to_user=["a"], content="b"), range(8)))


def test_a_cancelled_fetch_is_taken_over() -> None:
    """The first call fetches the token and is cancelled; the second, which waited, fetches one itself."""
    stuck = threading.Event()

    def serve(peer: socket.socket) -> None:
        while request := read_request(peer):
            if b"gettoken" not in request:
                peer.sendall(ok())
            elif not stuck.is_set():
                stuck.set()
                peer.recv(1)
                return
            else:
                peer.sendall(ok(TOKEN))

    async def main(url: str) -> None:
        async with AsyncWeComConnector(application(url)) as wecom:
            first = asyncio.create_task(wecom.push_text_message(to_user=["a"], content="b"))
            await asyncio.to_thread(stuck.wait, 5)
            second = asyncio.create_task(wecom.push_text_message(to_user=["a"], content="b"))
            await asyncio.sleep(0.1)
            assert not second.done()
            first.cancel()
            assert (await asyncio.wait_for(second, 5))["msg_id"] == "m"
            with pytest.raises(asyncio.CancelledError):
                await first
            assert wecom._calls._newest.open == {}

    with serving(serve) as server:
        asyncio.run(main(server.url))


def test_a_cancelled_wait_leaves_the_others_alone() -> None:
    release = threading.Event()

    def serve(peer: socket.socket) -> None:
        while request := read_request(peer):
            if b"gettoken" in request:
                release.wait(5)
            peer.sendall(ok(TOKEN if b"gettoken" in request else ok_body))

    ok_body = b'{"errcode":0,"errmsg":"ok","msgid":"m"}'

    async def main(url: str) -> None:
        async with AsyncWeComConnector(application(url)) as wecom:
            tasks = [asyncio.create_task(wecom.push_text_message(to_user=["a"], content="b")) for _ in range(3)]
            await asyncio.sleep(0.1)
            tasks[1].cancel()
            await asyncio.sleep(0)
            release.set()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(one) for one in ended] == [dict, asyncio.CancelledError, dict]
            assert wecom._calls._newest.open == {}

    with serving(serve) as server:
        asyncio.run(main(server.url))


@pytest.fixture
def control_c() -> Iterator[None]:
    """What Control-C does by itself: a program that a shell has begun in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("control_c")
def test_an_interrupted_call_is_dropped() -> None:
    """Control-C ends the call that fetches the token, and the next one fetches it."""
    arrived = threading.Event()

    def serve(peer: socket.socket) -> None:
        while request := read_request(peer):
            if not arrived.is_set():
                arrived.set()
                time.sleep(0.2)
                # To the thread that waits: another one would take it without waking that.
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
                peer.recv(1)
                return
            peer.sendall(ok(TOKEN) if b"gettoken" in request else ok())

    with serving(serve) as server, WeComConnector(application(server.url)) as wecom:
        with pytest.raises(KeyboardInterrupt):
            wecom.push_text_message(to_user=["a"], content="b")
        assert wecom.push_text_message(to_user=["a"], content="b")["msg_id"] == "m"


def test_no_place_in_the_pool_is_not_sent() -> None:
    def serve(peer: socket.socket) -> None:
        read_request(peer)
        peer.recv(1)

    async def main(url: str) -> None:
        kept = Application(corp_id="ww1", access_token="SIMULATED", agent_id=1, base_url=url, timeout_seconds=1)
        async with httpx.AsyncClient(limits=httpx.Limits(max_connections=1)) as client:
            wecom = AsyncWeComConnector(kept, client=client)
            calls = [wecom.push_text_message(to_user=["a"], content="b") for _ in range(2)]
            ended = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(one) for one in ended} == {OutcomeUnknown, Retryable}

    with serving(serve) as server:
        asyncio.run(main(server.url))


def test_a_hook_of_the_client_that_raises_is_an_answer_that_was_lost() -> None:
    def serve(peer: socket.socket) -> None:
        while read_request(peer):
            peer.sendall(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")

    def check(response: httpx.Response) -> None:
        response.raise_for_status()

    with serving(serve) as server, httpx.Client(event_hooks={"response": [check]}) as client:
        connection = application(server.url)
        wecom = WeComConnector(connection, client=client)
        # Only the token was asked for.
        with pytest.raises(Retryable) as raised:
            wecom.push_text_message(to_user=["a"], content="b")
    assert connection.app_secret
    assert connection.app_secret not in str(raised.value)
    assert raised.value.api == "gettoken"
