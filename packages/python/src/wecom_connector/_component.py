"""The component, how values get in and out of it, and its interface for calls.

wasmtime's own conversion asks for every type again at every value, and moves bytes one by one: 2 ms for a call, and a
second and a half for an answer of a megabyte. The component has one core module, which imports nothing, so that one is
called, by the Canonical ABI. A test compares the layout below with the types of the component.
"""

from __future__ import annotations

import functools
import os
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias, get_args

import wasmtime

PACKAGED = Path(__file__).with_name("wecom_connector_stepwise.wasm")

Credential: TypeAlias = Literal["app-secret", "contacts-secret", "access-token", "chatbot-key"]
Category: TypeAlias = Literal[
    "authentication",
    "permission",
    "not-found",
    "conflict",
    "invalid-request",
    "limit",
    "content",
    "network",
    "protocol",
    "service",
    "unknown",
]
TokenScope: TypeAlias = Literal["app", "contacts"]

SCOPES = get_args(TokenScope)
CREDENTIALS = get_args(Credential)
CATEGORIES = get_args(Category)


class ComponentError(Exception):
    """The file of the component is missing, or is not the one that belongs to this package; or it broke down over a
    callback.
    """


# What comes out.


@dataclass(frozen=True)
class Localized:
    """One text in two languages."""

    en: str
    zh: str


@dataclass(frozen=True)
class InvalidParameter:
    """One broken rule."""

    argument: Literal["action", "connection", "parameters"]
    """What the fault lies in."""
    pointer: str
    """JSON pointer (RFC 6901) into that: `/to_user/3`. Empty for the whole of it."""
    message: Localized
    """The rule in words, to be read after the name of the field."""


@dataclass(frozen=True)
class Failure:
    """A refusal or a breakdown, with what is known of it. It holds no secret."""

    category: Category
    errcode: int | None
    message: str
    hint: Localized
    doc_url: str
    retry_after_seconds: int | None
    caller_ip: str | None
    api: str
    credential: Credential | None
    """None where the component itself did not say what became of the call."""


@dataclass(frozen=True)
class Request:
    """A request to send. URL, headers and body may hold secrets."""

    call: int
    method: Literal["get", "post"]
    url: str = field(repr=False)
    headers: list[tuple[str, str]] = field(repr=False)
    body: bytes | None = field(repr=False)
    timeout_ms: int
    max_body_bytes: int
    deadline: int


@dataclass(frozen=True)
class Waiting:
    """A call that waits for the token that another one fetches."""

    call: int
    deadline: int


@dataclass(frozen=True)
class AccessToken:
    """An access token to pass on in connections."""

    access_token: str = field(repr=False)
    """The token: a secret."""
    expires_in_seconds: int
    """For how long it may be used from now on."""


ErrorCase: TypeAlias = tuple[str, Any]
"""The case, and its list of `InvalidParameter` or its `Failure`."""


@dataclass(frozen=True)
class RawCheck:
    """What a test found out of one credential."""

    credential: Credential
    pointer: str
    proved: bool
    detail: Localized
    error: ErrorCase | None


@dataclass(frozen=True)
class RawReport:
    """A report on a connection."""

    checks: list[RawCheck]


Step: TypeAlias = tuple[Literal["send", "wait", "done", "failed"], Any]


# What goes in.


@dataclass(frozen=True)
class Invocation:
    """An action and its parameters, which are JSON."""

    action: str
    parameters: str
    files: Sequence[tuple[str, bytes]] = ()
    """Parameters that are files, by their names."""


Operation: TypeAlias = Invocation | TokenScope | None
"""An action; the scope of an access token to get; or None for the test of a connection."""


@dataclass(frozen=True)
class Response:
    """A whole answer."""

    status: int
    retry_after: str | None
    content_disposition: str | None
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class NoResponse:
    """What became of a request without a whole answer."""

    case: Literal["not-sent", "not-trusted", "not-allowed", "lost", "too-long"]
    text: str = ""


Answer: TypeAlias = Response | NoResponse
ANSWERS = ("response", "not-sent", "not-trusted", "not-allowed", "lost", "too-long")


# How a value lies in memory.


@dataclass(frozen=True)
class Layout:
    """Size and alignment of a type, and how to read it."""

    size: int
    align: int
    read: Callable[[memoryview, int], Any]
    shape: Any
    """What a test compares with the types of the component."""


