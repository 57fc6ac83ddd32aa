"""A request of the component, as httpx sends it, and what became of it."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Iterator

import httpx

from ._component import Answer, NoResponse, Request, Response


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


def request_of(step: Request) -> httpx.Request:
    """The request as it is: what the client adds to others, as parameters, cookies and headers, is not for WeCom."""
    timeout = httpx.Timeout(step.timeout_ms / 1000).as_dict()
    request = httpx.Request(
        step.method.upper(), step.url, headers=step.headers, content=step.body, extensions={"timeout": timeout}
    )
    request.url = SecretURL(request.url)
    return request


class Body:
    """An answer that is being read, up to its longest length and its latest end."""

    def __init__(self, step: Request) -> None:
        self._body = bytearray()
        self._limit = step.max_body_bytes
        # httpx bounds the time between two pieces, and the component that of all of them.
        self._end = time.monotonic() + step.timeout_ms / 1000

    def take(self, chunk: bytes) -> NoResponse | None:
        """Adds a piece, and says whether to stop."""
        self._body += chunk
        if len(self._body) > self._limit:
            return NoResponse("too-long")
        if time.monotonic() > self._end:
            return NoResponse("lost", "the rest of the answer took too long")
        return None

    def whole(self, response: httpx.Response) -> Response:
        """The answer, when all of it is there."""
        return Response(response.status_code, response.headers.get("retry-after"), bytes(self._body))


def send(client: httpx.Client, step: Request) -> Answer:
    """Sends a request once, and reads the answer."""
    try:
        response = client.send(request_of(step), stream=True, auth=None, follow_redirects=False)
        try:
            body = Body(step)
            for chunk in response.iter_bytes():
                if stop := body.take(chunk):
                    return stop
            return body.whole(response)
        finally:
            response.close()
    except httpx.RequestError as error:
        return classify(error)
    except Exception as error:
        # A hook of the caller's client, or a client that is closed: the request may have left.
        return NoResponse("lost", str(error))


async def send_async(client: httpx.AsyncClient, step: Request) -> Answer:
    """The same, without blocking."""
    try:
        response = await client.send(request_of(step), stream=True, auth=None, follow_redirects=False)
        try:
            body = Body(step)
            async for chunk in response.aiter_bytes():
                if stop := body.take(chunk):
                    return stop
            return body.whole(response)
        finally:
            await response.aclose()
    except httpx.RequestError as error:
        return classify(error)
    except Exception as error:
        # A hook of the caller's client, or a client that is closed: the request may have left.
        return NoResponse("lost", str(error))


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
