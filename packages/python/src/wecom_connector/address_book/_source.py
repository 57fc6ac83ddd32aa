"""Where the wanted state comes from: files, or any rows."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from .._component import Localized
from .._connector import AsyncWeComConnector
from .._errors import InvalidParameters, Language
from ._errors import SHOWN, SourceError, SourceFault
from ._fields import Fields, Values


@dataclass(frozen=True)
class Row:
    """A department or a member, with the place it comes from."""

    place: str
    """`members.csv:7`, for errors."""
    values: Mapping[str, Any]
    is_text: bool = False
    """Whether all values are texts, as in a table: lists are written with commas, and an empty text is not given."""
    fault: Localized | None = None
    """Why it is none, where it cannot be read."""


Rows: TypeAlias = Iterable[Row | Mapping[str, Any]]
"""Departments or members, one after the other. A mapping has the parameters of `create-department` or
`create-member`; what is absent or None is left as it is."""


def read_rows(path: str | Path) -> Iterator[Row]:
    """The rows of a file, one after the other: a table whose first line names the fields (`.csv`), or a JSON object on
    each line (any other name). UTF-8.
    """
    path = Path(path)
    place = f"{path.name}:1"
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            for row in _table(path.name, file) if path.suffix.lower() == ".csv" else _json_lines(path.name, file):
                place = row.place
                yield row
        except UnicodeDecodeError:
            yield Row(place, {}, fault=Localized("or a line near it is not UTF-8", "或附近的行不是UTF-8"))


def _table(name: str, file: Iterable[str]) -> Iterator[Row]:
    lines = csv.reader(file, strict=True)
    try:
        head = [cell.strip() for cell in next(lines, [])]
        if not all(head) or len(set(head)) < len(head) or not head:
            fault = Localized("must name the fields, each once", "必须是字段名，且不能重复")
            yield Row(f"{name}:1", {}, fault=fault)
            return
        for cells in lines:
            place = f"{name}:{lines.line_num}"
            if len(cells) > len(head):
                en = f"has {len(cells)} cells for {len(head)} fields"
                yield Row(place, {}, fault=Localized(en, f"有{len(cells)}个单元格，而字段只有{len(head)}个"))
            elif cells:
                yield Row(place, dict(zip(head, cells, strict=False)), is_text=True)
    except csv.Error as error:
        yield Row(f"{name}:{lines.line_num}", {}, fault=Localized(f"is no CSV: {error}", f"不是CSV：{error}"))


def _json_lines(name: str, file: Iterable[str]) -> Iterator[Row]:
    for number, line in enumerate(file, 1):
        place = f"{name}:{number}"
        try:
            values = json.loads(line) if line.strip() else {}
        except ValueError as error:
            yield Row(place, {}, fault=Localized(f"is no JSON: {error}", f"不是JSON：{error}"))
            continue
        if values != {}:
            yield Row(place, values)


class Faults:
    """What is wrong with a source: the first faults, and how many there are."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._first: list[SourceFault] = []
        self.count = 0
        """How many there are, with those that are not told."""

    def add(self, place: str, en: str, zh: str) -> None:
        self.count += 1
        if len(self._first) < SHOWN:
            self._first.append(SourceFault(place, Localized(en, zh)))

    def check(self) -> None:
        if self.count:
            raise SourceError(self._first, self.count, self._language)


@dataclass(frozen=True)
class Wanted:
    """A row that breaks no rule."""

    place: str
    values: Values
    """As WeCom will keep them."""
    missing: Localized | None
    """Why it is not enough to create one, though to update one it is."""


def checked(wecom: AsyncWeComConnector, fields: Fields, kind: str, rows: Rows, faults: Faults) -> Iterator[Wanted]:
    """The rows that break no rule of the component."""
    for number, item in enumerate(rows, 1):
        row = item if isinstance(item, Row) else Row(f"{kind}:{number}", item)
        if row.fault:
            faults.add(row.place, row.fault.en, row.fault.zh)
        elif not isinstance(row.values, Mapping):
            faults.add(row.place, "must be an object", "必须是对象")
        else:
            try:
                wanted = _wanted(wecom, fields, row)
            except InvalidParameters as error:
                faults.add(row.place, error.hint.en, error.hint.zh)
            else:
                yield wanted


def _wanted(wecom: AsyncWeComConnector, fields: Fields, row: Row) -> Wanted:
    given = {name: value for name, value in row.values.items() if value is not None}
    if row.is_text:
        given = {name: fields.of_text(name, text.strip()) for name, text in given.items() if text.strip()}
    # What it is found by, which a creation may do without.
    missing = None if fields.id in given else Localized(f"{fields.id} is required", f"{fields.id}：必填")
    try:
        body = wecom._body(fields.create, given)
    except InvalidParameters as error:
        missing = error.hint
    if missing or any(value in ("", []) for value in given.values()):
        # Only an update can be forbidden to clear a field.
        body = wecom._body(fields.update, given)
    return Wanted(row.place, fields.of_wire(given, body), missing)