def _to(offset: int, align: int) -> int:
    return (offset + align - 1) // align * align


def _scalar(name: str, code: str) -> Layout:
    reader = struct.Struct("<" + code)
    return Layout(reader.size, reader.size, lambda view, at: reader.unpack_from(view, at)[0], name)


U8, U16, U32, U64, S32 = (
    _scalar(*pair) for pair in [("u8", "B"), ("u16", "H"), ("u32", "I"), ("u64", "Q"), ("s32", "i")]
)
BOOL = _scalar("bool", "?")
_PAIR = struct.Struct("<II")


def _bytes(view: memoryview, at: int) -> bytes:
    start, length = _PAIR.unpack_from(view, at)
    return bytes(view[start : start + length])


STRING = Layout(8, 4, lambda view, at: _bytes(view, at).decode(), "string")
BYTES = Layout(8, 4, _bytes, ("list", "u8"))


def list_of(element: Layout) -> Layout:
    def read(view: memoryview, at: int) -> list[Any]:
        start, length = _PAIR.unpack_from(view, at)
        return [element.read(view, start + index * element.size) for index in range(length)]

    return Layout(8, 4, read, ("list", element.shape))


def record_of(make: Callable[..., Any], fields: dict[str, Layout]) -> Layout:
    placed, end = [], 0
    for layout in fields.values():
        start = _to(end, layout.align)
        placed.append((start, layout))
        end = start + layout.size
    align = max(layout.align for layout in fields.values())

    def read(view: memoryview, at: int) -> Any:
        return make(*[layout.read(view, at + start) for start, layout in placed])

    return Layout(_to(end, align), align, read, ("record", {name: layout.shape for name, layout in fields.items()}))


def tuple_of(*elements: Layout) -> Layout:
    made = record_of(lambda *values: values, {str(index): element for index, element in enumerate(elements)})
    return Layout(made.size, made.align, made.read, ("tuple", [element.shape for element in elements]))


def variant_of(cases: dict[str, Layout | None], shape: Any = None) -> Layout:
    names, payloads = list(cases), list(cases.values())
    held = [layout for layout in payloads if layout]
    align = max([layout.align for layout in held], default=1)
    start = _to(1, align)
    size = _to(start + max([layout.size for layout in held], default=0), align)

    def read(view: memoryview, at: int) -> tuple[str, Any]:
        index = view[at]
        layout = payloads[index]
        return names[index], layout.read(view, at + start) if layout else None

    shape = shape or ("variant", {name: layout and layout.shape for name, layout in cases.items()})
    return Layout(size, align, read, shape)


def enum_of(*names: str) -> Layout:
    return Layout(1, 1, lambda view, at: names[view[at]], ("enum", list(names)))


def option_of(some: Layout) -> Layout:
    made = variant_of({"none": None, "some": some}, ("option", some.shape))
    return Layout(made.size, made.align, lambda view, at: made.read(view, at)[1], made.shape)


def result_of(ok: Layout, err: Layout) -> Layout:
    return variant_of({"ok": ok, "err": err}, ("result", ok.shape, err.shape))


LOCALIZED = record_of(Localized, {"en": STRING, "zh": STRING})
CREDENTIAL = enum_of(*CREDENTIALS)
INVALID_PARAMETER = record_of(
    InvalidParameter,
    {"argument": enum_of("action", "connection", "parameters"), "pointer": STRING, "message": LOCALIZED},
)
FAILURE = record_of(
    Failure,
    {
        "category": enum_of(*CATEGORIES),
        "errcode": option_of(S32),
        "message": STRING,
        "hint": LOCALIZED,
        "doc-url": STRING,
        "retry-after-seconds": option_of(U32),
        "caller-ip": option_of(STRING),
        "api": STRING,
        "credential": CREDENTIAL,
    },
)
ERROR = variant_of(
    {
        "execution-failed": None,
        "permanent-invalid-parameters": list_of(INVALID_PARAMETER),
        "permanent-rejected": FAILURE,
        "permanent-outcome-unknown": FAILURE,
        "retryable": FAILURE,
    }
)
CHECK = record_of(
    RawCheck,
    {
        "credential": CREDENTIAL,
        "pointer": STRING,
        "proved": BOOL,
        "detail": LOCALIZED,
        "error": option_of(ERROR),
    },
)
OUTPUT = variant_of(
    {
        "json": STRING,
        "connection-report": record_of(RawReport, {"checks": list_of(CHECK)}),
        "access-token": record_of(AccessToken, {"access-token": STRING, "expires-in-seconds": U32}),
    }
)
REQUEST = record_of(
    Request,
    {
        "call": U64,
        "method": enum_of("get", "post"),
        "url": STRING,
        "headers": list_of(tuple_of(STRING, STRING)),
        "body": option_of(BYTES),
        "timeout-ms": U32,
        "max-body-bytes": U32,
        "deadline": U64,
    },
)
WAITING = record_of(Waiting, {"call": U64, "deadline": U64})
STEP = variant_of({"send": REQUEST, "wait": WAITING, "done": OUTPUT, "failed": ERROR})
ADVANCED = result_of(STEP, enum_of("unknown-call", "nothing-sent", "answer-missing"))
CALLS = list_of(U64)

