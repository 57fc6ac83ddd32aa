"""Writes `wecom_connector_provider/_operators.py`, an operator for each action, and `_connections.json`, the forms of
the connections, from the manifest of the connector. Called by `hatch_build.py`. Nothing in this folder lists actions.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
PYTHON = Path(__file__).resolve().parent.parent / "python"

TAKEN = frozenset({"email", "owner", "task_id"})
"""Parameters whose names mean something else to every operator of Airflow: `default_args` would set them, too. They
have `_` at their end here. A test compares with Airflow."""

HEAD = '''"""Generated from the manifest of the connector by generate_operators.py."""

# ruff: noqa: E501, PYI021
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from .operator import Action, WeComOperator

if TYPE_CHECKING:
    from wecom_connector import {imports}

    from .operator import FilePath, Templated

'''

PATH_OF_FILE = "Path of the file instead, on the worker or as a URL that Airflow's object storage reads (`s3://…`)."
PATH_OF_OUTPUT = (
    "Where the file is written, on the worker or as a URL of Airflow's object storage. The output then has this path "
    "instead of the content, which XCom would keep in Airflow's database."
)


def _python_generator() -> Any:
    """packages/python/generate.py, which has the words and types of parameters."""
    if "generate" not in sys.modules:
        spec = importlib.util.spec_from_file_location("generate", PYTHON / "generate.py")
        if spec is None or spec.loader is None:
            raise ImportError(f"{PYTHON} has no generate.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules["generate"] = module
        spec.loader.exec_module(module)
    return sys.modules["generate"]


def operators(manifest: dict[str, Any]) -> str:
    """The module of the operators."""
    python = _python_generator()
    records: dict[str, str] = {}
    classes = ["\n".join(_operator(action, python, records)) for action in manifest["actions"]]
    names = [_class_name(action, python) for action in manifest["actions"]]
    listed = "".join(
        f"    {action['id']!r}: {name},\n" for action, name in zip(manifest["actions"], names, strict=True)
    )
    parts = [
        HEAD.format(imports=", ".join(sorted(["FileContent", *records]))),
        *classes,
        f"OPERATORS: dict[str, type[WeComOperator]] = {{\n{listed}}}\n",
        f"__all__ = {sorted(names)!r}\n",
    ]
    return "\n\n".join(parts)


def connections(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """The types of connections as Airflow's list of providers has them."""
    return [_connection(kind, manifest) for kind in manifest["connection_types"]]


# Operators.


def _class_name(action: dict[str, Any], python: Any) -> str:
    return f"WeCom{python.pascal(action['id'])}Operator"


def _attribute(parameter: str) -> str:
    return f"{parameter}_" if parameter in TAKEN else parameter


def _path(file: str) -> str:
    return f"{file}_path"


def _operator(action: dict[str, Any], python: Any, records: dict[str, str]) -> Iterator[str]:
    properties: dict[str, Schema] = action["parameters"]["properties"]
    files = [name for name, schema in properties.items() if python.is_file(schema)]
    # A file that is given by its path has a name.
    named = [name for name in properties if name == "file_name" and files]
    required = [name for name in action["parameters"].get("required", ()) if name not in (*files, *named)]
    ordered = [*required, *(name for name in properties if name not in required)]
    arguments, about = [], []
    for name in ordered:
        kind = python.type_of(properties[name], python.pascal(action["id"]) + python.pascal(name), records, given=True)
        optional = "" if name in required else " | None = None"
        arguments.append(f"{_attribute(name)}: Templated[{kind}]{optional}")
        about.append(f"{_attribute(name)}: {python.about_parameter(properties[name])}")
        if name in files:
            arguments.append(f"{_path(name)}: Templated[FilePath] | None = None")
            about.append(f"{_path(name)}: {PATH_OF_FILE}")
    written = "content" if {"content", "file_name"} <= action["output"]["properties"].keys() else None
    if written:
        arguments.append(f"{_path(written)}: Templated[FilePath] | None = None")
        about.append(f"{_path(written)}: {PATH_OF_OUTPUT}")
    attributes = [argument.partition(":")[0] for argument in arguments]
    connection = f"wecom_{action['connection_type']}_default"
    facts = {
        "id": action["id"],
        "label": action["label"]["en"],
        "connection_type": action["connection_type"],
        "is_repeatable": action["effect"] == "read" or action["idempotent"],
        "idempotent_with": action.get("idempotent_with"),
        "parameters": {_attribute(name): name for name in ordered},
        "files": {name: _path(name) for name in files},
        "file_name": named[0] if named else None,
        "written": written,
    }
    yield f"class {_class_name(action, python)}(WeComOperator):"
    yield python.docstring("\n".join(_about(action, about, connection, python)), 4)
    yield ""
    yield "    action: ClassVar = Action("
    yield from (f"        {name}={value!r}," for name, value in facts.items())
    yield "    )"
    yield f"    template_fields: Sequence[str] = {('wecom_conn_id', *attributes)!r}"
    yield ""
    yield "    def __init__("
    yield "        self,"
    yield "        *,"
    yield from (f"        {argument}," for argument in arguments)
    yield f"        wecom_conn_id: str = {connection!r},"
    yield "        deferrable: bool | None = None,"
    yield "        **kwargs: Any,"
    yield "    ) -> None:"
    yield "        super().__init__(wecom_conn_id=wecom_conn_id, deferrable=deferrable, **kwargs)"
    # Airflow asks for an attribute of the same name for each.
    yield from (f"        self.{attribute} = {attribute}" for attribute in attributes)
    if files:
        yield "        self.check_files()"


