"""What a run that was killed had under way: looked up, so that nothing is done twice.

What WeCom tells of a department or a member has been read already. It shows whether a step has happened by what the
step creates, or by a field that was different before. Where a step sets only what WeCom does not tell, such as a
mobile number, the member is looked up by that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import Rejected
from ._calls import PacedCalls
from ._departments import Present
from ._fields import Fields, Kinds, Values, digest, digest_of
from ._store import DEPARTMENT, MEMBER, Store, UnderWay

# By what a member can be found: the field, the action, its parameter, and what else it takes.
_FINDERS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("mobile", "get-member-id-by-mobile", "mobile", {}),
    ("biz_mail", "get-member-id-by-email", "email", {"email_type": 1}),
    ("email", "get-member-id-by-email", "email", {"email_type": 2}),
]


class Resumer:
    """Settles what another run has left: it counts as done, or as not done."""

    def __init__(self, calls: PacedCalls, kinds: Kinds, store: Store) -> None:
        self._calls, self._kinds, self._store = calls, kinds, store

    def departments(self, present: Present) -> None:
        for step in self._store.under_way(DEPARTMENT):
            told = present.told.get(int(step.key))
            has_happened = self._is_shown(self._kinds.department, step, told)
            self._settle(DEPARTMENT, step, step.digests if has_happened else {})

    async def members(self, *, has_application: bool) -> None:
        """After members were read."""
        for step in self._store.under_way(MEMBER):
            there = self._store.departments_of(step.key)
            told = {**self._store.told(step.key), "department": sorted(there)} if there else None
            is_shown = self._is_shown(self._kinds.member, step, told)
            if is_shown is None and has_application:
                self._settle(MEMBER, step, await self._found(step))
            else:
                self._settle(MEMBER, step, step.digests if is_shown else {})

    def _settle(self, kind: str, step: UnderWay, done: Mapping[str, str]) -> None:
        if done:
            self._store.remember(kind, step.key, step.action, done)
        else:
            self._store.drop(kind, step.key, step.action)

    def _is_shown(self, fields: Fields, step: UnderWay, told: Values | None) -> bool | None:
        """Whether it has happened, as far as WeCom tells; None where that does not say it."""
        if told is None:
            return False
        known = {name for name in step.digests if told.get(name) is not None}
        if any(step.digests[name] != digest_of(name, told[name], self._store.salt) for name in known):
            return False
        return True if step.action == fields.create or known & {*step.shown_by} else None

    async def _found(self, step: UnderWay) -> Mapping[str, str]:
        """The marks of what the member has, of those that the step sets."""
        wanted = self._store.wanted_of(step.key) or {}
        before = self._store.last_set(MEMBER, step.key) or {}
        for name, action, parameter, more in _FINDERS:
            if not wanted.get(name) or step.digests.get(name) != digest(name, wanted, self._store.salt):
                continue
            try:
                found = await self._calls.call(action, {parameter: wanted[name], **more})
            except Rejected:
                # Nobody has it, or nobody whom the application may see. It is set then, once more perhaps.
                continue
            if str(found["user_id"]).lower() == step.key:
                # It was another one before, and all that a call sets comes with it.
                return step.digests if before.get(name) else {name: step.digests[name]}
        return {}
