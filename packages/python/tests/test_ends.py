"""Calls that end before their time: by a trap of the component, at a deadline, by Control-C."""

from __future__ import annotations

import asyncio
import random
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from conftest import ok, read_request, serving

from wecom_connector import Application, AsyncWeComConnector, OutcomeUnknown, Retryable, WeComConnector, WeComError

TOKEN = b'{"errcode":0,"errmsg":"ok","access_token":"SIMULATED-token","expires_in":7200}'
SENT = b'{"errcode":0,"errmsg":"ok","msgid":"m"}'
PUSH: Any = {"to_user": ["a"], "content": "b"}


def with_secret(url: str, **fields: Any) -> Application:
    return Application(corp_id="ww1", app_secret="SIMULATED", agent_id=1, base_url=url, **fields)


def with_token(url: str, **fields: Any) -> Application:
    return Application(corp_id="ww2", access_token="SIMULATED", agent_id=1, base_url=url, **fields)


def limit_memory(wecom: WeComConnector | AsyncWeComConnector) -> Any:
    """Parameters that the connector's instance has no memory for any more."""
    wecom._calls._newest.instance._store.set_limits(memory_size=64 << 20)
    return {"to_user": ["a"], "content": "x" * (70 << 20)}


def ended(call: Callable[[], object]) -> WeComError:
    with pytest.raises(WeComError) as caught:
        call()
    return caught.value


def await_until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


