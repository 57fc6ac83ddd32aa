"""The two connectors: the same calls, with httpx's two clients."""

from __future__ import annotations

import json
import math
import os
import threading
import time
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from types import CoroutineType, TracebackType
from typing import Any, Generic, TypeAlias, TypeVar

import anyio
import httpx

from ._actions import ACTIONS, REPEATED_WITHIN, Actions, Application, AsyncActions, Chatbot
from ._arguments import check_language, from_environment, held_json, json_of, unfit
from ._calls import Call, Calls, Lost
from ._component import (
    SCOPES,
    AccessToken,
    Credential,
    Instance,
    Invocation,
    Localized,
    Operation,
    TokenScope,
)
from ._errors import InvalidParameters, Language, WeComError, error_of, lost
from ._http import AsyncClient, BlockingClient, Client, Pause, now

Connection: TypeAlias = Application | Chatbot
TYPES: dict[str, type[Application] | type[Chatbot]] = {"application": Application, "chatbot": Chatbot}


@dataclass(frozen=True)
class ConnectionCheck:
    """What a test found out of one credential."""

    credential: Credential
    pointer: str
    """JSON pointer to the field of the connection that this is about: `/app_secret`."""
    proved: bool
    """Whether WeCom has just accepted it."""
    detail: Localized
    """What that means, and what remains open."""
    error: WeComError | None
    """Why it was not accepted. Where there is none and `proved` is false, nothing could be proved."""


@dataclass(frozen=True)
class ConnectionReport:
    """A report on a connection. It is good where no check has an error."""

    checks: list[ConnectionCheck]


