"""The two connectors: the same calls, with httpx's two clients."""

from __future__ import annotations

import base64
import json
import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from types import TracebackType
from typing import Any, Generic, TypeAlias, TypeVar, cast

import anyio
import httpx

from ._actions import ACTIONS, NOT_IN_ENVIRONMENT, Actions, Application, AsyncActions, Chatbot
from ._component import (
    AccessToken,
    Credential,
    Failure,
    Instance,
    InvalidParameter,
    Invocation,
    Localized,
    NoResponse,
    Operation,
    Step,
    TokenScope,
    UnknownCall,
)
from ._errors import InvalidParameters, Language, OutcomeUnknown, Retryable, WeComError, error_of
from ._http import send, send_async

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


Event = TypeVar("Event", threading.Event, anyio.Event)


class _Calls(Generic[Event]):
    """The instance, and the calls that are under way in it."""

    def __init__(self, component: str | os.PathLike[str] | None, event: type[Event]) -> None:
        self._instance = Instance(component)
        self._event: type[Event] = event
        self._waiting: dict[int, Event] = {}
        # One thread at a time is in the instance; none holds the lock while it waits for the network.
        self._lock = threading.Lock()

    def manifest(self) -> str:
        with self._lock:
            return self._instance.manifest()

    def advance(self, go: Callable[[Instance], Step]) -> tuple[Step, Event | None]:
        """Begins a call or goes on with one. What it has to wait for, if it has to, comes with the step."""
        with self._lock:
            try:
                step = go(self._instance)
            finally:
                self._wake()
            event = None
            if step[0] == "wait":
                event = self._waiting[step[1].call] = self._event()
            return step, event

    def cancel(self, call: int) -> None:
        with self._lock:
            self._waiting.pop(call, None)
            self._instance.cancel(call)
            self._wake()

    def _wake(self) -> None:
        if self._waiting:
            for call in self._instance.woken():
                if event := self._waiting.pop(call, None):
                    event.set()


def _now() -> int:
    return time.monotonic_ns() // 1_000_000


class _Base(Generic[Event]):
    """What does not depend on how a request is sent."""

    _calls: _Calls[Event]

    def __init__(
        self,
        component: str | os.PathLike[str] | None,
        event: type[Event],
        application: Application | None,
        chatbot: Chatbot | None,
        language: Language,
    ) -> None:
        self._calls = _Calls(component, event)
        self._connections: dict[str, Connection | None] = {"application": application, "chatbot": chatbot}
        self._language = language

    def manifest(self) -> dict[str, Any]:
        """Everything that is known of actions, connections and errors, in English and Chinese. Sends nothing."""
        manifest: dict[str, Any] = json.loads(self._calls.manifest())
        return manifest

    def _operation(
        self, action: str, parameters: Mapping[str, Any], connection: Connection | None
    ) -> tuple[Operation, str]:
        if not isinstance(action, str):
            raise InvalidParameters(type(action).__name__, self._language, [_unfit("action", "", action, ACTION)])
        if not isinstance(parameters, Mapping):
            raise InvalidParameters(action, self._language, [_unfit("parameters", "", parameters, PARAMETERS)])
        about = ACTIONS.get(action)
        given = {}
        for name, value in parameters.items():
            if about and name in about.base64 and isinstance(value, bytes | bytearray | memoryview):
                value = base64.b64encode(value).decode()
            given[name] = value
        text = _json(given, action, self._language)
        # An action that nobody knows needs no connection for its error.
        held = self._connection(about.connection_type if about else None, connection, action)
        return Invocation(action, text), held

    def _connection(self, kind: str | None, given: Connection | None, action: str) -> str:
        connection = given
        if connection is None and kind is not None:
            connection = self._connections[kind] or _from_environment(TYPES[kind], action, self._language)
        return "{}" if connection is None else self._held(connection, action)

    def _held(self, connection: Connection, action: str) -> str:
        if not isinstance(connection, Application | Chatbot):
            raise InvalidParameters(action, self._language, [_unfit("connection", "", connection, CONNECTION)])
        held = {field.name: getattr(connection, field.name) for field in fields(connection)}
        return _json({"type": connection.TYPE, **held}, action, self._language, "connection")

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
            found = [_from_environment(kind, TEST, self._language) for kind in held or [Application]]
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

    def _end(self, step: Step, action: str) -> Any:
        case, value = step
        if case == "failed":
            raise error_of(value, action, self._language)
        kind, output = value
        return json.loads(output) if kind == "json" else output

    def _expired(self, action: str) -> WeComError:
        """The clock has run over the call's deadline: the computer slept, or headers came drop by drop."""
        about = ACTIONS.get(action)
        failure = Failure(
            category="network",
            errcode=None,
            message="the call was dropped at its deadline",
            hint=Localized(
                "The answer did not come in time. Check the network, and look in WeCom before you repeat what writes.",
                "应答没有按时到达。请检查网络；写入类操作请先在企业微信里确认，再决定是否重做。",
            ),
            doc_url=about.doc_url if about else "https://developer.work.weixin.qq.com/document/path/91039",
            retry_after_seconds=None,
            caller_ip=None,
            api=about.function if about else "gettoken",
            credential="chatbot-key" if about and about.connection_type == "chatbot" else "app-secret",
        )
        writes = about is not None and about.writes
        return (OutcomeUnknown if writes else Retryable)(action, self._language, failure)


