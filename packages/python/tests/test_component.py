"""Values go in and out as the component has them; a file that is not the component is told in one line."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import wasmtime
from wasmtime import component as wit

from wecom_connector import ComponentError, Event, WeComConnector
from wecom_connector._callbacks import EVENT_LAYOUT, CallbackInstance
from wecom_connector._component import (
    ANSWERS,
    BYTES,
    HEAD,
    PACKAGED,
    STRING,
    U64,
    Exports,
    Instance,
    Invocation,
    NoResponse,
    Response,
    tuple_of,
)


def shape(of: Any) -> Any:
    """A type of the component, in the form of `Layout.shape`."""
    kind = type(of).__name__
    if kind == "ListType":
        return ("list", shape(of.element))
    if kind == "RecordType":
        return ("record", {name: shape(inner) for name, inner in of.fields})
    if kind == "TupleType":
        return ("tuple", [shape(inner) for inner in of.elements])
    if kind == "VariantType":
        return ("variant", {name: inner and shape(inner) for name, inner in of.cases})
    if kind == "EnumType":
        return ("enum", of.names)
    if kind == "OptionType":
        return ("option", shape(of.payload))
    if kind == "ResultType":
        return ("result", shape(of.ok), shape(of.err))
    return kind.lower()


def functions(interface: type[Exports]) -> dict[str, Any]:
    engine = wasmtime.Engine()
    found: Any = wit.Component(engine, PACKAGED.read_bytes()).type.exports(engine)[interface.INTERFACE].ty
    exports = {name: of.ty for name, of in found.exports(engine).items()}
    return {name: of for name, of in exports.items() if isinstance(of, wit.FuncType)}


@pytest.mark.parametrize("interface", [Instance, CallbackInstance])
def test_the_layout_is_that_of_the_component(interface: type[Exports]) -> None:
    assert {name: of.result and shape(of.result) for name, of in functions(interface).items()} == {
        name: layout and layout.shape for name, layout in interface.RESULTS.items()
    }


def test_what_goes_in_is_what_the_component_takes() -> None:
    found = functions(Instance)
    begin = [shape(kind) for _, kind in found["begin"].params]
    files = ("list", ("record", {"parameter": "string", "content": ("list", "u8")}))
    invocation = ("record", {"action": "string", "parameters": "string", "files": files})
    operation = {"invoke": invocation, "test-connection": None, "get-access-token": ("enum", ["app", "contacts"])}
    assert begin == [("variant", operation), "string", "u64"]
    headers = dict.fromkeys(("retry-after", "content-disposition"), ("option", "string"))
    response = ("record", {"status": "u16", **headers, "body": ("list", "u8")})
    answer = dict.fromkeys(ANSWERS, "string") | {"response": response, "too-long": None}
    assert [shape(kind) for _, kind in found["resume"].params] == ["u64", ("variant", answer), "u64"]
    found = functions(CallbackInstance)
    now = ("option", "u64")
    assert [shape(kind) for _, kind in found["verify-url"].params] == ["string", "string", now]
    assert [shape(kind) for _, kind in found["decrypt-message"].params] == ["string", "string", ("list", "u8"), now]


REPLIED_TO = Event(
    topic="event/change_contact/create_user",
    msg_type="event",
    event="change_contact",
    change_type="create_user",
    from_user="sys",
    to="ww1",
    agent_id=2**63,
    created_at=1409659813,
    key="k",
    fields={"department": ["1", "2"], "name": "好"},
    format="json",
    nonce="n",
)


LEFT_OUT: Any = dict.fromkeys(["event", "change_type", "from_user", "to", "agent_id", "created_at"])


@pytest.mark.parametrize("event", [REPLIED_TO, dataclasses.replace(REPLIED_TO, **LEFT_OUT)])
def test_the_arguments_of_a_reply_lie_where_the_component_reads_them(event: Event) -> None:
    taken = tuple_of(STRING, EVENT_LAYOUT, STRING, U64, BYTES)
    of = functions(CallbackInstance)["encrypt-reply"]
    assert ("tuple", [shape(kind) for _, kind in of.params]) == taken.shape

    class Reading(CallbackInstance):
        def _call(self, name: str, *arguments: int | bytes) -> Any:
            self._write(arguments, self.RECORDS[name])
            return taken.read(self._view(), self._frame + HEAD.size)

    read = Reading().encrypt_reply("c", event, "reply", 2**40, b"random")
    # The fields stay here: no reply depends on them.
    assert read == ("c", dataclasses.replace(event, fields={}), "reply", 2**40, b"random")


CONNECTION = json.dumps({"type": "application", "corp_id": "ww1", "access_token": "SIMULATED", "agent_id": 1})
PUSH = Invocation("push-text-message", json.dumps({"to_user": ["zhangsan"], "content": "好"}))


@pytest.mark.parametrize("case", ANSWERS[1:])
def test_an_answer_arrives_as_it_was_given(case: Any) -> None:
    instance = Instance()
    step, request = instance.begin(PUSH, CONNECTION, 0)
    assert step == "send"
    ended = instance.resume(request.call, NoResponse(case, "原因"), 1)
    assert ended
    step, error = ended
    assert step == "failed"
    tells = {
        "not-sent": "retryable",
        "not-trusted": "permanent-rejected",
        "not-allowed": "permanent-rejected",
        "lost": "permanent-outcome-unknown",
        "too-long": "permanent-outcome-unknown",
    }
    assert error[0] == tells[case]
    assert ("原因" in error[1].message) == (case != "too-long")
    assert instance.resume(request.call, NoResponse(case), 2) is None


def test_memory_does_not_grow_with_calls() -> None:
    instance = Instance()
    upload = Invocation(
        "upload-media",
        json.dumps({"file_name": "周报.xlsx", "kind": "file"}),
        [("content", b"x" * 100_000)],
    )

    def call() -> int:
        for _ in range(500):
            _, request = instance.begin(PUSH, CONNECTION, 0)
            instance.resume(
                request.call, Response(200, "1", None, b'{"errcode":45009,"errmsg":"x"}' + b" " * 10_000), 1
            )
            instance.woken()
            instance.cancel(request.call)
            _, request = instance.begin(upload, CONNECTION, 0)
            assert request.body.count(b"x") >= 100_000
            instance.resume(request.call, Response(200, None, "inline", b'{"errcode":0,"media_id":"m"}'), 1)
        size: int = instance._memory.data_len(instance._store)
        return size

    assert call() == call()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b"", "is not the wecom_connector_stepwise.wasm"),
        (b"\0asm\x0d\0\1\0\1\x80", "is not the wecom_connector_stepwise.wasm"),
        (b"\0asm\x0d\0\1\0\1\x04abcd", "is not the wecom_connector_stepwise.wasm"),
        (b"\0asm\x0d\0\1\0\1\x08\0asm\1\0\0\0", "it has no export 'memory'"),
        # One with an import, as the component that calls the host's HTTP has them.
        (
            b"\0asm\x0d\0\1\0\1\x17\0asm\1\0\0\0\1\4\1\x60\0\0\2\7\1\1a\1b\0\0",
            "is not the wecom_connector_stepwise.wasm",
        ),
    ],
)
def test_a_file_that_is_not_the_component(tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "component.wasm"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ComponentError) as caught:
        WeComConnector(component=file)
    assert says in str(caught.value)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_package_lists_what_it_was_built_by() -> None:
    lines = (Path(PACKAGED).parent / "sources.sha256").read_text(encoding="utf-8").splitlines()
    listed = {line.split("  ")[1] for line in lines}
    assert listed >= {"generate.py", "hatch_build.py", "pyproject.toml", "../../schemas/manifest.json"}
