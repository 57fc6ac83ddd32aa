"""What a caller gives, as the component takes it: connections and JSON."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar, get_args

from ._actions import NOT_IN_ENVIRONMENT, Application, Callback, Chatbot
from ._component import InvalidParameter, Localized
from ._errors import InvalidParameters, Language

K = TypeVar("K", bound=Application | Chatbot | Callback)


def check_language(language: Language) -> None:
    if language not in get_args(Language):
        raise ValueError(f"language must be one of {get_args(Language)}, not {language!r}")


def from_environment(kind: type[K], action: str, language: Language) -> K:
    """The connection that the environment holds."""
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


def held_json(connection: Application | Chatbot | Callback, action: str, language: Language) -> str:
    """A connection as the component takes it."""
    held = {field.name: getattr(connection, field.name) for field in fields(connection)}
    return json_of({"type": connection.TYPE, **held}, action, language, "connection")


def json_of(value: Mapping[str, Any], action: str, language: Language, argument: str = "parameters") -> str:
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
            if isinstance(name, str) and (item is None or type(item) is str):
                continue
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
        faults.append(unfit(argument, pointer, value))


def _has_json(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return value.bit_length() <= 64
    return value is None or isinstance(value, str)


VALUE = Localized("a str, int, float, bool, list or dict", "str、int、float、bool、list或dict")


def unfit(argument: Any, pointer: str, value: object, what: Localized = VALUE) -> InvalidParameter:
    kind = type(value).__name__
    if isinstance(value, float):
        kind = repr(value)
    elif isinstance(value, int) and what is VALUE:
        kind = "int > 64 bit"
    message = Localized(f"must be {what.en}, not {kind}", f"必须是{what.zh}，不能是{kind}")
    return InvalidParameter(argument, pointer, message)
