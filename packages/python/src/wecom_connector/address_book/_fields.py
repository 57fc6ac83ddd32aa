"""The fields of departments and members, as the manifest has them, and what WeCom tells of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._connector import AsyncWeComConnector
from ._pace import HOUR, MINUTE

Values = dict[str, Any]

PER_DEPARTMENT = ("order", "is_leader_in_dept")
"""Fields of a member that have a value for each of its departments."""
_EMPTY_OF_MEMBER: Values = {"alias": "", "direct_leader": [], "position": "", "telephone": ""}
"""What an application is told of a member, if there is any."""
# What `status` says of a member whom `enable` would set; 5 has left, and is neither.
_ENABLED = {1: 1, 4: 1, 2: 0}


@dataclass(frozen=True)
class Fields:
    """What can be said of a department or a member."""

    create: str
    """The action that creates one."""
    update: str
    id: str
    """The field that tells it from all others."""
    types: Mapping[str, str]
    """The JSON type of each field."""
    separators: Mapping[str, str]
    """What parts the items of a list that is written as a text."""

    def of_text(self, name: str, text: str) -> Any:
        """What a text of a table stands for. What fits no rule stays a text: the rule will name it."""
        if name in self.separators:
            parts = [part.strip() for part in text.split(self.separators[name])]
            return [part for part in parts if part]
        return text

    def of_wire(self, given: Mapping[str, Any], body: Mapping[str, Any]) -> Values:
        """The given values as WeCom will keep them: without what the component takes out."""
        values: Values = {}
        for name, value in given.items():
            if value is None:
                continue
            # The wire has `userid` and `parentid`, and otherwise our names.
            sent = body.get(name, body.get(name.replace("_", "")))
            # An empty one is not sent with a creation, and clears the field in an update.
            values[name] = _typed(self.types[name], value if sent is None else sent)
        return values


def _typed(kind: str, value: Any) -> Any:
    # `gender` is a text on the wire.
    return int(value) if kind == "integer" and isinstance(value, str) and value else value


def fields_of(manifest: Mapping[str, Any], create: str, update: str, key: str) -> Fields:
    """The fields of what that action creates."""
    [about] = [action for action in manifest["actions"] if action["id"] == create]
    properties = about["parameters"]["properties"]
    separators = {
        name: schema["x-ui"]["separator"]
        for name, schema in properties.items()
        if "separator" in schema.get("x-ui", {})
    }
    return Fields(create, update, key, {name: schema["type"] for name, schema in properties.items()}, separators)


class Kinds:
    """Departments and members."""

    def __init__(self, wecom: AsyncWeComConnector) -> None:
        manifest = wecom.manifest()
        self.department = fields_of(manifest, "create-department", "update-department", "id")
        self.member = fields_of(manifest, "create-member", "update-member", "user_id")
        limits = {action["id"]: action["parameters"]["properties"] for action in manifest["actions"]}
        self.page: int = limits["list-member-ids"]["limit"]["maximum"]
        self.batch: int = limits["delete-members"]["user_id_list"]["maxItems"]
        rates = {
            limit["per_seconds"]: limit["amount"]
            for action in manifest["actions"]
            if action["id"] == self.member.create
            for limit in action["rate_limits"]
        }
        # Other programs call WeCom, too, and its clock is not ours.
        self.calls_per_minute: int = rates[MINUTE] * 9 // 10
        self.calls_per_hour: int = rates[HOUR] * 9 // 10


def canonical(name: str, values: Mapping[str, Any]) -> Any:
    """A value in the one form that it is compared in: as sets those lists whose order says nothing."""
    value = values[name]
    # A department has an `order`, too: a number.
    if name in PER_DEPARTMENT and isinstance(value, list):
        return sorted([department, of] for department, of in zip(values["department"], value, strict=False))
    if isinstance(value, list):
        # User IDs are the same in capitals.
        return sorted(item.lower() if isinstance(item, str) else item for item in value)
    return value


def told_of_department(row: Mapping[str, Any]) -> Values:
    """What WeCom says of a department. It has an empty name where the application is not told that."""
    told = {"parent_id": row["parent_id"], "order": row["order"]}
    if row.get("name"):
        told.update(name=row["name"], name_en=row.get("name_en", ""))
    return told


def told_of_member(row: Mapping[str, Any], fields: Fields) -> Values:
    """What WeCom says of a member, by the names of what is set, to be compared. What is not told is absent."""
    told = {name: canonical(name, row) for name in fields.types if name in row}
    if row["name"] == row["user_id"]:
        # The ID stands for a name that is not told; then nothing says what else is not.
        del told["name"]
    else:
        told = _EMPTY_OF_MEMBER | told
    if row.get("status") in _ENABLED:
        told["enable"] = _ENABLED[row["status"]]
    return told


def differing(
    fields: Fields,
    wanted: Mapping[str, Any],
    told: Mapping[str, Any],
    remembered: Mapping[str, str] | None,
    salt: bytes,
) -> list[str]:
    """The fields to set. What is not told is compared with what was last set, as the journal remembers it."""
    names = []
    for name, value in wanted.items():
        theirs = told.get(name)
        if name in PER_DEPARTMENT and isinstance(theirs, list):
            theirs = [pair for pair in theirs if pair[0] in wanted["department"]]
            if len(theirs) < len(value):
                # Departments out of the application's view.
                theirs = None
        if theirs is not None:
            differs = canonical(name, wanted) != theirs
        else:
            differs = remembered is not None and remembered.get(name) != digest(name, wanted, salt)
        if differs and name != fields.id:
            names.append(name)
    return names


def digest(name: str, values: Mapping[str, Any], salt: bytes) -> str:
    """A mark by which a value is known again, and not read."""
    return digest_of(name, canonical(name, values), salt)


def digest_of(name: str, value: Any, salt: bytes) -> str:
    """The same of a value that is in the one form already, as WeCom tells it."""
    text = json.dumps([name, value])
    return hashlib.blake2b(text.encode(), digest_size=8, key=salt).hexdigest()


def digests(fields: Fields, values: Mapping[str, Any], salt: bytes) -> dict[str, str]:
    """The marks of everything that is set."""
    return {name: digest(name, values, salt) for name in values if name != fields.id}
