"""The table in wit/stepwise.wit of what the errors of HTTP clients mean: the rows of Python's, on real sockets."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import httpx
import pytest
from conftest import (
    REPOSITORY,
    Authority,
    Serve,
    cut_off,
    ok,
    read_request,
    reset,
    reset_after_request,
    serving,
    silent,
)

from wecom_connector._http import NOT_SENT, classify

SECONDS = 0.5
"""How long connecting, and each read, may take."""


@dataclass
class At:
    """Where a request goes, and how."""

    url: str
    proxy: str | None = None
    trusted: ssl.SSLContext | None = None
    is_busy: bool = False
    """Whether the one place that the client has in its pool is taken."""


Fault = Callable[[], AbstractContextManager[At]]


def by(serve: Serve, scheme: str = "http") -> Fault:
    @contextmanager
    def fault() -> Iterator[At]:
        with serving(serve) as server:
            yield At(f"{scheme}://127.0.0.1:{server.port}")

    return fault


def discard(peer: socket.socket) -> None:
    read_request(peer)


def stalls(peer: socket.socket) -> None:
    cut_off(peer)
    peer.recv(1)


def reset_within_body(peer: socket.socket) -> None:
    cut_off(peer)
    time.sleep(0.1)
    reset(peer)


def no_http(peer: socket.socket) -> None:
    read_request(peer)
    peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


def no_tls(peer: socket.socket) -> None:
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")


def no_tunnel(peer: socket.socket) -> None:
    read_request(peer)
    peer.sendall(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def refused() -> Iterator[At]:
    yield At(f"http://127.0.0.1:{unused_port()}")


@contextmanager
def no_name() -> Iterator[At]:
    yield At("http://nobody.invalid")


@contextmanager
def never_connected() -> Iterator[At]:
    """A listener that takes no connection: those that wait for it are as many as it lets wait."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        try:
            for one in waiting:
                one.setblocking(False)
                with suppress(BlockingIOError):
                    one.connect(listener.getsockname())
            yield At(f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            for one in waiting:
                one.close()


@contextmanager
def pool_exhausted() -> Iterator[At]:
    with serving(silent) as server:
        yield At(server.url, is_busy=True)


@contextmanager
def proxy_refused() -> Iterator[At]:
    yield At("https://wecom.invalid", proxy=f"http://127.0.0.1:{unused_port()}")


@contextmanager
def tunnel_refused() -> Iterator[At]:
    with serving(no_tunnel) as proxy:
        yield At("https://wecom.invalid", proxy=proxy.url)


@contextmanager
def no_such_scheme() -> Iterator[At]:
    yield At("ftp://127.0.0.1")


FAULTS: dict[str, tuple[str, Fault]] = {
    "refused": ("not-sent", refused),
    "no name": ("not-sent", no_name),
    "never connected": ("not-sent", never_connected),
    "no place in the pool": ("not-sent", pool_exhausted),
    "no proxy": ("not-sent", proxy_refused),
    "no tunnel": ("not-sent", tunnel_refused),
    "no such scheme": ("not-sent", no_such_scheme),
    "reset in the handshake": ("not-sent", by(reset, "https")),
    "no TLS": ("not-sent", by(no_tls, "https")),
    "closed": ("lost", by(discard)),
    "reset": ("lost", by(reset_after_request)),
    "silent": ("lost", by(silent)),
    "cut off": ("lost", by(cut_off)),
    "stalls": ("lost", by(stalls)),
    "reset within the body": ("lost", by(reset_within_body)),
    "no HTTP": ("lost", by(no_http)),
}

Post = Callable[[float], Coroutine[Any, Any, None]]
"""Posts, and waits so long for each read."""


async def by_aiohttp(at: At) -> None:
    async def post(seconds: float) -> None:
        limits = aiohttp.ClientTimeout(total=None, connect=SECONDS, sock_read=seconds)
        tls = at.trusted or True
        async with session.post(at.url, data=b"{}", proxy=at.proxy, ssl=tls, timeout=limits) as response:
            await response.read()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        await posted(at, post)


async def by_httpx(at: At) -> None:
    async def post(seconds: float) -> None:
        await client.post(at.url, content=b"{}", timeout=httpx.Timeout(SECONDS, read=seconds))

    limits, tls = httpx.Limits(max_connections=1), at.trusted or True
    async with httpx.AsyncClient(proxy=at.proxy, verify=tls, limits=limits, trust_env=False) as client:
        await posted(at, post)


async def posted(at: At, post: Post) -> None:
    if not at.is_busy:
        return await post(SECONDS)
    first = asyncio.create_task(post(20 * SECONDS))
    await asyncio.sleep(SECONDS / 5)
    try:
        return await post(SECONDS)
    finally:
        first.cancel()


CLIENTS = {"aiohttp": by_aiohttp, "httpx": by_httpx}


def names_in(client: str) -> list[list[Any]]:
    """The classes that each cell of the client's row names: of `not-sent`, `not-trusted` and `lost`."""
    contract = (REPOSITORY / "wit" / "stepwise.wit").read_text(encoding="utf-8")
    [row] = re.findall(rf"^ *///? \| {client} \| (.*) \| (.*) \| (.*) \|$", contract, re.MULTILINE)
    modules = {"asyncio": asyncio, "ssl": ssl}

    def named(name: str) -> Any:
        module, _, last = name.rpartition(".")
        return getattr(modules[module] if module else {"aiohttp": aiohttp, "httpx": httpx}[client], last)

    return [[named(name) for name in re.findall(r"`([\w.]+)`", cell)] for cell in row]


def meaning(client: str, error: BaseException) -> str:
    """What the row says of an error. Of `not-trusted`, what comes after the first name is that of a cause."""
    not_sent, [trouble, *of], lost = names_in(client)
    if isinstance(error, trouble) and all(any(isinstance(one, cause) for one in causes(error)) for cause in of):
        return "not-trusted"
    if isinstance(error, tuple(not_sent)):
        return "not-sent"
    assert isinstance(error, tuple(lost)), repr(error)
    return "lost"


def causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def failure(client: str, at: At) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is, the table has a word for it
        asyncio.run(CLIENTS[client](at))
    return caught.value


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("client", CLIENTS)
def test_what_the_table_says_of_a_failure(client: str, fault: str) -> None:
    expected, beginning = FAULTS[fault]
    with beginning() as at:
        error = failure(client, at)
    assert meaning(client, error) == expected, repr(error)
    if isinstance(error, httpx.RequestError):
        assert classify(error).case == expected


@pytest.mark.parametrize("client", CLIENTS)
def test_what_the_table_says_of_certificates(client: str, authority: Authority) -> None:
    with serving(authority.answer) as server:
        there = f"https://localhost:{server.port}"
        another_name = f"https://127.0.0.1:{server.port}"
        asyncio.run(CLIENTS[client](At(there, trusted=authority.trusted())))
        for at in (At(there), At(another_name, trusted=authority.trusted())):
            error = failure(client, at)
            assert meaning(client, error) == "not-trusted", repr(error)
            assert not isinstance(error, httpx.RequestError) or classify(error).case == "not-trusted"


def test_the_package_goes_by_the_row_of_httpx() -> None:
    assert set(names_in("httpx")[0]) == set(NOT_SENT)


def test_a_call_that_takes_too_long_as_a_whole_is_lost_in_aiohttp() -> None:
    async def main(url: str) -> None:
        limit = aiohttp.ClientTimeout(total=SECONDS)
        async with aiohttp.ClientSession(timeout=limit) as session, session.post(url, data=b"{}"):
            pass

    with serving(silent) as server, pytest.raises(asyncio.TimeoutError) as caught:
        asyncio.run(main(server.url))
    assert meaning("aiohttp", caught.value) == "lost"


@pytest.mark.parametrize(("method", "is_kept", "times"), [("GET", True, 2), ("GET", False, 1), ("POST", True, 1)])
def test_aiohttp_sends_a_get_again_where_connections_are_kept(method: str, is_kept: bool, times: int) -> None:
    """The contract says how that is told not to: some writes are a GET."""
    second: list[bytes] = []

    def first_only(peer: socket.socket) -> None:
        if read_request(peer).startswith(b"HEAD"):
            peer.sendall(ok(b""))
            second.append(read_request(peer))
        elif is_kept:
            # The one that aiohttp makes by itself.
            second.append(b"again")

    async def main(url: str) -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=not is_kept)) as session:
            async with session.head(url):
                pass
            with suppress(aiohttp.ServerDisconnectedError):
                async with session.request(method, url):
                    pass

    with serving(first_only) as server:
        asyncio.run(main(server.url))
    assert len(second) == times
