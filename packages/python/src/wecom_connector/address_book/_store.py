"""What does not fit into memory: wanted and present members, and steps, in a temporary file; and the journal.

SQLite keeps temporary tables in a file that is gone when the process ends, however it does.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._component import Localized
from .._errors import Language
from ._database import Database
from ._errors import JournalError
from ._fields import Values
from ._source import Wanted

# The kinds of the journal's entries.
DEPARTMENT, MEMBER = "department", "member"

_TABLES = """
    CREATE TEMP TABLE wanted (key TEXT PRIMARY KEY, place TEXT, fields TEXT, missing TEXT) WITHOUT ROWID;
    CREATE TEMP TABLE membership (key TEXT, department INTEGER, user_id TEXT, PRIMARY KEY (key, department))
        WITHOUT ROWID;
    CREATE TEMP TABLE scope (department INTEGER PRIMARY KEY);
    CREATE TEMP TABLE told (key TEXT PRIMARY KEY, fields TEXT) WITHOUT ROWID;
    CREATE TEMP TABLE step (number INTEGER PRIMARY KEY, phase INTEGER, body TEXT);
    CREATE INDEX temp.step_of_phase ON step (phase, number);
"""
_JOURNAL = """
    CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS last_set (kind TEXT, key TEXT, digests TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS under_way
        (kind TEXT, key TEXT, action TEXT, digests TEXT, shown_by TEXT, PRIMARY KEY (kind, key, action)) WITHOUT ROWID;
"""
_FORMAT = "1"


@dataclass(frozen=True)
class UnderWay:
    """A step of another run that ended in its middle: nobody knows whether it has happened."""

    key: str
    action: str
    digests: Mapping[str, str]
    """The marks of what it sets."""
    shown_by: list[str]
    """The fields by which WeCom tells it: they were different before."""


class Store:
    """The tables of one run, and the journal if there is a file for it."""

    def __init__(self, journal: str | os.PathLike[str] | None, corp_id: str, language: Language) -> None:
        self.has_journal = journal is not None
        self._db = Database(Path(journal) if journal is not None else None, language)
        try:
            self._open(corp_id, language)
        except BaseException:
            self._db.close()
            raise
        self._db.opened()

    def _open(self, corp_id: str, language: Language) -> None:
        # Kept until the end: two runs at once would each do what the other one does.
        self._db.run("PRAGMA locking_mode = EXCLUSIVE")
        self._db.run("PRAGMA temp_store = FILE")
        if self.has_journal:
            # What is written is there when the process is killed, without waiting for the disk each time. A power cut
            # may take the last entries: what they were about is set once more then.
            self._db.run("PRAGMA journal_mode = WAL")
            self._db.run("PRAGMA synchronous = NORMAL")
        self._db.run("BEGIN EXCLUSIVE")
        for statement in _JOURNAL.split(";"):
            self._db.run(statement)
        about = dict(self._db.rows("SELECT name, value FROM about"))
        if not about:
            about = {"format": _FORMAT, "corp_id": corp_id, "salt": secrets.token_bytes(16)}
            self._db.many("INSERT INTO about VALUES (?, ?)", about.items())
        self._db.run("COMMIT")
        if about.get("format") != _FORMAT:
            raise JournalError(Localized("the journal is of another version", "日志属于其他版本"), language)
        if about.get("corp_id") != corp_id:
            raise JournalError(Localized("the journal is of another enterprise", "日志属于其他企业"), language)
        self.salt: bytes = about["salt"]
        self._db.script(_TABLES)

    def close(self) -> None:
        self._db.close()

    def batch(self) -> AbstractContextManager[None]:
        """Much is written here, all of it or nothing."""
        return self._db.transaction()

    # The journal.

    def last_set(self, kind: str, key: str) -> dict[str, str] | None:
        """The marks of what was last set; None where there is no journal to tell."""
        if not self.has_journal:
            return None
        row = self._db.first("SELECT digests FROM last_set WHERE kind = ? AND key = ?", kind, key)
        return json.loads(row[0]) if row else {}

    def begin(self, kind: str, key: str, action: str, digests: Mapping[str, str], shown_by: Iterable[str]) -> None:
        """That step is under way: the journal has it before WeCom can have it."""
        if self.has_journal:
            values = (kind, key, action, json.dumps(digests), json.dumps([*shown_by]))
            self._db.run("INSERT OR REPLACE INTO under_way VALUES (?, ?, ?, ?, ?)", *values)

    def remember(self, kind: str, key: str, action: str, digests: Mapping[str, str]) -> None:
        """That step has happened, and those fields are set."""
        if self.has_journal:
            known = self.last_set(kind, key) or {}
            with self._db.transaction():
                self.drop(kind, key, action)
                if digests:
                    now = json.dumps({**known, **digests})
                    self._db.run("INSERT OR REPLACE INTO last_set VALUES (?, ?, ?)", kind, key, now)

    def drop(self, kind: str, key: str, action: str) -> None:
        """That step is not under way any more, and has not happened."""
        if self.has_journal:
            self._db.run("DELETE FROM under_way WHERE kind = ? AND key = ? AND action = ?", kind, key, action)

    def under_way(self, kind: str) -> list[UnderWay]:
        """What another run has left so."""
        rows = self._db.rows("SELECT key, action, digests, shown_by FROM under_way WHERE kind = ?", kind)
        return [UnderWay(key, action, json.loads(digests), json.loads(shown)) for key, action, digests, shown in rows]

    def forget(self, kind: str, key: str) -> None:
        """That one is gone: one that comes with the same ID is another one."""
        if self.has_journal:
            self._db.run("DELETE FROM last_set WHERE kind = ? AND key = ?", kind, key)

    def forget_absent_members(self) -> None:
        """The same for all who are gone by other hands."""
        if self.has_journal:
            absent = "kind = 'member' AND key NOT IN (SELECT key FROM membership)"
            self._db.run(f"DELETE FROM last_set WHERE {absent}")  # noqa: S608

    # What is wanted and what there is.

    def clear(self) -> None:
        """Forgets the comparison before."""
        for table in ("wanted", "membership", "scope", "told", "step"):
            self._db.run(f"DELETE FROM temp.{table}")  # noqa: S608

    def want(self, key: str, wanted: Wanted) -> str | None:
        """Adds a wanted member; returns the place of the row that has it already."""
        missing = json.dumps([wanted.missing.en, wanted.missing.zh]) if wanted.missing else None
        if other := self._db.first("SELECT place FROM wanted WHERE key = ?", key):
            return str(other[0])
        self._db.run("INSERT INTO wanted VALUES (?, ?, ?, ?)", key, wanted.place, json.dumps(wanted.values), missing)
        return None

    def wanted(self) -> Iterator[tuple[str, Wanted]]:
        """The wanted members, by their keys."""
        for key, place, fields, missing in self._db.rows("SELECT key, place, fields, missing FROM wanted"):
            yield key, Wanted(place, json.loads(fields), Localized(*json.loads(missing)) if missing else None)

    def wanted_of(self, key: str) -> Values | None:
        """The values that are wanted of a member."""
        row = self._db.first("SELECT fields FROM wanted WHERE key = ?", key)
        return json.loads(row[0]) if row else None

    def wanted_count(self) -> int:
        [(count,)] = self._db.rows("SELECT count(*) FROM wanted")
        return int(count)

    def is_wanted(self, key: str) -> bool:
        return self._has("wanted", key)

    def is_present(self, key: str) -> bool:
        return self._has("membership", key)

    def _has(self, table: str, key: str) -> bool:
        return self._db.first(f"SELECT 1 FROM {table} WHERE key = ?", key) is not None  # noqa: S608

    def present(self, rows: Iterable[tuple[str, int]]) -> None:
        """Adds members who are there, each with one of its departments."""
        self._db.many(
            "INSERT OR REPLACE INTO membership VALUES (?, ?, ?)",
            ((user_id.lower(), department, user_id) for user_id, department in rows),
        )

    def departments_of(self, key: str) -> list[int]:
        return [row[0] for row in self._db.rows("SELECT department FROM membership WHERE key = ?", key)]

    def inhabited(self) -> set[int]:
        """The departments that have members."""
        return {row[0] for row in self._db.rows("SELECT DISTINCT department FROM membership")}

    def scope(self, departments: Iterable[int]) -> None:
        """Sets the departments that are to be kept in step."""
        self._db.many("INSERT INTO scope VALUES (?)", ((department,) for department in departments))

    def unwanted(self) -> Iterator[tuple[str, str, bool]]:
        """Key and user ID of each member in the scope who is not wanted, and whether all the departments are in it."""
        rows = self._db.rows(
            "SELECT key, max(user_id), count(scope.department) = count(*)"
            " FROM membership LEFT JOIN scope USING (department)"
            " WHERE key NOT IN (SELECT key FROM wanted) GROUP BY key HAVING count(scope.department)"
        )
        for key, user_id, is_ours in rows:
            yield key, user_id, bool(is_ours)

    def present_count(self) -> int:
        """How many members are in the scope."""
        counted = "SELECT count(DISTINCT key) FROM membership JOIN scope USING (department)"
        [(count,)] = self._db.rows(counted)
        return int(count)

    def tell(self, rows: Iterable[tuple[str, Values]]) -> None:
        """Adds what WeCom tells of members, by their keys."""
        values = ((key, json.dumps(fields)) for key, fields in rows)
        self._db.many("INSERT OR REPLACE INTO told VALUES (?, ?)", values)

    def told(self, key: str) -> Values:
        row = self._db.first("SELECT fields FROM told WHERE key = ?", key)
        told: Values = json.loads(row[0]) if row else {}
        return told

    # Steps.

    def add_step(self, phase: int, body: dict[str, Any]) -> None:
        self._db.run("INSERT INTO step (phase, body) VALUES (?, ?)", phase, json.dumps(body))

    def steps(self, phase: int) -> Iterator[dict[str, Any]]:
        """The steps of a phase, in their order. They are read in pieces, and the journal is written between them."""
        last = 0
        query = "SELECT number, body FROM step WHERE phase = ? AND number > ? ORDER BY number LIMIT 500"
        while rows := [*self._db.rows(query, phase, last)]:
            last = rows[-1][0]
            for _, body in rows:
                yield json.loads(body)
