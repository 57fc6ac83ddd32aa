"""Callbacks: WeCom calls, and a web server of the caller's answers. Nothing here does HTTP, or waits for anything.

What a stranger sends is parsed in an instance of the component that never holds a secret but those of callbacks.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Concatenate, Literal, ParamSpec, TypeAlias, get_args

import wasmtime

from ._actions import Callback, Reply
from ._arguments import check_language, from_environment, held_json, json_of, unfit
from ._component import (
    INVALID_PARAMETER,
    LOCALIZED,
    STRING,
    U16,
    U64,
    Area,
    ComponentError,
    Exports,
    InvalidParameter,
    Localized,
    Results,
    enum_of,
    list_of,
    option_of,
    optional_text,
    record_of,
    result_of,
    variant_of,
)
from ._errors import CallbackRefused, Check, InvalidParameters, Language, Refusal

P = ParamSpec("P")
Format: TypeAlias = Literal["xml", "json"]
FORMATS = get_args(Format)

MAX_BODY_BYTES = 1024 * 1024
"""The longest body that is read. WeCom's have a few kilobytes."""


@dataclass(frozen=True)
class Event:
    """A message of a member, or something that happened."""

    topic: str
    """What it is, in lower case: `text`, `event/enter_agent`, `event/change_contact/create_user`."""
    msg_type: str
    """The type of message: `text`, `image`, …, and `event` for what is none."""
    event: str | None
    """What happened, in lower case; None for a message."""
    change_type: str | None
    """What changed, in lower case: `create_user`."""
    from_user: str | None
    """The member who wrote or did it. `sys` is WeCom itself."""
    to: str | None
    """Who it is for: the enterprise ID, or that of a suite. None for a smart bot."""
    agent_id: int | None
    """The application that it is about. Contacts and customers have none."""
    created_at: int | None
    """When it happened, in seconds since 1970."""
    key: str
    """The same for a repetition of the same, and for nothing else: not for another change in the same second either."""
    fields: dict[str, Any] = field(repr=False, hash=False)
    """Everything, with WeCom's names in snake_case, lists as lists, and values as WeCom writes them: of XML all are
    texts. What is not known passes as it is. A smart bot's `response_url` is a secret."""
    format: Format
    """How the request was written: XML for applications, JSON for smart bots."""
    nonce: str
    """The nonce of the request, which a reply has, too."""


@dataclass(frozen=True)
class EncryptedReply:
    """An answer to WeCom, to be sent with 200."""

    content_type: str
    """The header `content-type`."""
    body: str


def verify_url(
    query: str | bytes,
    connection: Callback | None = None,
    *,
    check_time: bool = True,
    language: Language = "en",
) -> str:
    """What to answer when WeCom asks whether the URL is the right one, which it does when somebody saves the URL in the
    admin console: 200 with this text, nothing before or behind it, within a second.

    It takes microseconds and waits for nothing, so that async code may call it, too.

    Args:
        query: The query of the GET as it came, with or without `?`.
        connection: Token, key and receiver of the callback settings. Default: the environment, `WECOM_TOKEN`,
            `WECOM_ENCODING_AES_KEY` and `WECOM_RECEIVE_ID`.
        check_time: Whether a request is refused that is more than ten minutes from the clock of this machine.
        language: The language of `str()` of an error.

    Raises:
        CallbackRefused: The request is not WeCom's, or not for this receiver.
        InvalidParameters: The connection breaks rules, or an argument is of a wrong type.

    https://developer.work.weixin.qq.com/document/path/90930
    """
    action = "verify-url"
    held = _held(connection, action, language)
    asked = _query(query, action, language)
    echo: str = _answer(action, language, CallbackInstance.verify_url, held, asked, _now(check_time))
    return echo