class Silent:
    """A server that says nothing until it is released, and answers from then on."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.released = threading.Event()

    def serve(self, peer: socket.socket) -> None:
        while request := read_request(peer):
            self.asked.append(request.split(b"?")[0].rpartition(b"/")[2].decode())
            peer.sendall(self.answer(self.asked[-1]))

    def answer(self, api: str) -> bytes:
        self.released.wait(20)
        return ok(TOKEN) if api == "gettoken" else ok()

    def await_requests(self, number: int) -> None:
        await_until(lambda: len(self.asked) >= number)


def test_a_trap_ends_what_is_under_way_and_nothing_else() -> None:
    silent = Silent()
    with serving(silent.serve) as server, WeComConnector() as wecom, ThreadPoolExecutor(4) as threads:
        secret, token = with_secret(server.url), with_token(server.url)
        fetching = threads.submit(wecom.push_text_message, **PUSH, connection=secret)
        writing = threads.submit(wecom.push_text_message, **PUSH, connection=token)
        reading = threads.submit(wecom.list_department_ids, connection=token)
        silent.await_requests(3)
        waiting = threads.submit(wecom.push_text_message, **PUSH, connection=secret)
        await_until(lambda: wecom._calls._newest.waiting)
        too_large = limit_memory(wecom)
        error = ended(lambda: wecom.push_text_message(**too_large, connection=token))
        assert type(error) is Retryable
        assert "unreachable" in error.message
        assert error.hint.zh
        # It waits for nothing on the network.
        assert type(waiting.exception(3)) is Retryable
        silent.released.set()
        found = [call.exception(5) for call in (fetching, writing, reading)]
        assert [type(error) for error in found] == [Retryable, OutcomeUnknown, Retryable]
        assert [getattr(error, "api", None) for error in found] == ["gettoken", "message/send", "department/simplelist"]
        assert wecom.push_text_message(**PUSH, connection=secret)["msg_id"] == "m"


class Renewing(Silent):
    """Refuses the token of two messages, and then gives out no other one until it is released."""

    def answer(self, api: str) -> bytes:
        if api == "gettoken":
            return super().answer(api) if self.asked.count(api) > 1 else ok(TOKEN)
        # Both, before either is told.
        await_until(lambda: self.asked.count(api) > 1)
        return ok(b'{"errcode":42001,"errmsg":"access_token expired"}')


def test_what_waits_for_a_token_after_it_was_refused_may_be_repeated() -> None:
    renewing = Renewing()
    with serving(renewing.serve) as server, WeComConnector() as wecom, ThreadPoolExecutor(2) as threads:
        secret = with_secret(server.url)
        calls = [threads.submit(wecom.push_text_message, **PUSH, connection=secret) for _ in range(2)]
        await_until(lambda: renewing.asked.count("gettoken") > 1 and wecom._calls._newest.waiting)
        too_large = limit_memory(wecom)
        ended(lambda: wecom.push_text_message(**too_large, connection=with_token(server.url)))
        renewing.released.set()
        found = [call.exception(5) for call in calls]
        assert [type(error) for error in found] == [Retryable, Retryable]
        assert [getattr(error, "api", None) for error in found] == ["gettoken", "gettoken"]


def test_what_a_trap_ends_may_be_repeated_while_wecom_looks_for_duplicates() -> None:
    silent = Silent()
    with serving(silent.serve) as server, WeComConnector() as wecom, ThreadPoolExecutor(4) as threads:
        token = with_token(server.url)
        calls = [
            threads.submit(wecom.push_text_message, **PUSH, duplicate_check_interval=seconds, connection=token)
            for seconds in (1800, 1, None)
        ]
        silent.await_requests(3)
        # WeCom would deliver what had one second once more.
        time.sleep(1.1)
        too_large = {**limit_memory(wecom), "duplicate_check_interval": 60}
        before = ended(lambda: wecom.push_text_message(**too_large, connection=token))
        silent.released.set()
        lasts, *over = [call.exception(5) for call in calls]
    assert type(lasts) is Retryable
    assert "within 1800 seconds of the first one" in lasts.hint.en
    assert "首次调用后1800秒内" in lasts.hint.zh
    assert [type(error) for error in over] == [OutcomeUnknown, OutcomeUnknown]
    # What has sent nothing says so, too: a call before it may have been carried out.
    assert type(before) is Retryable
    assert "within 60 seconds" in before.hint.en


def test_a_trap_ends_at_once_what_does_not_block() -> None:
    silent = Silent()

    async def main(url: str) -> None:
        async with AsyncWeComConnector() as wecom:
            secret, token = with_secret(url), with_token(url)
            calls = [
                asyncio.create_task(call)
                for call in (
                    wecom.push_text_message(**PUSH, connection=secret),
                    wecom.push_text_message(**PUSH, connection=secret),
                    wecom.push_text_message(**PUSH, connection=token),
                    wecom.list_department_ids(connection=token),
                )
            ]
            await asyncio.to_thread(silent.await_requests, 3)
            with pytest.raises(Retryable, match="unreachable"):
                await wecom.push_text_message(**limit_memory(wecom), connection=token)
            found = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 3)
            assert [type(error) for error in found] == [Retryable, Retryable, OutcomeUnknown, Retryable]
            silent.released.set()
            assert (await wecom.push_text_message(**PUSH, connection=secret))["msg_id"] == "m"

    with serving(silent.serve) as server:
        asyncio.run(main(server.url))


def drip(peer: socket.socket) -> None:
    """Never comes to an end of its headers."""
    read_request(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\nx: ")
    while True:
        peer.sendall(b"x")
        time.sleep(0.2)


def test_headers_that_never_end_do_so_at_the_deadline() -> None:
    with serving(drip) as server, WeComConnector() as wecom, ThreadPoolExecutor(2) as threads:
        began = time.monotonic()
        writing, fetching = (
            threads.submit(wecom.push_text_message, **PUSH, connection=of(server.url, timeout_seconds=1))
            for of in (with_token, with_secret)
        )
        found = [call.exception(10) for call in (writing, fetching)]
        # Four times the timeout.
        assert 3.9 < time.monotonic() - began < 8
        assert [type(error) for error in found] == [OutcomeUnknown, Retryable]


def test_the_same_without_blocking() -> None:
    async def main(url: str) -> None:
        async with AsyncWeComConnector() as wecom:
            began = time.monotonic()
            found = await asyncio.gather(
                *(
                    wecom.push_text_message(**PUSH, connection=of(url, timeout_seconds=1))
                    for of in (with_token, with_secret)
                ),
                return_exceptions=True,
            )
            assert 3.9 < time.monotonic() - began < 8
            assert [type(error) for error in found] == [OutcomeUnknown, Retryable]

    with serving(drip) as server:
        asyncio.run(main(server.url))


class FirstIsSilent(Silent):
    """A server that says nothing to the first who asks."""

    def serve(self, peer: socket.socket) -> None:
        first = not self.asked
        while request := read_request(peer):
            self.asked.append(request.split(b"?")[0].rpartition(b"/")[2].decode())
            if first:
                self.released.wait(20)
            peer.sendall(ok(TOKEN) if b"gettoken" in request else ok())


def test_who_waits_for_a_token_asks_for_it_at_the_deadline() -> None:
    silent = FirstIsSilent()
    with serving(silent.serve) as server, WeComConnector() as wecom, ThreadPoolExecutor(1) as threads:
        first = threads.submit(wecom.push_text_message, **PUSH, connection=with_secret(server.url, timeout_seconds=30))
        silent.await_requests(1)
        began = time.monotonic()
        sent = wecom.push_text_message(**PUSH, connection=with_secret(server.url, timeout_seconds=1))
        assert sent["msg_id"] == "m"
        assert 3.9 < time.monotonic() - began < 8
        assert silent.asked == ["gettoken", "gettoken", "send"]
        silent.released.set()
        assert first.result(5)["msg_id"] == "m"


def test_the_same_in_an_event_loop() -> None:
    silent = FirstIsSilent()

    async def main(url: str) -> None:
        async with AsyncWeComConnector() as wecom:
            slow = wecom.push_text_message(**PUSH, connection=with_secret(url, timeout_seconds=30))
            first = asyncio.create_task(slow)
            await asyncio.to_thread(silent.await_requests, 1)
            began = time.monotonic()
            sent = await wecom.push_text_message(**PUSH, connection=with_secret(url, timeout_seconds=1))
            assert sent["msg_id"] == "m"
            assert 3.9 < time.monotonic() - began < 8
            assert silent.asked == ["gettoken", "gettoken", "send"]
            silent.released.set()
            assert (await first)["msg_id"] == "m"

    with serving(silent.serve) as server:
        asyncio.run(main(server.url))


# One that strikes while Python clears away a value of wasmtime is swallowed by Python.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_at_any_moment_leaves_nothing_behind() -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    chance = random.Random(1)  # noqa: S311
    before = signal.signal(signal.SIGALRM, interrupt)
    # Without sockets: httpcore's pool may keep its own lock when an interrupt strikes there.
    answers = httpx.MockTransport(lambda _: httpx.Response(200, content=SENT))
    try:
        with httpx.Client(transport=answers) as client, ThreadPoolExecutor(1) as threads:
            wecom = WeComConnector(with_token("http://wecom.test"), client=client)

            def free() -> bool:
                if taken := wecom._calls._lock.acquire(timeout=5):
                    wecom._calls._lock.release()
                return taken

            interrupted = 0
            # How many strike in time depends on the machine.
            end = time.monotonic() + 60
            while interrupted < 1000:
                assert time.monotonic() < end
                try:
                    try:
                        signal.setitimer(signal.ITIMER_REAL, chance.uniform(10e-6, 5e-4))
                        wecom.push_text_message(**PUSH)
                    finally:
                        signal.setitimer(signal.ITIMER_REAL, 0)
                except KeyboardInterrupt:
                    signal.setitimer(signal.ITIMER_REAL, 0)
                    interrupted += 1
                assert not wecom._calls._newest.open
                assert threads.submit(free).result()
            assert wecom.push_text_message(**PUSH)["msg_id"] == "m"
    finally:
        signal.signal(signal.SIGALRM, before)
