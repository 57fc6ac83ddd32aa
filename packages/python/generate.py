"""Writes `wecom_connector/_actions.py` from the manifest: connections, outputs, a method for each action, and what a
callback is answered with.

Called by `hatch_build.py`. Nothing in this folder names an action. packages/airflow takes the words and types of its
operators from here: whatever has no underscore before its name.
"""

from __future__ import annotations

import keyword
import textwrap
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
WIDTH = 110

HEAD = '''"""Generated from the manifest of the connector by generate.py."""

# ruff: noqa: E501
from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, TypeAlias, TypedDict, cast

if sys.version_info >= (3, 11):
    from typing import NotRequired
else:
    from typing_extensions import NotRequired

FileContent: TypeAlias = bytes | bytearray | memoryview | str
"""The content of a file: bytes, which are sent as they are; or a str in Base64, or a data: URL."""


class About(NamedTuple):
    """What the package itself has to know of an action."""

    connection_type: str
    writes: bool
    doc_url: str
    files: frozenset[str]
    idempotent_with: str | None
    """The parameter that holds for how many seconds WeCom does the same call only once."""
'''

MIXIN = '''
class {name}(Protocol):
    """A method for each action."""

    {def_} invoke(self, action: str, parameters: Mapping[str, Any], connection: Any = None) -> dict[str, Any]:
        ...
'''


def module(manifest: dict[str, Any]) -> str:
    """The whole module."""
    actions = manifest["actions"]
    records: dict[str, str] = {}
    for action in actions:
        _typed_dict(pascal(action["id"]) + "Output", action["output"], records)
    sync = list(_methods(actions, records, "def"))
    async_ = list(_methods(actions, records, "async def"))
    callback = manifest["callback"]
    _typed_dict("Reply", callback["reply"], records, given=True)
    kinds = [*manifest["connection_types"], callback["connection_type"]]
    connections = [_connection(kind) for kind in kinds]
    names = sorted(["FileContent", *records, *(pascal(kind["type"]) for kind in kinds)])
    parts = [
        HEAD,
        *connections,
        *records.values(),
        MIXIN.format(name="Actions", def_="def"),
        *sync,
        MIXIN.format(name="AsyncActions", def_="async def"),
        *async_,
        "\nACTIONS: dict[str, About] = {",
        *(_about(action) for action in actions),
        "}\n",
        _phrase(manifest, "NOT_IN_ENVIRONMENT", "is required: no connection was given"),
        _phrase(manifest, "REPEATED_WITHIN", "The same call may be repeated within"),
        f"\n__all__ = {names!r}\n",
    ]
    return "\n".join(parts)


def pascal(name: str) -> str:
    return "".join(part.title() for part in name.replace("_", "-").split("-"))


def _snake(name: str) -> str:
    return name.replace("-", "_")