TEST = "test-connection"
TOKEN = "get-access-token"  # noqa: S105 - the name of an operation


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
        super().__init__(component, threading.Event, application, chatbot, language)
        self._own = None if client else httpx.Client()
        self._client = client or cast(httpx.Client, self._own)

    def invoke(
        self, action: str, parameters: Mapping[str, Any], connection: Connection | None = None
    ) -> dict[str, Any]:
        """Carries out the action of that name: `push-text-message`."""
        output: dict[str, Any] = self._run(action, *self._operation(action, parameters, connection))
        return output

    def test_connection(self, connection: Connection | None = None) -> ConnectionReport:
        """Proves what can be proved of a connection, or of all that there are. It sends no message."""
        reports = [self._run(TEST, None, held) for held in self._tested(connection)]
        return ConnectionReport([check for report in reports for check in self._report(report)])

    def get_access_token(self, scope: TokenScope = "app", connection: Application | None = None) -> AccessToken:
        """An access token, for calls that the connector does not make."""
        token: AccessToken = self._run(TOKEN, scope, self._connection("application", connection, TOKEN))
        return token

    def _run(self, action: str, operation: Operation, connection: str) -> Any:
        calls = self._calls
        step, event = calls.advance(lambda instance: instance.begin(operation, connection, _now()))
        try:
            while step[0] in ("send", "wait"):
                call, deadline = step[1].call, step[1].deadline
                try:
                    if event:
                        event.wait(max(0, deadline - _now()) / 1000)
                        step, event = calls.advance(lambda instance, call=call: instance.proceed(call, _now()))  # type: ignore[misc]
                    else:
                        answer = send(self._client, step[1])
                        step, event = calls.advance(
                            lambda instance, call=call, answer=answer: instance.resume(call, answer, _now())  # type: ignore[misc]
                        )
                except BaseException:
                    calls.cancel(call)
                    raise
        except UnknownCall:
            raise self._expired(action) from None
        return self._end(step, action)

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