def _about(action: dict[str, Any], about: list[str], connection: str, python: Any) -> Iterator[str]:
    yield f"{action['label']['en']} ({action['label']['zh']})."
    yield ""
    yield action["parameters"]["description"]
    yield ""
    yield "Args:"
    yield from (f"    {line}" for line in about)
    yield f"    wecom_conn_id: Connection, of the type wecom_{action['connection_type']}. Default: {connection}."
    yield "    deferrable: Whether the triggerer makes the call. Default: Airflow's setting `default_deferrable`."
    yield ""
    limits = "; ".join(map(python.rate, action["rate_limits"]))
    if limits:
        yield f"WeCom's limits: {limits}."
        yield ""
    yield action["doc_url"]


# Connections.


def _connection(kind: dict[str, Any], manifest: dict[str, Any]) -> dict[str, Any]:
    locale = manifest["locales"]["zh-CN"]["connection_types"][kind["type"]]["properties"]
    # Airflow has a name and a description of its own for each connection, and knows its type.
    fields = {
        name: schema
        for name, schema in kind["schema"]["properties"].items()
        if name not in ("name", "type", "description")
    }
    # Airflow hides a password whatever its name; in other fields only what has one of the names that it knows.
    secrets = [name for name, schema in fields.items() if schema.get("writeOnly")]
    password = secrets[0] if len(secrets) == 1 else None
    forms = {name: _field(schema, locale[name], name in kind["schema"]["required"]) for name, schema in fields.items()}
    relabeling = {"password": forms.pop(password)["label"]} if password else {}
    hidden = ["host", "schema", "login", "port", "extra", *([] if password else ["password"])]
    title, product = kind["title"], manifest["title"]
    return {
        "connection-type": f"wecom_{kind['type']}",
        "hook-class-name": f"wecom_connector_provider.hooks.WeCom{kind['type'].title()}Hook",
        "hook-name": f"{product['en']} {title['en']} ({product['zh']}{title['zh']})",
        "ui-field-behaviour": {"hidden-fields": hidden, "relabeling": relabeling},
        "conn-fields": forms,
    }


def _field(schema: Schema, chinese: dict[str, str], required: bool) -> dict[str, Any]:
    texts = [schema["description"], schema["x-ui"].get("hint"), chinese["description"], chinese.get("hint")]
    titles = dict.fromkeys((schema["title"], chinese["title"]))
    # What is not for forms of Airflow stays out.
    kept = {name: schema[name] for name in schema if name not in ("title", "description", "x-ui", "writeOnly", "oneOf")}
    if choices := schema.get("oneOf"):
        kept["enum"] = [choice["const"] for choice in choices]
        kept["values_display"] = {str(choice["const"]): choice["title"] for choice in choices}
    if not required:
        # Airflow's forms ask for whatever may not be null.
        kept["type"] = [schema["type"], "null"]
        if choices:
            kept["enum"].append(None)
    return {
        "label": " · ".join(titles),
        "description": "\n".join(text for text in texts if text),
        "schema": kept,
    }
