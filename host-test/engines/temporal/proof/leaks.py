"""Searches what Temporal and the processes have kept for what must not be in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf.message import Message
from temporalio.client import Client

SEARCHABLE = "Planted"
"""A search attribute that Temporal is told of."""


@dataclass
class Kept:
    """What has been kept, and where: histories with their payloads decoded, and files."""

    namespaces: dict[str, Client] = field(default_factory=dict)
    folders: dict[str, Path] = field(default_factory=dict)
    """Of Temporal's databases and of logs."""
    secrets: dict[str, str] = field(default_factory=dict)
    """What must not be in them, each with what it is."""
    pieces: list[tuple[str, bytes]] = field(default_factory=list)
    histories: int = 0

    async def read(self) -> None:
        """All that there is until now."""
        for name, client in self.namespaces.items():
            async for execution in client.list_workflows():
                handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
                place = f"{name}: {execution.id}"
                self.pieces += contents((await handle.describe()).raw_description, f"{place}: description")
                for event in (await handle.fetch_history()).events:
                    self.pieces += contents(event, f"{place}: event {event.event_id}")
                self.histories += 1
        for name, folder in self.folders.items():
            for path in folder.iterdir():
                if path.suffix == ".log":
                    self.pieces.append((f"{name}: {path.name}", path.read_bytes()))
                elif path.suffix == ".db":
                    self.pieces += rows(path, f"{name}: {path.name}")

    def places(self, secret: str) -> list[str]:
        """Where that is."""
        return [where for where, content in self.pieces if secret.encode() in content]


def rows(path: Path, place: str) -> Iterator[tuple[str, bytes]]:
    """What the tables of a database hold: in the file itself, it may be in pieces."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608
                for value in row:
                    yield f"{place}: {table}", value if isinstance(value, bytes) else str(value).encode()


def contents(message: Message, place: str) -> Iterator[tuple[str, bytes]]:
    """All texts that a message holds, each with its place: also those of payloads, which are bytes here, not Base64."""
    for about, value in message.ListFields():
        yield from _contents(value, f"{place}.{about.name}")


def _contents(value: Any, place: str) -> Iterator[tuple[str, bytes]]:
    if isinstance(value, Message):
        yield from contents(value, place)
    elif isinstance(value, str):
        yield place, value.encode()
    elif isinstance(value, bytes):
        yield place, value
    elif hasattr(value, "items"):
        for key, one in value.items():
            yield place, str(key).encode()
            yield from _contents(one, f"{place}[{key}]")
    elif not isinstance(value, (int, float)):
        for one in value:
            yield from _contents(one, place)