class AsyncWeComConnector(_Base[anyio.Event], AsyncActions):
    """WeCom, called from asyncio or trio: any number of calls at once. For one event loop, as httpx's client is.

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
        super().__init__(component, anyio.Event, application, chatbot, language)
        self._own = None if client else httpx.AsyncClient()
        self._client = client or cast(httpx.AsyncClient, self._own)

    async def invoke(
        self, action: str, parameters: Mapping[str, Any], connection: Connection | None = None
    ) -> dict[str, Any]:
        """Carries out the action of that name: `push-text-message`."""
        output: dict[str, Any] = await self._run(action, *self._operation(action, parameters, connection))
        return output

    async def test_connection(self, connection: Connection | None = None) -> ConnectionReport:
        """Proves what can be proved of a connection, or of all that there are. It sends no message."""
        reports = [await self._run(TEST, None, held) for held in self._tested(connection)]
        return ConnectionReport([check for report in reports for check in self._report(report)])

    async def get_access_token(self, scope: TokenScope = "app", connection: Application | None = None) -> AccessToken:
        """An access token, for calls that the connector does not make."""
        token: AccessToken = await self._run(TOKEN, scope, self._connection("application", connection, TOKEN))
        return token

    async def _run(self, action: str, operation: Operation, connection: str) -> Any:
        calls = self._calls
        step, event = calls.advance(lambda instance: instance.begin(operation, connection, _now()))
        try:
            while step[0] in ("send", "wait"):
                call, deadline = step[1].call, step[1].deadline
                left = max(0, deadline - _now()) / 1000
                try:
                    if event:
                        with anyio.move_on_after(left):
                            await event.wait()
                        step, event = calls.advance(lambda instance, call=call: instance.proceed(call, _now()))  # type: ignore[misc]
                    else:
                        answer = None
                        with anyio.move_on_after(left):
                            answer = await send_async(self._client, step[1])
                        answer = answer or NoResponse("lost", "the answer took too long")
                        step, event = calls.advance(
                            lambda instance, call=call, answer=answer: instance.resume(call, answer, _now())  # type: ignore[misc]
                        )
                except BaseException:
                    calls.cancel(call)
                    raise
        except UnknownCall:
            raise self._expired(action) from None
        return self._end(step, action)

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


def _from_environment(kind: type[Application] | type[Chatbot], action: str, language: Language) -> Connection:
    values = {name: os.environ[variable] for name, variable in kind.VARIABLES.items() if os.environ.get(variable)}
    missing = [
        InvalidParameter(
            "connection",
            f"/{name}",
            Localized(*(text.replace("{}", kind.VARIABLES[name]) for text in NOT_IN_ENVIRONMENT)),
        )
        for name in kind.REQUIRED
        if name not in values
    ]
    if missing:
        raise InvalidParameters(action, language, missing)
    # A number is a text there: the component reads both.
    return kind(**values)  # type: ignore[arg-type]


def _json(value: Mapping[str, Any], action: str, language: Language, argument: str = "parameters") -> str:
    """The value as JSON; what JSON has no form for is named by its place."""
    faults: list[InvalidParameter] = []
    _check(value, "", faults, argument)
    if faults:
        raise InvalidParameters(action, language, faults)
    return json.dumps(value)


# Far more than any action has, and few enough for a list that holds itself.
DEEPEST = 32


def _check(value: object, pointer: str, faults: list[InvalidParameter], argument: Any, depth: int = 0) -> None:
    if depth > DEEPEST:
        faults.append(InvalidParameter(argument, pointer, Localized("is nested too deep", "嵌套过深")))
    elif isinstance(value, dict):
        for name, item in value.items():
            if isinstance(name, str):
                escaped = name.replace("~", "~0").replace("/", "~1")
                _check(item, f"{pointer}/{escaped}", faults, argument, depth + 1)
            else:
                kind = type(name).__name__
                message = Localized(f"must have texts for names, not {kind}", f"的名称必须是str，不能是{kind}")
                faults.append(InvalidParameter(argument, pointer, message))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check(item, f"{pointer}/{index}", faults, argument, depth + 1)
    elif not _has_json(value):
        faults.append(_unfit(argument, pointer, value))


def _has_json(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return value.bit_length() <= 64
    return value is None or isinstance(value, str)


ACTION = Localized("a str", "str")
PARAMETERS = Localized("a dict", "dict")
CONNECTION = Localized("an Application or a Chatbot", "Application或Chatbot")
VALUE = Localized("a str, int, float, bool, list or dict", "str、int、float、bool、list或dict")


def _unfit(argument: Any, pointer: str, value: object, what: Localized = VALUE) -> InvalidParameter:
    kind = type(value).__name__
    if isinstance(value, float):
        kind = repr(value)
    elif isinstance(value, int) and what is VALUE:
        kind = "int > 64 bit"
    message = Localized(f"must be {what.en}, not {kind}", f"必须是{what.zh}，不能是{kind}")
    return InvalidParameter(argument, pointer, message)