def decrypt_message(
    query: str | bytes,
    body: bytes | bytearray | memoryview,
    connection: Callback | None = None,
    *,
    check_time: bool = True,
    language: Language = "en",
) -> Event:
    """The message or event of a POST.

    Answer at once, whatever is done with the event: WeCom repeats a request that was not answered with 200 within five
    seconds, up to three times. Drop the repetitions by `event.key`.

    It takes microseconds and waits for nothing, so that async code may call it, too.

    Args:
        query: The query of the POST as it came, with or without `?`.
        body: The body as it came. One beyond `MAX_BODY_BYTES` is refused.
        connection: Token, key and receiver of the callback settings. Default: the environment, `WECOM_TOKEN`,
            `WECOM_ENCODING_AES_KEY` and `WECOM_RECEIVE_ID`.
        check_time: Whether a request is refused that is more than ten minutes from the clock of this machine.
        language: The language of `str()` of an error.

    Raises:
        CallbackRefused: The request is not WeCom's, or not for this receiver.
        InvalidParameters: The connection breaks rules, or an argument is of a wrong type.

    https://developer.work.weixin.qq.com/document/path/90930
    """
    action = "decrypt-message"
    held = _held(connection, action, language)
    asked = _query(query, action, language)
    if not isinstance(body, bytes | bytearray | memoryview):
        raise InvalidParameters(action, language, [unfit("parameters", "/body", body, BODY)])
    # For a refusal the component need not see, nor make room for, what is beyond the limit.
    read = memoryview(body)[: MAX_BODY_BYTES + 1].tobytes()
    event: Event = _answer(action, language, CallbackInstance.decrypt_message, held, asked, read, _now(check_time))
    return event


def encrypt_reply(
    event: Event,
    reply: Reply | Mapping[str, Any],
    connection: Callback | None = None,
    *,
    language: Language = "en",
) -> EncryptedReply:
    """The answer to a message or an event, for the member who sent it. WeCom waits five seconds for it; an empty answer
    of 200 is always good.

    It takes microseconds and waits for nothing, so that async code may call it, too.

    Args:
        event: What `decrypt_message` returned.
        reply: The answer. To a smart bot it goes as it is, in the form of WeCom's page.
        connection: The connection that the event was decrypted with. Default: the environment.
        language: The language of `str()` of an error.

    Raises:
        InvalidParameters: The reply or the connection breaks rules, or the event is none of `decrypt_message`.

    https://developer.work.weixin.qq.com/document/path/90241
    """
    action = "encrypt-reply"
    held = _held(connection, action, language)
    if not isinstance(event, Event):
        raise InvalidParameters(action, language, [unfit("parameters", "/event", event, EVENT)])
    if faults := _faults(event):
        raise InvalidParameters(action, language, faults)
    if not isinstance(reply, Mapping):
        raise InvalidParameters(action, language, [unfit("parameters", "", reply, REPLY)])
    text = json_of(dict(reply), action, language)
    random = secrets.token_bytes(16)
    made: EncryptedReply = _answer(
        action, language, CallbackInstance.encrypt_reply, held, event, text, int(time.time()), random
    )
    return made


EVENT = Localized("an Event", "Event")
REPLY = Localized("a dict", "dict")
QUERY = Localized("a str or bytes", "str或bytes")
BODY = Localized("bytes as they came, which no parser has read", "收到的原始字节")
TEXT = Localized("a str", "str")
TEXT_OR_NONE = Localized("a str or None", "str或None")
NUMBER = Localized("must be None or an int from 0 to 2**64 - 1", "必须是None或0到2**64-1之间的int")
FORMAT = Localized("must be xml or json", "必须是xml或json")
CONNECTION = Localized("a Callback", "Callback")


def _held(connection: Callback | None, action: str, language: Language) -> str:
    check_language(language)
    if connection is None:
        connection = from_environment(Callback, action, language)
    if not isinstance(connection, Callback):
        raise InvalidParameters(action, language, [unfit("connection", "", connection, CONNECTION)])
    return held_json(connection, action, language)


def _faults(event: Event) -> list[InvalidParameter]:
    """What is wrong with an event: a caller may have made it up, or read it from a store."""
    faults = []
    for name in ["topic", "msg_type", "key", "nonce"]:
        if not isinstance(value := getattr(event, name), str):
            faults.append(unfit("parameters", f"/event/{name}", value, TEXT))
    for name in ["event", "change_type", "from_user", "to"]:
        if not isinstance(value := getattr(event, name), str | None):
            faults.append(unfit("parameters", f"/event/{name}", value, TEXT_OR_NONE))
    for name in ["agent_id", "created_at"]:
        value = getattr(event, name)
        if value is not None and not (isinstance(value, int) and 0 <= value < 2**64):
            faults.append(InvalidParameter("parameters", f"/event/{name}", NUMBER))
    if event.format not in FORMATS:
        faults.append(InvalidParameter("parameters", "/event/format", FORMAT))
    return faults


