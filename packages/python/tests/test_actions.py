"""Every action of the manifest, by its method, against the simulator."""

from __future__ import annotations

import ast
import asyncio
import base64
import inspect
import math
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import Simulator
from samples import run_all

from wecom_connector import AsyncWeComConnector, InvalidParameters, WeComConnector, _actions, seconds_done_once


def test_every_action(simulator: Simulator) -> None:
    with WeComConnector(simulator.application(), simulator.chatbot()) as wecom:
        actions = wecom.manifest()["actions"]
        run_all(actions, lambda action, given: getattr(wecom, action["id"].replace("-", "_"))(**given))
        # It was one instance: one token for each secret.
        assert len(simulator.at("gettoken")) == 2


def test_every_action_without_blocking(simulator: Simulator) -> None:
    with closing(asyncio.new_event_loop()) as loop:
        wecom = AsyncWeComConnector(simulator.application(), simulator.chatbot())

        def run(action: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
            output: dict[str, Any] = loop.run_until_complete(getattr(wecom, action["id"].replace("-", "_"))(**given))
            return output

        run_all(wecom.manifest()["actions"], run)
        assert len(simulator.at("gettoken")) == 2
        loop.run_until_complete(wecom.aclose())


@pytest.mark.parametrize("kind", [WeComConnector, AsyncWeComConnector])
def test_methods_say_what_the_manifest_says(kind: Any) -> None:
    wecom = kind()
    for action in wecom.manifest()["actions"]:
        method = getattr(kind, action["id"].replace("-", "_"))
        parameters = dict(inspect.signature(method).parameters)
        del parameters["self"], parameters["connection"]
        schema = action["parameters"]
        assert set(parameters) == set(schema["properties"])
        required = {name for name, of in parameters.items() if of.default is inspect.Parameter.empty}
        assert required == set(schema.get("required", []))
        assert all(of.kind is inspect.Parameter.KEYWORD_ONLY for of in parameters.values())
        assert action["doc_url"] in method.__doc__
    if kind is WeComConnector:
        wecom.close()
    else:
        asyncio.run(wecom.aclose())


def records_of(schema: dict[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The records in a parameter, and in them, by the names of their types."""
    record = schema.get("items", schema)
    fields = record.get("properties", {})
    if fields:
        yield name, fields
    for field, inner in fields.items():
        yield from records_of(inner, name + field.title().replace("_", ""))


def test_types_of_records_say_what_a_parameter_says() -> None:
    # What stands below a field is for editors alone, which read the source.
    source = ast.parse(Path(_actions.__file__).read_text(encoding="utf-8"))
    said: dict[tuple[str, str], str] = {}
    for of in source.body:
        for field, below in pairwise(of.body if isinstance(of, ast.ClassDef) else []):
            if isinstance(of, ast.ClassDef) and isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
                name = ast.unparse(field.target)
                said[of.name, name] = " ".join(str(ast.literal_eval(below.value)).split())
    with WeComConnector() as wecom:
        actions = wecom.manifest()["actions"]
    found = 0
    for action in actions:
        begin = action["id"].title().replace("-", "")
        for parameter, schema in action["parameters"]["properties"].items():
            for record, fields in records_of(schema, begin + parameter.title().replace("_", "")):
                for field_name, inner in fields.items():
                    text = said[record, field_name]
                    assert inner["description"] in text
                    assert all(f"{choice['const']} ({choice['title']})" in text for choice in inner.get("oneOf", ()))
                    assert all(repr(example) in text for example in inner.get("examples", ())[:1])
                    found += 1
    assert found


def test_an_image_is_given_as_bytes(simulator: Simulator) -> None:
    with WeComConnector(chatbot=simulator.chatbot()) as wecom:
        [sample] = [of for of in wecom.manifest()["actions"] if of["id"] == "push-image-message-by-chatbot"]
        given = dict(sample["sample_parameters"])
        picture = base64.b64decode(given.pop("base64"))
        wecom.push_image_message_by_chatbot(base64=picture, **given)
    assert len(simulator.at("webhook/send")) == 1


def test_how_long_wecom_does_a_call_only_once_is_what_it_is_told() -> None:
    """In whatever form it is given: the component takes some, and refuses others, with which nothing is sent."""
    given = [1800, 1800.0, "1800", " 1800 ", "1800.0", "1.8e3", "+60", "１８００", "1_800", 0, "0", "", None]
    given += [-1, "-1", 99999, "soon", True, [1800], {"a": 1}, 10**400, float("nan"), float("inf"), "nan", "inf"]
    taken = []
    with WeComConnector() as wecom:
        for value in given:
            parameters = {"agent_id": 1, "to_user": ["zhangsan"], "content": "x", "duplicate_check_interval": value}
            seconds = seconds_done_once("push-text-message", parameters)
            assert 0 <= seconds < math.inf, value
            try:
                body = wecom._body("push-text-message", {name: of for name, of in parameters.items() if of is not None})
            except InvalidParameters:
                continue
            assert seconds == body.get("duplicate_check_interval", 0), value
            taken.append(value)
    assert taken == [1800, 1800.0, "1800", " 1800 ", "1800.0", "１８００", "", None]


def test_what_wecom_does_as_often_as_it_is_told() -> None:
    checked = {"duplicate_check_interval": 1800}
    with WeComConnector() as wecom:
        for action in wecom.manifest()["actions"]:
            of = action.get("idempotent_with")
            assert seconds_done_once(action["id"], checked) == (1800 if of == "duplicate_check_interval" else 0)
    assert seconds_done_once("make-coffee", checked) == 0
    nothing: Any
    for nothing in (None, [], "duplicate_check_interval", 7):
        assert seconds_done_once("push-text-message", nothing) == 0
        assert seconds_done_once(nothing, checked) == 0
