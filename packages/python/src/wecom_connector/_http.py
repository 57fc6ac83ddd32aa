"""A request of the component, as httpx sends it, and what became of it."""

from __future__ import annotations

import functools
import logging
import math
import ssl
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Generic, TypeVar

import anyio
import httpx

from ._component import Answer, NoResponse, Request, Response


def now() -> int:
    """The time in milliseconds, by the clock of the component's deadlines."""
    return time.monotonic_ns() // 1_000_000


def _left(deadline: int) -> float:
    return max(0, deadline - now()) / 1000


class SecretURL(httpx.URL):
    """A URL whose query is a secret. It is a URL like others for what sends it, and for the caller's event hooks."""


class _Redact(logging.Filter):
    """httpx logs each URL at INFO, and WeCom has its secrets in them."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                str(argument.copy_with(query=None)) if isinstance(argument, SecretURL) else argument
                for argument in record.args
            )
        return True


logging.getLogger("httpx").addFilter(_Redact())

# So much of a body is written at once.
_PIECE = 262_144


class _Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A long body: each piece of it has the timeout for writing, and httpx copies no more than that."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._body), _PIECE):
            yield self._body[start : start + _PIECE]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def _disposition(headers: httpx.Headers) -> str | None:
    """`Content-Disposition`, in UTF-8 whatever the other headers are in."""
    values = (value for name, value in headers.raw if name.lower() == b"content-disposition")
    value = next(values, None)
    return None if value is None else value.decode(errors="replace")


Pause = TypeVar("Pause")
"""Where a call waits, so that another one can end that."""


class Client(ABC, Generic[Pause]):
    """One of httpx's two clients. In a thread what is awaited blocks instead, so that one path serves both."""

    def __init__(self, client: httpx.Client | httpx.AsyncClient) -> None:
        self._either = client
        # A call has the URL of the one before, as long as the token is the same.
        self._url = functools.lru_cache(maxsize=64)(SecretURL)

    @abstractmethod
    def pause(self) -> Pause:
        """Where a call can wait."""

    @abstractmethod
    def end(self, pause: Pause) -> None:
        """Ends that wait."""

    @abstractmethod
    async def wait(self, pause: Pause, deadline: int) -> None:
        """Waits until that is ended, or the deadline is there."""

    async def send(self, step: Request, pause: Pause) -> Answer:
        """Sends a request once, and reads the answer."""
        with self._until(step.deadline, pause):
            return await self._exchange(step)
        return NoResponse("lost", "the answer took too long")

    async def _exchange(self, step: Request) -> Answer:
        if self._either.is_closed:
            return NoResponse("not-sent", "the HTTP client is closed")
        try:
            response = await self._open(self._request(step))
            try:
                return await self._read(step, response)
            finally:
                await self._close(response)
        except httpx.RequestError as error:
            return classify(error)
        except Exception as error:
            # A hook of the caller's client: the request may have left.
            return NoResponse("lost", str(error))

    def _request(self, step: Request) -> httpx.Request:
        """The request as it is: parameters, cookies and headers that the client adds to others are not for WeCom."""
        url = self._url(step.url)
        headers = [("Host", url.netloc.decode("ascii")), *step.headers]
        if step.body is not None:
            headers.append(("Content-Length", str(len(step.body))))
        timeout, seconds = self._timeout(step), step.timeout_ms / 1000
        request = httpx.Request(
            step.method,
            url,
            headers=headers,
            stream=httpx.ByteStream(step.body or b""),
            extensions={"timeout": {"connect": timeout, "read": timeout, "write": timeout, "pool": seconds}},
        )
        request.url = url
        # As other requests have it, for event hooks.
        request.read()
        if len(request.content) > _PIECE:
            request.stream = _Pieces(request.content)
        return request

    async def _read(self, step: Request, response: httpx.Response) -> Answer:
        body = bytearray()
        # httpx bounds the time between two pieces, and the component that of all of them.
        end = time.monotonic() + step.timeout_ms / 1000
        pieces = self._pieces(response)
        while piece := await self._next(pieces):
            body += piece
            if len(body) > step.max_body_bytes:
                return NoResponse("too-long")
            if time.monotonic() > end:
                return NoResponse("lost", "the rest of the answer took too long")
        headers = response.headers
        return Response(response.status_code, headers.get("retry-after"), _disposition(headers), bytes(body))

    @abstractmethod
    def _until(self, deadline: int, pause: Pause) -> AbstractContextManager[object]: ...
    @abstractmethod
    def _timeout(self, step: Request) -> Any: ...
    @abstractmethod
    async def _open(self, request: httpx.Request) -> httpx.Response: ...
    @abstractmethod
    def _pieces(self, response: httpx.Response) -> Any: ...
    @abstractmethod
    async def _next(self, pieces: Any) -> bytes: ...
    @abstractmethod
    async def _close(self, response: httpx.Response) -> None: ...