def _query(query: str | bytes, action: str, language: Language) -> bytes:
    if not isinstance(query, str | bytes):
        raise InvalidParameters(action, language, [unfit("parameters", "/query", query, QUERY)])
    text = query.decode(errors="replace") if isinstance(query, bytes) else query
    return _text(text)


def _now(check_time: bool) -> int | None:
    return int(time.time()) if check_time else None


# The component.


def _event(*values: Any) -> Event:
    *common, text, format_, nonce = values
    given = [*common, json.loads(text), format_, nonce]
    return Event(*given)


EVENT_LAYOUT = record_of(
    _event,
    {
        "topic": STRING,
        "msg-type": STRING,
        "event": option_of(STRING),
        "change-type": option_of(STRING),
        "from-user": option_of(STRING),
        "to": option_of(STRING),
        "agent-id": option_of(U64),
        "created-at": option_of(U64),
        "key": STRING,
        "json": STRING,
        "format": enum_of(*FORMATS),
        "nonce": STRING,
    },
)
REPLY_LAYOUT = record_of(EncryptedReply, {"content-type": STRING, "body": STRING})
ERROR_LAYOUT = variant_of(
    {
        "invalid-parameters": list_of(INVALID_PARAMETER),
        "refused": record_of(Refusal, {"check": enum_of(*get_args(Check)), "status": U16, "message": LOCALIZED}),
    }
)

# Connection; topic and type; event, change, sender and receiver, each with whether it is there; application and time
# likewise; key and JSON; format and nonce; reply; time; random bytes.
REPLY_ARGUMENTS = Area("2I 4I B3x2IB3x2IB3x2IB3x2I B7xQB7xQ 4I B3x2I4x 2I Q 2I")


class CallbackInstance(Exports):
    """An instance of the component that reads callbacks."""

    INTERFACE = "wecom:connector/callback@0.2.0"
    RESULTS: ClassVar[Results] = {
        "verify-url": result_of(STRING, ERROR_LAYOUT),
        "decrypt-message": result_of(EVENT_LAYOUT, ERROR_LAYOUT),
        "encrypt-reply": result_of(REPLY_LAYOUT, ERROR_LAYOUT),
    }
    RECORDS: ClassVar[dict[str, Area]] = {"encrypt-reply": REPLY_ARGUMENTS}

    def verify_url(self, connection: str, query: bytes, now: int | None) -> Any:
        return self._call("verify-url", connection.encode(), query, *_option(now))

    def decrypt_message(self, connection: str, query: bytes, body: bytes, now: int | None) -> Any:
        return self._call("decrypt-message", connection.encode(), query, body, *_option(now))

    def encrypt_reply(self, connection: str, event: Event, reply: str, now: int, random: bytes) -> Any:
        return self._call(
            "encrypt-reply",
            connection.encode(),
            _text(event.topic),
            _text(event.msg_type),
            *optional_text(event.event),
            *optional_text(event.change_type),
            *optional_text(event.from_user),
            *optional_text(event.to),
            *_option(event.agent_id),
            *_option(event.created_at),
            _text(event.key),
            # No reply depends on the fields, and who made up an event need not have any.
            b"{}",
            FORMATS.index(event.format),
            _text(event.nonce),
            reply.encode(),
            now,
            random,
        )


def _text(text: str) -> bytes:
    return text.encode(errors="replace")


def _option(number: int | None) -> tuple[int, int]:
    return (0, 0) if number is None else (1, number)


_lock = threading.RLock()
_kept: list[CallbackInstance] = []


def _answer(
    action: str,
    language: Language,
    enter: Callable[Concatenate[CallbackInstance, P], Any],
    *arguments: P.args,
    **named: P.kwargs,
) -> Any:
    """What the component answers. One instance serves all threads, one after the other."""
    with _lock:
        # It is put back when it has answered. After a trap or Control-C nobody knows its state, and a signal handler
        # may come here while its thread is in it: there is another one then.
        instance = _kept.pop() if _kept else CallbackInstance()
        try:
            case, value = enter(instance, *arguments, **named)
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            # The lines before say where in the component.
            reason = str(error).strip().rpartition("\n")[2].strip()
            raise ComponentError(f"{action}: the connector broke down ({reason})") from None
        _kept[:] = [instance]
    if case == "ok":
        return value
    name, error_ = value
    if name == "refused":
        raise CallbackRefused(action, language, error_)
    raise InvalidParameters(action, language, error_)
