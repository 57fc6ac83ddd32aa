"""Pushes with this package, and by hand, against one server on loopback that always gives the same answer.

    python bench/push.py [--pushes 2000] [--at-once 1000] [--delay-ms 50] [--rounds 3]

What is answered at once is answered by nginx, or where that is not installed by a server in Python, which takes longer.
Each way has its turn in each round, every second one the other way round. A ratio is the median of the rounds' own, so
that what else the machine does meets both sides. `pip install 'wechatpy[cryptography]==1.8.18'` has it compared, too.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.util
import multiprocessing
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx
import requests

from wecom_connector import Application, AsyncWeComConnector, WeComConnector

TOKEN = b'{"errcode":0,"errmsg":"ok","access_token":"SIMULATED","expires_in":7200}'
SENT = b'{"errcode":0,"errmsg":"ok","msgid":"m"}'
MESSAGE = {"touser": "zhangsan", "msgtype": "text", "agentid": 1, "text": {"content": "hello"}}


class Answers(asyncio.Protocol):
    """The least that HTTP/1.1 with kept connections needs."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._data = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, end, body = self._data.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if not end or len(body) < int(length or 0):
            return
        self._data = b""
        answer = TOKEN if b"gettoken" in head else SENT
        whole = (
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(answer) + answer
        )
        if self._delay and b"gettoken" not in head:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, whole)
        else:
            self._transport.write(whole)


def serve(told: Connection, delays: list[float]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        ports = []
        for delay in delays:
            server = await loop.create_server(lambda delay=delay: Answers(delay), "127.0.0.1", 0, backlog=2000)  # type: ignore[misc]
            ports.append(server.sockets[0].getsockname()[1])
        told.send(ports)
        await asyncio.Event().wait()

    asyncio.run(main())


NGINX = Path(__file__).parents[3] / "host-test/cost/nginx.conf"


@contextlib.contextmanager
def nginx() -> Iterator[str | None]:
    """nginx with fixed answers: its base URL, or nothing where it is not installed."""
    # Debian has it where only root looks.
    program = shutil.which("nginx", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))
    if not program:
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "nginx.conf")
        file.write_text(NGINX.read_text().replace("PORT", str(port)).replace("FOLDER", folder))
        server = subprocess.Popen([program, "-p", folder, "-c", file])
        try:
            url = f"http://127.0.0.1:{port}"
            httpx.Client(transport=httpx.HTTPTransport(retries=5)).get(url).raise_for_status()
            yield url
        finally:
            server.terminate()
            server.wait()


def sync_ways(url: str) -> dict[str, Callable[[], Any]]:
    connection = Application(corp_id="ww1", app_secret="SIMULATED", agent_id=1, base_url=url)
    wecom = WeComConnector(connection)
    by_httpx, by_requests = httpx.Client(), requests.Session()
    address = f"{url}/cgi-bin/message/send?access_token=SIMULATED"

    def with_httpx() -> Any:
        answer = by_httpx.post(address, json=MESSAGE).json()
        assert answer["errcode"] == 0
        return answer

    def with_requests() -> Any:
        answer = by_requests.post(address, json=MESSAGE, timeout=30).json()
        assert answer["errcode"] == 0
        return answer

    ways = {
        "httpx": with_httpx,
        "wecom-connector": lambda: wecom.push_text_message(to_user=["zhangsan"], content="hello"),
        "requests": with_requests,
    }
    if importlib.util.find_spec("wechatpy"):
        from wechatpy.enterprise import WeChatClient

        # Its token has one address only.
        client = WeChatClient("ww1", "SIMULATED", access_token="SIMULATED")
        client.API_BASE_URL = f"{url}/cgi-bin/"
        ways["wechatpy"] = lambda: client.message.send_text(1, "zhangsan", content="hello")
    return ways


async def at_once(number: int, push: Callable[[], Any]) -> float:
    await push()
    began = time.perf_counter()
    await asyncio.gather(*[push() for _ in range(number)])
    return time.perf_counter() - began


async def async_round(url: str, number: int, order: int) -> dict[str, float]:
    limits = httpx.Limits(max_connections=number, max_keepalive_connections=number)
    address = f"{url}/cgi-bin/message/send?access_token=SIMULATED"
    took = {}

    async def by_httpx() -> None:
        async with httpx.AsyncClient(limits=limits, timeout=60) as client:

            async def push() -> None:
                answer = (await client.post(address, json=MESSAGE)).json()
                assert answer["errcode"] == 0

            took["httpx"] = await at_once(number, push)

    async def by_connector() -> None:
        connection = Application(corp_id="ww1", app_secret="SIMULATED", agent_id=1, base_url=url, timeout_seconds=60)
        async with httpx.AsyncClient(limits=limits) as client:
            wecom = AsyncWeComConnector(connection, client=client)
            took["wecom-connector"] = await at_once(
                number, lambda: wecom.push_text_message(to_user=["zhangsan"], content="hello")
            )

    for way in (by_httpx, by_connector)[::order]:
        await way()
    return took


def sync_round(ways: dict[str, Callable[[], Any]], number: int, order: int) -> dict[str, float]:
    took = {}
    for way, push in list(ways.items())[::order]:
        push()
        began = time.perf_counter()
        for _ in range(number):
            push()
        took[way] = time.perf_counter() - began
    return took


def table(title: str, rounds: list[dict[str, float]], number: int) -> None:
    print(title)
    for way in rounds[0]:
        seconds = statistics.median(one[way] for one in rounds)
        print(f"  {way:16} {seconds / number * 1000:8.3f} ms each {number / seconds:8.0f}/s")


def against(rounds: list[dict[str, float]], other: str, goal: float) -> None:
    """How many times as fast as another way: this package, and httpx by hand, which is most of it."""
    if other not in rounds[0]:
        print(f"  {other} is not installed: not compared")
        return
    ways = [way for way in ("wecom-connector", "httpx") if way != other]
    ratios = [f"{way} {statistics.median(one[other] / one[way] for one in rounds):.2f}" for way in ways]
    print(f"  times as fast as {other} (goal {goal}): {', '.join(ratios)}")


def share(rounds: list[dict[str, float]]) -> None:
    """How much of a push is the HTTP client's."""
    part = statistics.median(one["httpx"] / one["wecom-connector"] for one in rounds)
    print(f"  of the time of wecom-connector, httpx by hand takes {part:.0%}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pushes", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=1000)
    parser.add_argument("--delay-ms", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    told, tells = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(tells, [0, options.delay_ms / 1000]), daemon=True)
    server.start()
    in_python, slow = (f"http://127.0.0.1:{port}" for port in told.recv())
    orders = [1 if index % 2 == 0 else -1 for index in range(options.rounds)]
    with nginx() as in_c:
        ways = sync_ways(in_c or in_python)
        rounds = [sync_round(ways, options.pushes, order) for order in orders]
    answered_by = "nginx" if in_c else "a server in Python"
    table(f"{options.pushes} pushes, one after the other, answered by {answered_by}", rounds, options.pushes)
    share(rounds)
    against(rounds, "wechatpy", 1)
    against(rounds, "requests", 0.8)
    waves = [asyncio.run(async_round(slow, options.at_once, order)) for order in orders]
    table(f"{options.at_once} at once, answered after {options.delay_ms} ms", waves, options.at_once)
    against(waves, "httpx", 0.8)
    server.terminate()


if __name__ == "__main__":
    main()
