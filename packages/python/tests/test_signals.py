"""Calls from signal handlers, at every moment of a call that their thread is in."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from conftest import ok, read_request, serving

from wecom_connector import Application, AsyncWeComConnector, WeComConnector

PUSH: Any = {"to_user": ["a"], "content": "b"}


def application(url: str) -> Application:
    return Application(corp_id="ww1", access_token="SIMULATED", agent_id=1, base_url=url)


def answer(peer: socket.socket) -> None:
    while read_request(peer):
        peer.sendall(ok())


@contextmanager
def handling(number: int, handler: Callable[[], object]) -> Iterator[None]:
    before = signal.signal(number, lambda *_: handler())
    try:
        yield
    finally:
        signal.signal(number, before)


def stuck() -> None:
    raise TimeoutError("it hangs")


def at_every_moment(call: Callable[[], object], handler: Callable[[], object]) -> int:
    """Makes the call again and again, with a signal when its n-th function begins or ends, for each n."""
    moment = 0
    with handling(signal.SIGUSR1, handler), handling(signal.SIGALRM, stuck):
        while True:
            left = moment

            def strike(*_: object) -> None:
                nonlocal left
                left -= 1
                if left == -1:
                    signal.raise_signal(signal.SIGUSR1)

            signal.alarm(20)
            sys.setprofile(strike)
            try:
                call()
            finally:
                sys.setprofile(None)
                signal.alarm(0)
            if left >= 0:
                return moment
            moment += 1


def test_a_handler_that_calls_is_told_to_use_another_connector() -> None:
    told: list[str] = []
    with serving(answer) as server, WeComConnector(application(server.url)) as wecom:

        def handler() -> None:
            try:
                assert wecom.push_text_message(**PUSH)["msg_id"] == "m"
            except RuntimeError as error:
                told.append(str(error))

        def call() -> None:
            assert wecom.push_text_message(**PUSH)["msg_id"] == "m"

        moments = at_every_moment(call, handler)
    assert len(told) > moments / 2
    assert all("connector of its own" in text for text in told)


def test_a_handler_with_a_connector_of_its_own_calls_at_any_moment() -> None:
    sent = 0
    with (
        serving(answer) as server,
        WeComConnector(application(server.url)) as wecom,
        WeComConnector(application(server.url)) as own,
    ):

        def handler() -> None:
            nonlocal sent
            assert own.push_text_message(**PUSH)["msg_id"] == "m"
            sent += 1

        def call() -> None:
            assert wecom.push_text_message(**PUSH)["msg_id"] == "m"

        assert at_every_moment(call, handler) == sent


def test_the_manifest_is_there_for_a_handler_in_an_event_loop() -> None:
    async def main(url: str) -> None:
        async with AsyncWeComConnector(application(url)) as wecom:
            manifest = wecom.manifest()
            await wecom.push_text_message(**PUSH)
            # Not the manifests themselves: so many fill the memory.
            same: list[bool] = []

            def handler() -> None:
                same.append(wecom.manifest() == manifest)

            push = wecom.push_text_message(**PUSH)
            with handling(signal.SIGUSR1, handler), handling(signal.SIGALRM, stuck):

                def strike(frame: FrameType, *_: object) -> None:
                    if Path(frame.f_code.co_filename).name in ("_calls.py", "_component.py"):
                        signal.raise_signal(signal.SIGUSR1)

                signal.alarm(60)
                sys.setprofile(strike)
                try:
                    sent = await push
                finally:
                    sys.setprofile(None)
                    signal.alarm(0)
            assert sent["msg_id"] == "m"
            assert len(same) > 20
            assert all(same)

    with serving(answer) as server:
        asyncio.run(main(server.url))
