"""SQLite, whose errors are told in a sentence."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .._component import Localized
from .._errors import Language
from ._errors import JournalError

# Rows that are read at once: others may be written between them.
_PIECE = 100


class Database:
    """A file, or a temporary one where there is no path. It is open for one process only."""

    def __init__(self, path: Path | None, language: Language) -> None:
        self._path, self._language = path, language
        self._is_open = False
        try:
            if path is not None:
                # Marks of personal data, for its owner only.
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            # Without a name SQLite keeps it in a temporary file, too.
            self._db = sqlite3.connect(path or "", isolation_level=None, timeout=0)
        except (OSError, sqlite3.Error) as error:
            raise self._said(error) from None

    def opened(self) -> None:
        """From now on an error is one in the middle of the work."""
        self._is_open = True

    def close(self) -> None:
        with self._told():
            self._db.close()

    def run(self, statement: str, *values: Any) -> None:
        with self._told():
            self._db.execute(statement, values)

    def script(self, statements: str) -> None:
        with self._told():
            self._db.executescript(statements)

    def many(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with self._told():
            self._db.executemany(statement, rows)

    def first(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row, if there is any."""
        return next(self.rows(statement, *values), None)

    def rows(self, statement: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        with self._told():
            cursor = self._db.execute(statement, values)
        while True:
            with self._told():
                piece = cursor.fetchmany(_PIECE)
            if not piece:
                return
            yield from piece

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is written here is written as a whole, or not at all."""
        self.run("BEGIN")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            # Where the disk is full SQLite has done it.
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._said(error) from None

    def _said(self, error: Exception) -> JournalError:
        if "locked" in str(error):
            text = Localized(
                f"the journal {self._path} is in use by another run", f"日志{self._path}正被另一次运行使用"
            )
        elif not self._is_open:
            text = Localized(f"the journal {self._path}: {error}", f"日志{self._path}：{error}")
        else:
            what = (f"the journal {self._path} or a", f"日志{self._path}或") if self._path else ("a", "")
            text = Localized(
                f"{what[0]} temporary file cannot be read or written any more: {error}. "
                "What was done until then is done: run it again when that is mended",
                f"{what[1]}临时文件无法继续读写：{error}。此前的改动已生效，请排除问题后重新运行",
            )
        return JournalError(text, self._language)
