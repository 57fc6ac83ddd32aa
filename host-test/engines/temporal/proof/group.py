"""Cases that are played one after the other, on a stage of their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from proof.stage import Stage

Case: TypeAlias = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class Group:
    name: str
    """Also of its namespace."""
    cases: list[Case]
    workers: int = 1
    """How many there are when a case begins."""
    own_server: bool = False
    """Whether it has a Temporal of its own, since that is killed."""