Results: TypeAlias = dict[str, Layout | None]
"""The functions of an interface, and what each returns."""


class Area:
    """How the arguments of a function lie in the frame. Texts and bytes are two numbers, as in a record."""

    def __init__(self, form: str) -> None:
        self.struct = struct.Struct("<" + form)
        codes = [code for times, code in re.findall(r"(\d*)([BIQx])", form) for _ in range(int(times or 1))]
        ends = list(accumulate(struct.calcsize("<" + code) for code in codes))
        self.offsets = [start for start, code in zip([0, *ends], codes, strict=False) if code != "x"]
        """Where each number begins."""


SLOTS = Area("12Q")
"""One by one, as most functions take them."""

# A call takes its arguments from here: how many of them are texts or bytes, and where; the arguments. The bytes follow.
HEAD = struct.Struct("<I12I4x")
# What is longer is copied to its place at once: the frame keeps its size for good.
_LONG = 65536
# An empty list has an address, too.
_NO_FILES = (4, 0)


def _glue(parameters: dict[str, list[str]], results: Results, records: dict[str, Area]) -> str:
    """A module between Python and the component.

    For wasmtime in Python each call, and each argument of one, takes longer than the component itself does: by this
    module a step is one call without arguments. It gives the component its own copies of texts and bytes, as the
    Canonical ABI wants it, and frees a result when the next call begins.
    """
    imports, frees, functions = [], [], []
    for number, (name, kinds) in enumerate(parameters.items()):
        result = "(result i32)" if results[name] else ""
        imports.append(f'(import "" "" (func ${name} (param {" ".join(kinds)}) {result}))')
        loads = " ".join(
            f"({kind}.load offset={HEAD.size + 8 * slot} (global.get $frame))" for slot, kind in enumerate(kinds)
        )
        if name in records:
            loads = f"(call $record (i32.const {records[name].struct.size}))"
        call = f"(call ${name} {loads})"
        if result:
            imports.append(f'(import "" "" (func $free-{name} (param i32)))')
            frees.append(
                f"(if (i32.eq (global.get $owner) (i32.const {number}))"
                f" (then (call $free-{name} (global.get $result))))"
            )
            call = f"(global.set $result {call}) (global.set $owner (i32.const {number})) (global.get $result)"
        between = 4 if name in records else 8
        copy = f"(call $copy (i32.const {between}))" if kinds else ""
        functions.append(f'(func (export "{name}") {result} (call $free) {copy} {call})')
    return f"""(module
        (import "" "" (memory 0))
        (import "" "" (func $realloc (param i32 i32 i32 i32) (result i32)))
        {" ".join(imports)}
        (global $frame (export "frame") (mut i32) (i32.const 0))
        (global $result (mut i32) (i32.const 0))
        (global $owner (mut i32) (i32.const -1))
        (func $free {" ".join(frees)} (global.set $owner (i32.const -1)))
        (func $copy (param $between i32) (local $done i32) (local $at i32) (local $length i32) (local $new i32)
          (loop $next (if (i32.lt_u (local.get $done) (i32.load (global.get $frame))) (then
            (local.set $at (i32.add (global.get $frame)
              (i32.load offset=4 (i32.add (global.get $frame) (i32.mul (i32.const 4) (local.get $done))))))
            (local.set $length (i32.load (i32.add (local.get $at) (local.get $between))))
            (local.set $new (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (local.get $length)))
            (memory.copy (local.get $new) (i32.load (local.get $at)) (local.get $length))
            (i32.store (local.get $at) (local.get $new))
            (local.set $done (i32.add (local.get $done) (i32.const 1)))
            (br $next)))))
        (func $record (param $size i32) (result i32) (local $new i32)
          (local.set $new (call $realloc (i32.const 0) (i32.const 0) (i32.const 8) (local.get $size)))
          (memory.copy (local.get $new) (i32.add (global.get $frame) (i32.const {HEAD.size})) (local.get $size))
          (local.get $new))
        {" ".join(functions)})"""


