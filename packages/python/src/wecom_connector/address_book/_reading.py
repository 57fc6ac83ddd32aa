"""Reading the address book: whole, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

from .._component import Localized
from .._errors import Language, Rejected
from ._calls import PacedCalls
from ._crew import each
from ._departments import Present
from ._errors import AddressBookError
from ._fields import Kinds, told_of_department, told_of_member
from ._store import Store

# Of a department that the application may not see.
OUT_OF_VIEW = 60011
# Where the connection has the secret of contacts synchronisation only.
_NO_DETAILS = 48009


class Reader:
    """Reads into the store. Without an application, what only that is told is not known: names and all details."""

    def __init__(self, calls: PacedCalls, kinds: Kinds, store: Store, language: Language) -> None:
        self._calls, self._kinds, self._store, self._language = calls, kinds, store, language
        self.has_application = True
        """Whether WeCom tells details to this connection; known when departments were read."""

    async def departments(self) -> Present:
        """All departments."""
        listed = await self._calls.call("list-department-ids", {})
        present = Present()
        for row in listed["department_id"]:
            present.told[row["id"]] = {"parent_id": row["parent_id"], "order": row["order"]}
        try:
            named = await self._calls.call("list-departments", {})
        except Rejected as error:
            if error.errcode != _NO_DETAILS:
                raise
            self.has_application = False
            return present
        for row in named["department"]:
            # A department that came between the two calls is not known yet.
            if row["id"] in present.told:
                present.told[row["id"]] = told_of_department(row)
        return present

    async def members(self, scope: Iterable[int], in_flight: int) -> None:
        """All members with their departments; and of those in the scope, what WeCom tells."""
        async for rows in self._pages():
            with self._store.batch():
                self._store.present(rows)
        if self.has_application:
            inhabited = self._store.inhabited()
            await each(self._details, (number for number in scope if number in inhabited), in_flight)

    async def _pages(self) -> AsyncIterator[list[tuple[str, int]]]:
        cursor: dict[str, Any] = {}
        while True:
            page = await self._calls.call("list-member-ids", {"limit": self._kinds.page, **cursor})
            if any("user_id" not in row for row in page["dept_user"]):
                en = (
                    "WeCom names members by open IDs to this connection: only self-built applications are told user IDs"
                )
                raise AddressBookError(
                    Localized(en, "企业微信只向此连接返回成员的open ID：自建应用才能获取UserID"), self._language
                )
            yield [(row["user_id"], row["department"]) for row in page["dept_user"]]
            if not page.get("next_cursor"):
                return
            cursor = {"cursor": page["next_cursor"]}

    async def _details(self, department: int) -> None:
        try:
            listed = await self._calls.call("list-member-details", {"department_id": department})
        except Rejected as error:
            # Somebody may have deleted it since it was listed.
            if error.errcode != OUT_OF_VIEW and error.category != "not-found":
                raise
            return
        with self._store.batch():
            fields = self._kinds.member
            self._store.tell((row["user_id"].lower(), told_of_member(row, fields)) for row in listed["user_list"])