class TimeLeft:
    """A timeout that ends at the deadline, whatever it is the timeout of.

    httpx gives each read of an answer the same timeout, so that a server which sends a byte now and then would hold a
    thread for ever. It hands what it is given to `socket.settimeout` before each read, and that asks this for whole
    seconds; in gevent and eventlet for a float.
    """

    def __init__(self, step: Request) -> None:
        self._seconds = step.timeout_ms / 1000
        self._deadline = step.deadline

    def __float__(self) -> float:
        left = _left(self._deadline)
        if not left:
            raise TimeoutError("the answer took too long")
        return min(self._seconds, left)

    def __index__(self) -> int:
        return math.ceil(float(self))


class BlockingClient(Client[threading.Event]):
    """For threads."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__(client)
        self._client = client

    def pause(self) -> threading.Event:
        return threading.Event()

    def end(self, pause: threading.Event) -> None:
        pause.set()

    async def wait(self, pause: threading.Event, deadline: int) -> None:
        pause.wait(_left(deadline))

    def _until(self, deadline: int, pause: threading.Event) -> AbstractContextManager[object]:
        return nullcontext()

    def _timeout(self, step: Request) -> Any:
        return TimeLeft(step)

    async def _open(self, request: httpx.Request) -> httpx.Response:
        return self._client.send(request, stream=True, auth=None, follow_redirects=False)

    def _pieces(self, response: httpx.Response) -> Any:
        return response.iter_bytes()

    async def _next(self, pieces: Any) -> bytes:
        return next(pieces, b"")

    async def _close(self, response: httpx.Response) -> None:
        response.close()


class AsyncClient(Client[anyio.CancelScope]):
    """For an event loop."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        super().__init__(client)
        self._client = client

    def pause(self) -> anyio.CancelScope:
        return anyio.CancelScope()

    def end(self, pause: anyio.CancelScope) -> None:
        pause.cancel()

    async def wait(self, pause: anyio.CancelScope, deadline: int) -> None:
        with self._until(deadline, pause):
            await anyio.sleep_forever()

    def _until(self, deadline: int, pause: anyio.CancelScope) -> AbstractContextManager[object]:
        pause.deadline = anyio.current_time() + _left(deadline)
        return pause

    def _timeout(self, step: Request) -> Any:
        return step.timeout_ms / 1000

    async def _open(self, request: httpx.Request) -> httpx.Response:
        return await self._client.send(request, stream=True, auth=None, follow_redirects=False)

    def _pieces(self, response: httpx.Response) -> Any:
        return response.aiter_bytes()

    async def _next(self, pieces: Any) -> bytes:
        return await anext(pieces, b"")

    async def _close(self, response: httpx.Response) -> None:
        await response.aclose()


NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)


def classify(error: httpx.RequestError) -> NoResponse:
    """What of a failure is certain: only these errors come before anything is sent."""
    text = str(error) or type(error).__name__
    if isinstance(error, httpx.ConnectError) and any(
        isinstance(e, ssl.SSLCertVerificationError) for e in _causes(error)
    ):
        return NoResponse("not-trusted", text)
    return NoResponse("not-sent" if isinstance(error, NOT_SENT) else "lost", text)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
