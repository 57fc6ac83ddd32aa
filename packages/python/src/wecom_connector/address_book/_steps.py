"""What there is to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Phase(IntEnum):
    """What comes after what: a member needs its department and its superior, and a department that goes is empty."""

    DEPARTMENTS = 1
    CREATE_MEMBERS = 2
    UPDATE_MEMBERS = 3
    DELETE_MEMBERS = 4
    DELETE_DEPARTMENTS = 5


@dataclass(frozen=True)
class Step:
    """One change. `str()` is a line for people: the action, of whom or what, and the names of what is set."""

    action: str
    """`create-member`. Members are deleted many at a time, and each is a step."""
    id: str | int
    """Of the member or the department."""
    name: str = ""
    """What that is called, where the step or WeCom says it."""
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What the action is called with."""
    about: str = ""
    """What is special about it."""
    shown_by: Sequence[str] = field(default=(), repr=False)
    """The parameters by which WeCom shows afterwards whether it has happened: it tells them, and they were other."""

    def __str__(self) -> str:
        names = [name for name in self.parameters if name not in ("id", "user_id")]
        words = [self.action, str(self.id), self.name, f"({', '.join(names)})" if names else "", self.about]
        return " ".join(word for word in words if word)

    def body(self) -> dict[str, Any]:
        return {
            "action": self.action,
            "id": self.id,
            "name": self.name,
            "parameters": dict(self.parameters),
            "about": self.about,
            "shown_by": [*self.shown_by],
        }