class _Base(Generic[Pause]):
    """What does not depend on how a request is sent."""

    def __init__(
        self,
        client: Client[Pause],
        component: str | os.PathLike[str] | None,
        application: Application | None,
        chatbot: Chatbot | None,
        language: Language,
    ) -> None:
        check_language(language)
        self._http = client
        self._calls = Calls(component, client.pause, client.end)
        self._connections: dict[str, Connection | None] = {"application": application, "chatbot": chatbot}
        # Those as JSON, once they were needed.
        self._held_json: dict[str, str] = {}
        self._language = language

    def manifest(self) -> dict[str, Any]:
        """Everything that is known of actions, connections and errors, in English and Chinese. Sends nothing."""
        manifest: dict[str, Any] = json.loads(self._calls.manifest())
        return manifest

    def _operation(
        self, action: str, parameters: Mapping[str, Any], connection: Connection | None
    ) -> tuple[Operation, str]:
        if not isinstance(action, str):
            raise InvalidParameters(type(action).__name__, self._language, [unfit("action", "", action, ACTION)])
        if not isinstance(parameters, Mapping):
            raise InvalidParameters(action, self._language, [unfit("parameters", "", parameters, PARAMETERS)])
        about = ACTIONS.get(action)
        given = dict(parameters)
        files = [
            (name, bytes(given.pop(name)))
            for name in (about.files if about else ())
            if isinstance(given.get(name), bytes | bytearray | memoryview)
        ]
        text = json_of(given, action, self._language)
        # An action that nobody knows needs no connection for its error.
        held = self._connection(about.connection_type if about else None, connection, action)
        return Invocation(action, text, files), held

    def _connection(self, kind: str | None, given: Connection | None, action: str) -> str:
        if given is not None:
            return self._held(given, action)
        if kind is None:
            return "{}"
        if kind not in self._held_json:
            own = self._connections[kind]
            if own is None:
                return self._held(from_environment(TYPES[kind], action, self._language), action)
            self._held_json[kind] = self._held(own, action)
        return self._held_json[kind]

    def _held(self, connection: Connection, action: str) -> str:
        if not isinstance(connection, Application | Chatbot):
            raise InvalidParameters(action, self._language, [unfit("connection", "", connection, CONNECTION)])
        return held_json(connection, action, self._language)

    def _tested(self, given: Connection | None) -> list[str]:
        """The connections to test: the one that is given, or those that there are."""
        if given is not None:
            found: list[Connection] = [given]
        else:
            found = [connection for connection in self._connections.values() if connection]
        if not found:
            held = [
                kind for kind in TYPES.values() if any(os.environ.get(kind.VARIABLES[name]) for name in kind.REQUIRED)
            ]
            found = [from_environment(kind, TEST, self._language) for kind in held or [Application]]
        return [self._held(connection, TEST) for connection in found]

    def _report(self, raw: Any) -> list[ConnectionCheck]:
        return [
            ConnectionCheck(
                check.credential,
                check.pointer,
                check.proved,
                check.detail,
                error_of(check.error, TEST, self._language) if check.error else None,
            )
            for check in raw.checks
        ]

    def _body(self, action: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """What that action would be sent with, of those that post JSON. Sends nothing; raises `InvalidParameters`."""
        operation, held = self._operation(action, parameters, UNSENT)
        call = Call[Pause]()
        try:
            case, step = self._calls.advance(call, Instance.begin, operation, held, now())
        finally:
            self._calls.leave(call)
        if case == "failed":
            raise error_of(step, action, self._language)
        body: dict[str, Any] = json.loads(step.body)
        return body

    async def _invoke(self, action: str, parameters: Mapping[str, Any], connection: Connection | None) -> Any:
        return await self._run(action, *self._operation(action, parameters, connection))

    async def _test(self, connection: Connection | None) -> ConnectionReport:
        reports = [await self._run(TEST, None, held) for held in self._tested(connection)]
        return ConnectionReport([check for report in reports for check in self._report(report)])

    async def _token(self, scope: TokenScope, connection: Application | None) -> Any:
        if scope not in SCOPES:
            raise ValueError(f"the scope of a token is one of {SCOPES}, not {scope!r}")
        return await self._run(TOKEN, scope, self._connection("application", connection, TOKEN))

    async def _run(self, action: str, operation: Operation, connection: str) -> Any:
        calls, call = self._calls, Call[Pause]()
        # Whatever waits for another call waits for its token.
        api = GETTOKEN
        sent = math.inf
        try:
            case, step = calls.advance(call, Instance.begin, operation, connection, now())
            while call.open is not None:
                if case == "send":
                    api = step.url.partition("?")[0].rpartition("/cgi-bin/")[2]
                    # By the clock that goes on while the process is suspended.
                    sent = time.time()
                    answer = await self._http.send(step, call.pause)
                    case, step = calls.advance(call, Instance.resume, step.call, answer, now())
                else:
                    # What WeCom refused for its token has done nothing.
                    api, sent = GETTOKEN, math.inf
                    await self._http.wait(call.pause, step.deadline)
                    case, step = calls.advance(call, Instance.proceed, step.call, now())
        except Lost as error:
            about = ACTIONS.get(action)
            given = json.loads(operation.parameters) if isinstance(operation, Invocation) else {}
            seconds = seconds_done_once(action, given)
            unknown = about is not None and about.writes and api.rpartition("/")[2] != GETTOKEN
            # Once that time is over, WeCom would do it again.
            unknown = unknown and time.time() - sent >= seconds
            within = Localized(*(text.replace("{}", f"{seconds:g}") for text in REPEATED_WITHIN)) if seconds else None
            doc_url = about.doc_url if about else GETTOKEN_DOC
            raise lost(action, self._language, error.why, api, unknown, within, doc_url) from None
        finally:
            calls.leave(call)
        if case == "failed":
            raise error_of(step, action, self._language)
        kind, output = step
        return json.loads(output) if kind == "json" else output


def seconds_done_once(action: str, parameters: Mapping[str, Any]) -> float:
    """For how many seconds WeCom does the same call only once: what the parameters ask for by
    `duplicate_check_interval`, also as a text. 0 where they do not, or where the action has no such parameter.

    Sends nothing, and checks nothing: parameters that break a rule are refused when the action is called.
    """
    about = ACTIONS.get(action) if isinstance(action, str) else None
    if about is None or about.idempotent_with is None or not isinstance(parameters, Mapping):
        return 0
    try:
        seconds = float(parameters.get(about.idempotent_with) or 0)
    except (TypeError, ValueError, OverflowError):
        # It breaks a rule, or is blank: WeCom does not look for duplicates.
        return 0
    return max(seconds, 0) if math.isfinite(seconds) else 0


ACTION = Localized("a str", "str")
PARAMETERS = Localized("a dict", "dict")
CONNECTION = Localized("an Application or a Chatbot", "Application或Chatbot")

# With a token, so that the request itself is the first one.
UNSENT = Application(corp_id="ww0", access_token="unsent", contacts_access_token="unsent")  # noqa: S106

TEST = "test-connection"
TOKEN = "get-access-token"  # noqa: S105 - the name of an operation
GETTOKEN = "gettoken"
GETTOKEN_DOC = "https://developer.work.weixin.qq.com/document/path/91039"

T = TypeVar("T")


class WeComConnector(_Base[threading.Event], Actions):
    """WeCom, called from threads. Any number of them may share one: access tokens are then fetched once.

    A connection that is not given is read from the environment (`WECOM_CORP_ID` …) when it is needed.
    `client` is an httpx client with a proxy, a CA or limits of your own; it stays yours to close.
    """

    def __init__(
        self,
        application: Application | None = None,
        chatbot: Chatbot | None = None,
        *,
        client: httpx.Client | None = None,
        language: Language = "en",
        component: str | os.PathLike[str] | None = None,
    ) -> None:
        used = _client(client, httpx.Client)
        self._own = None if client else used
        super().__init__(BlockingClient(used), component, application, chatbot, language)
        self._of_thread = threading.local()

    def _at_once(self, running: Coroutine[Any, Any, T]) -> T:
        """Runs what waits for no event loop: what it awaits has blocked instead."""
        below: CoroutineType[Any, Any, Any] | None = getattr(self._of_thread, "running", None)
        if below is not None and below.cr_running:
            # It could wait for what only the call below it brings: its token, a lock of httpx.
            running.close()
            raise RuntimeError(
                "this thread is inside a call of this connector already: a signal handler or an event hook needs a "
                "connector of its own, with a client of its own"
            )
        self._of_thread.running = running
        try:
            running.send(None)
        except StopIteration as end:
            value: T = end.value
            return value
        raise AssertionError("a call in a thread waits for an event loop")

    def invoke(
        self, action: str, parameters: Mapping[str, Any], connection: Connection | None = None
    ) -> dict[str, Any]:
        """Carries out the action of that name: `push-text-message`."""
        output: dict[str, Any] = self._at_once(self._invoke(action, parameters, connection))
        return output

    def test_connection(self, connection: Connection | None = None) -> ConnectionReport:
        """Proves what can be proved of a connection, or of all that there are. It sends no message."""
        return self._at_once(self._test(connection))

    def get_access_token(self, scope: TokenScope = "app", connection: Application | None = None) -> AccessToken:
        """An access token, for calls that the connector does not make."""
        token: AccessToken = self._at_once(self._token(scope, connection))
        return token

    def close(self) -> None:
        """Closes the connector's own HTTP client."""
        if self._own:
            self._own.close()

    def __enter__(self) -> WeComConnector:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncWeComConnector(_Base[anyio.CancelScope], AsyncActions):
    """WeCom, called from asyncio or trio: up to 8,192 calls at once. For one event loop, as httpx's client is.

    A connection that is not given is read from the environment (`WECOM_CORP_ID` …) when it is needed.
    `client` is an httpx client with a proxy, a CA or limits of your own; it stays yours to close.
    """

    def __init__(
        self,
        application: Application | None = None,
        chatbot: Chatbot | None = None,
        *,
        client: httpx.AsyncClient | None = None,
        language: Language = "en",
        component: str | os.PathLike[str] | None = None,
    ) -> None:
        used = _client(client, httpx.AsyncClient)
        self._own = None if client else used
        super().__init__(AsyncClient(used), component, application, chatbot, language)

    async def invoke(
        self, action: str, parameters: Mapping[str, Any], connection: Connection | None = None
    ) -> dict[str, Any]:
        """Carries out the action of that name: `push-text-message`."""
        output: dict[str, Any] = await self._invoke(action, parameters, connection)
        return output

    async def test_connection(self, connection: Connection | None = None) -> ConnectionReport:
        """Proves what can be proved of a connection, or of all that there are. It sends no message."""
        return await self._test(connection)

    async def get_access_token(self, scope: TokenScope = "app", connection: Application | None = None) -> AccessToken:
        """An access token, for calls that the connector does not make."""
        token: AccessToken = await self._token(scope, connection)
        return token

    async def aclose(self) -> None:
        """Closes the connector's own HTTP client."""
        if self._own:
            await self._own.aclose()

    async def __aenter__(self) -> AsyncWeComConnector:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _client(given: object, kind: type[T]) -> T:
    """The client that is given, or one of the connector's own."""
    if given is None:
        return kind()
    if not isinstance(given, kind):
        raise TypeError(f"client must be an httpx.{kind.__name__}, not {type(given).__name__}")
    return given