def _argument(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def _about(action: dict[str, Any]) -> str:
    properties = action["parameters"]["properties"]
    files = sorted(name for name, schema in properties.items() if is_file(schema))
    facts = (action["connection_type"], action["effect"] != "read", action["doc_url"])
    return f"    {action['id']!r}: About(*{facts!r}, frozenset({files!r}), {action.get('idempotent_with')!r}),"


def _phrase(manifest: dict[str, Any], name: str, begin: str) -> str:
    """What is said of a connection that stands nowhere, or of a call that is lost, in the connector's own words."""
    [phrase] = [phrase for phrase in manifest["phrases"] if phrase["en"].startswith(begin)]
    return f"{name} = ({phrase['en']!r}, {phrase['zh']!r})"


# Types.


def is_file(schema: Schema) -> bool:
    return bool(schema.get("x-ui", {}).get("widget") == "file")


def type_of(schema: Schema, name: str, records: dict[str, str], given: bool = False) -> str:
    """The Python type of a schema. `given` is one that the caller passes in, where more than lists is a list."""
    choices: list[Any] = [choice["const"] for choice in schema.get("oneOf", ())] or schema.get("enum", [])
    if choices:
        return f"Literal[{', '.join(repr(choice) for choice in choices)}]"
    kind = schema["type"]
    if kind == "array":
        element = type_of(schema["items"], name, records, given)
        return f"Sequence[{element}]" if given else f"list[{element}]"
    if kind == "object":
        _typed_dict(name, schema, records, given)
        return name
    if is_file(schema) and given:
        return "FileContent"
    return {"integer": "int", "string": "str", "boolean": "bool", "number": "float"}[str(kind)]


def _typed_dict(name: str, schema: Schema, records: dict[str, str], given: bool = False) -> None:
    # The records in it come first.
    lines = [f"\nclass {name}(TypedDict):", docstring(schema["description"], 4)]
    required = schema.get("required", ())
    for field, inner in schema["properties"].items():
        if keyword.iskeyword(field):
            raise ValueError(f"{name}: {field} is a keyword")
        kind = type_of(inner, f"{name.removesuffix('Output')}{pascal(field)}", records, given)
        lines.append(f"    {field}: {kind if field in required else f'NotRequired[{kind}]'}")
        # What comes back has no limits that a program has to keep.
        said = about_parameter(inner) if given else inner.get("description", inner["title"])
        lines.append(docstring(said, 4))
    records[name] = "\n".join(lines) + "\n"


# Connections.


def _connection(kind: dict[str, Any]) -> str:
    schema = kind["schema"]
    # Labels for people have no use in a program.
    fields = {name: of for name, of in schema["properties"].items() if name not in ("name", "type", "description")}
    required = [name for name in fields if name in schema["required"]]
    lines = [
        "\n@dataclass(frozen=True, kw_only=True)",
        f"class {pascal(kind['type'])}:",
        docstring(f"{schema['description']} {schema['x-ui']['hint']}", 4),
        "",
        f"    TYPE: ClassVar = {kind['type']!r}",
        f"    REQUIRED: ClassVar = {required!r}",
        f"    VARIABLES: ClassVar = { ({name: f'WECOM_{name.upper()}' for name in fields})!r}",
        '    """The environment variable of each field."""',
        "",
    ]
    for name, of in fields.items():
        type_ = type_of(of, "", {})
        arguments = ["repr=False"] if of.get("writeOnly") else []
        if name not in required:
            type_, arguments = f"{type_} | None", ["default=None", *arguments]
        default = f" = field({', '.join(arguments)})" if arguments else ""
        lines.append(f"    {name}: {type_}{default}")
        hint = of["x-ui"].get("hint", "")
        lines.append(docstring(f"{of['description']} {hint}".strip(), 4))
    return "\n".join(lines) + "\n"


# Methods.


def _methods(actions: list[dict[str, Any]], records: dict[str, str], def_: str) -> Iterator[str]:
    for action in actions:
        schema = action["parameters"]
        required = schema.get("required", [])
        names = [*required, *(name for name in schema["properties"] if name not in required)]
        if "connection" in names:
            raise ValueError(f"{action['id']}: a parameter is named connection")
        output, held = pascal(action["id"]) + "Output", pascal(action["connection_type"])
        lines = [f"    {def_} {_snake(action['id'])}(", "        self,", "        *,"]
        for name in names:
            kind = type_of(schema["properties"][name], pascal(action["id"]) + pascal(name), records, given=True)
            given = kind if name in required else f"{kind} | None = None"
            lines.append(f"        {_argument(name)}: {given},")
        lines += [f"        connection: {held} | None = None,", f"    ) -> {output}:"]
        lines.append(docstring("\n".join(_about_method(action, names)), 8))
        lines.append("        given: dict[str, Any] = {")
        lines += [f"            {name!r}: {_argument(name)}," for name in names]
        await_ = "await " if def_.startswith("async") else ""
        lines.append("        }")
        call = f"{await_}self.invoke({action['id']!r}, given, connection)"
        lines.append(f"        return cast({output}, {call})")
        yield "\n".join(lines) + "\n"


def _about_method(action: dict[str, Any], names: list[str]) -> Iterator[str]:
    schema = action["parameters"]
    yield f"{action['label']['en']} ({action['label']['zh']})."
    yield ""
    yield schema["description"]
    yield ""
    if names:
        yield "Args:"
        for name in names:
            yield f"    {_argument(name)}: {about_parameter(schema['properties'][name])}"
        yield ""
    limits = "; ".join(map(rate, action["rate_limits"]))
    if limits:
        yield f"WeCom's limits: {limits}."
        yield ""
    yield action["doc_url"]


def about_parameter(schema: Schema) -> str:
    said = [str(schema.get("description", schema["title"]))]
    choices = [f"{choice['const']} ({choice['title']})" for choice in schema.get("oneOf", ())]
    if choices:
        said.append(f"{', '.join(choices)}.")
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None and not choices:
        said.append(f"From {low} to {high}.")
    # Most descriptions name their limits themselves.
    ui = schema.get("x-ui", {})
    limits = [
        (schema.get("maxItems"), "entries"),
        (schema.get("maxLength"), "characters"),
        (ui.get("maxBytes"), "bytes in UTF-8"),
    ]
    said += [f"At most {limit} {unit}." for limit, unit in limits if limit and str(limit) not in said[0]]
    if "hint" in ui:
        said.append(ui["hint"])
    if "examples" in schema:
        said.append(f"Example: {schema['examples'][0]!r}.")
    return " ".join(said)


def rate(limit: dict[str, Any]) -> str:
    beyond = limit["beyond"].replace("_", " ")
    return (
        f"{limit['amount']} {limit['unit']} in {limit['per_seconds']} s for each {limit['scope']}, beyond it {beyond}"
    )


def docstring(text: str, indent: int) -> str:
    pad = " " * indent
    text = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    lines: list[str] = []
    for line in text.split("\n"):
        inner = " " * (len(line) - len(line.lstrip()))
        wrapped = textwrap.wrap(
            line,
            WIDTH - indent,
            subsequent_indent=inner + "    " if inner else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += wrapped or [""]
    if len(lines) == 1:
        return f'{pad}"""{lines[0]}{" " if lines[0].endswith(chr(34)) else ""}"""'
    body = "\n".join(f"{pad}{line}".rstrip() for line in lines)
    return f'{pad}"""{body.lstrip()}\n{pad}"""'