Lowered: TypeAlias = tuple[int | bytes, ...]


def optional_text(text: str | None) -> Lowered:
    return (0, 0, 0) if text is None else (1, text.encode(errors="replace"))


class Exports:
    """An interface of one instance of the component. One thread at a time may be in it, and none after a trap."""

    INTERFACE: ClassVar[str]
    RESULTS: ClassVar[Results]
    RECORDS: ClassVar[dict[str, Area]] = {}
    """Functions whose arguments are too many to be passed one by one, and how they lie in memory."""

    def __init__(self, file: str | os.PathLike[str] | None = None) -> None:
        engine, module = _load(os.fspath(file or PACKAGED))
        self._store = wasmtime.Store(engine)
        try:
            exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        except wasmtime.WasmtimeError as error:
            # The component that calls the host's HTTP has imports.
            raise _foreign(file or PACKAGED, str(error).partition("\n")[0]) from None
        try:
            self._memory: Any = exports["memory"]
            self._realloc: Any = exports["cabi_realloc"]
            given = [self._memory, self._realloc]
            parameters = {}
            for name, result in self.RESULTS.items():
                function: Any = exports[f"{self.INTERFACE}#{name}"]
                parameters[name] = [str(kind) for kind in function.type(self._store).params]
                given += [function, exports[f"cabi_post_{self.INTERFACE}#{name}"]] if result else [function]
        except KeyError as error:
            raise _foreign(file or PACKAGED, f"it has no export {error}") from None
        glue = wasmtime.Module(engine, _glue(parameters, self.RESULTS, self.RECORDS))
        self._steps: Any = wasmtime.Instance(self._store, glue, given).exports(self._store)
        self._calls: dict[str, Any] = {name: self._steps[name] for name in self.RESULTS}
        self._frame = self._room = 0
        self._seen = memoryview(b"")

    def _call(self, name: str, *arguments: int | bytes) -> Any:
        if arguments:
            self._write(arguments, self.RECORDS.get(name, SLOTS))
        result = self.RESULTS[name]
        at = self._calls[name](self._store)
        return result.read(self._view(), at & 0xFFFFFFFF) if result else None

    def _view(self) -> memoryview:
        """The component's memory. It moves only where it grows."""
        size = self._memory.data_len(self._store)
        if size != len(self._seen):
            self._seen = memoryview(self._memory.get_buffer_ptr(self._store, size)).cast("B")
        return self._seen

    def _place(self, content: bytes, align: int = 1) -> tuple[int, int]:
        """Gives the component a copy, which it frees: where that is, and its length."""
        at = self._realloc(self._store, 0, 0, align, len(content)) & 0xFFFFFFFF
        self._view()[at : at + len(content)] = content
        return at, len(content)

    def _write(self, arguments: Sequence[int | bytes], area: Area) -> None:
        if any(isinstance(argument, bytes) and len(argument) > _LONG for argument in arguments):
            arguments = [
                part
                for argument in arguments
                for part in (
                    self._place(argument) if isinstance(argument, bytes) and len(argument) > _LONG else (argument,)
                )
            ]
        begin = HEAD.size + area.struct.size
        room = begin + sum(len(argument) for argument in arguments if isinstance(argument, bytes))
        if room > self._room:
            self._frame = self._realloc(self._store, self._frame, self._room, 8, room) & 0xFFFFFFFF
            self._room = room
            self._steps["frame"].set_value(self._store, wasmtime.Val.i32(self._frame))
        view = self._view()
        numbers: list[int] = []
        copied: list[int] = []
        at = self._frame + begin
        for argument in arguments:
            if isinstance(argument, bytes):
                copied.append(HEAD.size + area.offsets[len(numbers)])
                numbers += (at, len(argument))
                view[at : at + len(argument)] = argument
                at += len(argument)
            else:
                numbers.append(argument)
        HEAD.pack_into(view, self._frame, len(copied), *copied, *(0,) * (12 - len(copied)))
        left = (0,) * (len(area.offsets) - len(numbers))
        area.struct.pack_into(view, self._frame + HEAD.size, *numbers, *left)


