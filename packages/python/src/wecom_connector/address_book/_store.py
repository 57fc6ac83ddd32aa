"""What does not fit into memory: wanted and present members, and steps, in a temporary file; and the journal.

SQLite keeps temporary tables in a file that is gone when the process ends, however it does.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .._component import Localized
from .._errors import Language
from ._errors import JournalError
from ._fields import Values
from ._source import Wanted

COMMIT_ROWS = 200
COMMIT_SECONDS = 1.0

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
"""
_FORMAT = "1"


class Store:
    """The tables of one run, and the journal if there is a file for it."""

    def __init__(self, journal: str | os.PathLike[str] | None, corp_id: str, language: Language) -> None:
        self.has_journal = journal is not None
        path = Path(journal) if journal is not None else None
        try:
            if path is not None:
                # Marks of personal data, for its owner only.
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            # Without a name SQLite keeps it in a temporary file, too.
            self._db = sqlite3.connect(path or "", isolation_level=None, timeout=0)
        except (OSError, sqlite3.Error) as error:
            raise JournalError(Localized(f"the journal {path}: {error}", f"日志{path}：{error}"), language) from None
        self._uncommitted = 0
        self._committed_at = time.monotonic()
        try:
            self._open(corp_id, language)
        except BaseException as error:
            self._db.close()
            if isinstance(error, sqlite3.Error):
                raise JournalError(*_said(path, error, language)) from None
            raise

    def _open(self, corp_id: str, language: Language) -> None:
        # Kept until the end: two runs at once would each do what the other one does.
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA temp_store = FILE")
        self._db.execute("BEGIN EXCLUSIVE")
        for statement in _JOURNAL.split(";"):
            self._db.execute(statement)
        about = dict(self._db.execute("SELECT name, value FROM about"))
        if not about:
            about = {"format": _FORMAT, "corp_id": corp_id, "salt": secrets.token_bytes(16)}
            self._db.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        self._db.execute("COMMIT")
        if about.get("format") != _FORMAT:
            raise JournalError(Localized("the journal is of another version", "日志属于其他版本"), language)
        if about.get("corp_id") != corp_id:
            raise JournalError(Localized("the journal is of another enterprise", "日志属于其他企业"), language)
        self.salt: bytes = about["salt"]
        self._db.executescript(_TABLES)

    def close(self) -> None:
        self.commit()
        self._db.close()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Much is written here, all of it or nothing."""
        self.commit()
        self._db.execute("BEGIN")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise

    # The journal.

    def last_set(self, kind: str, key: str) -> dict[str, str] | None:
        """The marks of what was last set; None where there is no journal to tell."""
        if not self.has_journal:
            return None
        row = self._db.execute("SELECT digests FROM last_set WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return json.loads(row[0]) if row else {}

    def remember(self, kind: str, key: str, digests: Mapping[str, str]) -> None:
        """Those fields are set. It is on the disk a second later, at the latest with the next entry."""
        if self.has_journal and digests:
            known = self.last_set(kind, key) or {}
            self._write(
                "INSERT OR REPLACE INTO last_set VALUES (?, ?, ?)", (kind, key, json.dumps({**known, **digests}))
            )

    def forget(self, kind: str, key: str) -> None:
        """That one is gone: one that comes with the same ID is another one."""
        if self.has_journal:
            self._write("DELETE FROM last_set WHERE kind = ? AND key = ?", (kind, key))

    def forget_absent_members(self) -> None:
        """The same for all who are gone by other hands."""
        if self.has_journal:
            absent = "kind = 'member' AND key NOT IN (SELECT key FROM membership)"
            self._write(f"DELETE FROM last_set WHERE {absent}", ())  # noqa: S608

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        if not self._db.in_transaction:
            self._db.execute("BEGIN")
        self._db.execute(statement, values)
        self._uncommitted += 1
        if self._uncommitted >= COMMIT_ROWS or time.monotonic() - self._committed_at > COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Puts on the disk what is remembered."""
        if self._db.in_transaction:
            self._db.execute("COMMIT")
        self._uncommitted, self._committed_at = 0, time.monotonic()

    # What is wanted and what there is.

    def clear(self) -> None:
        """Forgets the comparison before."""
        for table in ("wanted", "membership", "scope", "told", "step"):
            self._db.execute(f"DELETE FROM temp.{table}")  # noqa: S608

    def want(self, key: str, wanted: Wanted) -> str | None:
        """Adds a wanted member; returns the place of the row that has it already."""
        missing = json.dumps([wanted.missing.en, wanted.missing.zh]) if wanted.missing else None
        row = (key, wanted.place, json.dumps(wanted.values), missing)
        try:
            self._db.execute("INSERT INTO wanted VALUES (?, ?, ?, ?)", row)
        except sqlite3.IntegrityError:
            row = self._db.execute("SELECT place FROM wanted WHERE key = ?", (key,)).fetchone()
            return str(row[0])
        return None

    def wanted(self) -> Iterator[tuple[str, Wanted]]:
        """The wanted members, by their keys."""
        for key, place, fields, missing in self._db.execute("SELECT key, place, fields, missing FROM wanted"):
            yield key, Wanted(place, json.loads(fields), Localized(*json.loads(missing)) if missing else None)

    def is_wanted(self, key: str) -> bool:
        return self._has("wanted", key)

    def is_present(self, key: str) -> bool:
        return self._has("membership", key)

    def _has(self, table: str, key: str) -> bool:
        return self._db.execute(f"SELECT 1 FROM {table} WHERE key = ?", (key,)).fetchone() is not None  # noqa: S608

    def present(self, rows: Iterable[tuple[str, int]]) -> None:
        """Adds members who are there, each with one of its departments."""
        self._db.executemany(
            "INSERT OR REPLACE INTO membership VALUES (?, ?, ?)",
            ((user_id.lower(), department, user_id) for user_id, department in rows),
        )

    def departments_of(self, key: str) -> list[int]:
        return [row[0] for row in self._db.execute("SELECT department FROM membership WHERE key = ?", (key,))]

    def inhabited(self) -> set[int]:
        """The departments that have members."""
        return {row[0] for row in self._db.execute("SELECT DISTINCT department FROM membership")}

    def scope(self, departments: Iterable[int]) -> None:
        """Sets the departments that are to be kept in step."""
        self._db.executemany("INSERT INTO scope VALUES (?)", ((department,) for department in departments))

    def unwanted(self) -> Iterator[tuple[str, str, bool]]:
        """Key and user ID of each member in the scope who is not wanted, and whether all the departments are in it."""
        rows = self._db.execute(
            "SELECT key, max(user_id), count(scope.department) = count(*)"
            " FROM membership LEFT JOIN scope USING (department)"
            " WHERE key NOT IN (SELECT key FROM wanted) GROUP BY key HAVING count(scope.department)"
        )
        for key, user_id, is_ours in rows:
            yield key, user_id, bool(is_ours)

    def present_count(self) -> int:
        """How many members are in the scope."""
        counted = "SELECT count(DISTINCT key) FROM membership JOIN scope USING (department)"
        return int(self._db.execute(counted).fetchone()[0])

    def tell(self, rows: Iterable[tuple[str, Values]]) -> None:
        """Adds what WeCom tells of members, by their keys."""
        values = ((key, json.dumps(fields)) for key, fields in rows)
        self._db.executemany("INSERT OR REPLACE INTO told VALUES (?, ?)", values)

    def told(self, key: str) -> Values:
        row = self._db.execute("SELECT fields FROM told WHERE key = ?", (key,)).fetchone()
        told: Values = json.loads(row[0]) if row else {}
        return told

    # Steps.

    def add_step(self, phase: int, body: dict[str, Any]) -> None:
        self._db.execute("INSERT INTO step (phase, body) VALUES (?, ?)", (phase, json.dumps(body)))

    def steps(self, phase: int) -> Iterator[dict[str, Any]]:
        """The steps of a phase, in their order. They are read in pieces, and the journal is written between them."""
        last = 0
        while rows := self._db.execute(
            "SELECT number, body FROM step WHERE phase = ? AND number > ? ORDER BY number LIMIT 500", (phase, last)
        ).fetchall():
            last = rows[-1][0]
            for _, body in rows:
                yield json.loads(body)


def _said(path: Path | None, error: sqlite3.Error, language: Language) -> tuple[Localized, Language]:
    if "locked" in str(error):
        text = Localized(f"the journal {path} is in use by another run", f"日志{path}正被另一次运行使用")
    else:
        text = Localized(f"the journal {path}: {error}", f"日志{path}：{error}")
    return text, language
