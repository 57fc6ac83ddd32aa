"""The connections that a worker holds."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

from wecom_connector import Application, Chatbot

from wecom_activities import Connection

VARIABLE = "WECOM_CONNECTIONS"
ENVIRONMENT = "environment"
"""The connection's name where there is no file: whichever of both types an action needs, from `WECOM_CORP_ID` …"""
TYPES: dict[str, type[Application] | type[Chatbot]] = {kind.TYPE: kind for kind in (Application, Chatbot)}


class ConnectionsError(Exception):
    """The file of the connections is not as it should be. No text of it has a value of the file."""


def read_connections() -> dict[str, Connection]:
    """Those of the file that `WECOM_CONNECTIONS` names: `{"hr": {"type": "application", "corp_id": …}, …}`."""
    path = os.environ.get(VARIABLE)
    if not path:
        return {ENVIRONMENT: None}
    try:
        held = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConnectionsError(f"{VARIABLE}: {path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        # Of another error, the text may have a part of the file.
        where = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ConnectionsError(f"{VARIABLE}: {path} is no JSON{where}") from None
    if not isinstance(held, dict) or not held:
        raise ConnectionsError(f"{VARIABLE}: {path} must be an object with a connection under each name")
    return {name: _connection(f"{VARIABLE}: {path}: {name}", value) for name, value in held.items()}


def _connection(where: str, value: Any) -> Application | Chatbot:
    kind = TYPES.get(str(value.get("type"))) if isinstance(value, dict) else None
    if kind is None:
        raise ConnectionsError(f"{where}: type must be one of {', '.join(TYPES)}")
    given = {name: field for name, field in value.items() if name != "type"}
    known = {field.name for field in fields(kind)}
    if unknown := sorted(given.keys() - known):
        raise ConnectionsError(f"{where}: {unknown[0]}: there is no such field; there are {', '.join(sorted(known))}")
    if missing := [name for name in kind.REQUIRED if not given.get(name)]:
        raise ConnectionsError(f"{where}: {missing[0]} is missing")
    return kind(**given)