class Instance(Exports):
    """An instance of the component that makes calls."""

    INTERFACE = "wecom:connector/stepwise@0.2.0"
    RESULTS: ClassVar[Results] = {
        "manifest": STRING,
        "begin": STEP,
        "resume": ADVANCED,
        "proceed": ADVANCED,
        "woken": CALLS,
        "cancel": None,
    }

    def manifest(self) -> str:
        """The manifest, as JSON."""
        manifest: str = self._call("manifest")
        return manifest

    def begin(self, operation: Operation, connection: str, now: int) -> Step:
        """Begins a call."""
        if isinstance(operation, Invocation):
            files = self._files(operation.files) if operation.files else _NO_FILES
            lowered: Lowered = (0, operation.action.encode(errors="replace"), operation.parameters.encode(), *files)
        elif operation is None:
            lowered = (1, 0, 0, 0, 0, 0, 0)
        else:
            lowered = (2, SCOPES.index(operation), 0, 0, 0, 0, 0)
        step: Step = self._call("begin", *lowered, connection.encode(), now)
        return step

    def resume(self, call: int, answer: Answer, now: int) -> Step | None:
        """Goes on with a call whose request has its answer. None where it was dropped, long after its deadline."""
        if isinstance(answer, Response):
            headers = (*optional_text(answer.retry_after), *optional_text(answer.content_disposition))
            lowered: Lowered = (0, answer.status, *headers, answer.body)
        else:
            text: Lowered = (0, 0) if answer.case == "too-long" else (answer.text.encode(errors="replace"),)
            lowered = (ANSWERS.index(answer.case), *text, 0, 0, 0, 0, 0, 0, 0)
        return self._advanced(self._call("resume", call, *lowered, now))

    def proceed(self, call: int, now: int) -> Step | None:
        """Goes on with a call that waited. None as above."""
        return self._advanced(self._call("proceed", call, now))

    def woken(self) -> Sequence[int]:
        """The calls that waited and can go on."""
        calls: list[int] = self._call("woken")
        return calls

    def cancel(self, call: int) -> None:
        """Drops a call."""
        self._call("cancel", call)

    @staticmethod
    def _advanced(result: tuple[str, Any]) -> Step | None:
        case, value = result
        if case == "ok":
            step: Step = value
            return step
        if value == "unknown-call":
            return None
        raise AssertionError(f"the engine of this package advanced a call out of turn: {value}")

    def _files(self, files: Sequence[tuple[str, bytes]]) -> tuple[int, int]:
        parts = [part for name, content in files for part in (*self._place(name.encode()), *self._place(content))]
        at, _ = self._place(struct.pack(f"<{len(parts)}I", *parts), 4)
        return at, len(files)


@functools.lru_cache(maxsize=4)
def _load(file: str) -> tuple[wasmtime.Engine, wasmtime.Module]:
    """Compiles the component, once for the process."""
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise ComponentError(
            f"the component {file} cannot be read ({error.strerror}): install wecom-connector again"
        ) from None
    engine = _engine()
    try:
        return engine, wasmtime.Module(engine, _core_module(data))
    except (ValueError, IndexError, wasmtime.WasmtimeError):
        raise _foreign(file, "it is no such component") from None


def _engine() -> wasmtime.Engine:
    config = wasmtime.Config()
    try:
        # Compiling takes half a second: the next process finds it in wasmtime's cache.
        config.cache = True
    except wasmtime.WasmtimeError:
        # There is no folder for it, as in a container without a home.
        config = wasmtime.Config()
    return wasmtime.Engine(config)


def _core_module(component: bytes) -> bytes:
    """The one core module in a component."""
    if component[:8] != b"\0asm\x0d\0\1\0":
        raise ValueError
    at = 8
    while at < len(component):
        section, at = component[at], at + 1
        size = shift = 0
        while True:
            byte, at = component[at], at + 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        if section == 1:
            return component[at : at + size]
        at += size
    raise ValueError


def _foreign(file: str | os.PathLike[str], why: str) -> ComponentError:
    return ComponentError(
        f"{os.fspath(file)} is not the wecom_connector_stepwise.wasm of this version ({why}): "
        "install wecom-connector again, or leave `component` out"
    )
