"""Carrying out the steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

from .._errors import Language, OutcomeUnknown, Rejected
from ._calls import PacedCalls
from ._crew import each
from ._errors import Failure, TooManyFailures
from ._fields import Fields, Kinds, differing, digests, told_of_member
from ._reading import OUT_OF_VIEW
from ._steps import Phase, Step
from ._store import DEPARTMENT, MEMBER, Store

_ATTEMPTS = 5
# What WeCom says of a creation that has happened: of a department, of a member.
_EXISTS = (60008, 60102)
# They are about the connection, and so about every step.
_FATAL = ("authentication", "permission")
# A number or an address that somebody else still has; a superior who is not there yet.
_MAY_PASS = ("conflict", "not-found")
_MOST_DEFERRED = 10_000


@dataclass
class Report:
    """What was done."""

    done: Counter[str] = field(default_factory=Counter)
    """How many steps of each action."""
    failures: list[Failure] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    """How many calls of each action, with those that read or were repeated."""


class Applier:
    """Carries out steps. Nothing is done twice: what cannot be repeated is looked up when its answer is lost."""

    def __init__(
        self,
        calls: PacedCalls,
        kinds: Kinds,
        store: Store,
        *,
        has_application: bool,
        in_flight: int,
        most_failures: int,
        language: Language,
    ) -> None:
        self._calls, self._kinds, self._store = calls, kinds, store
        self._has_application, self._in_flight = has_application, in_flight
        self._most_failures, self._language = most_failures, language
        self._report = Report(calls=calls.count)
        self._deferred: list[tuple[Step, Rejected]] = []

    async def run(self) -> Report:
        # WeCom wants them one after the other.
        await each(self._department, self._steps(Phase.DEPARTMENTS), 1)
        for phase in (Phase.CREATE_MEMBERS, Phase.UPDATE_MEMBERS):
            await each(self._member, self._steps(phase), self._in_flight)
        await each(self._delete_members, _batches(self._steps(Phase.DELETE_MEMBERS), self._kinds.batch), 1)
        await self._deferred_members()
        await each(self._delete, self._steps(Phase.DELETE_DEPARTMENTS), 1)
        return self._report

    def _steps(self, phase: Phase) -> Iterator[Step]:
        return (Step(**body) for body in self._store.steps(phase))

    async def _department(self, step: Step) -> None:
        try:
            await self._set(DEPARTMENT, self._kinds.department, step)
        except Rejected as error:
            self._refused(step, error)

    async def _member(self, step: Step) -> None:
        try:
            await self._set(MEMBER, self._kinds.member, step)
        except Rejected as error:
            if error.category in _MAY_PASS and len(self._deferred) < _MOST_DEFERRED:
                self._deferred.append((step, error))
            else:
                self._refused(step, error)

    async def _deferred_members(self) -> None:
        """What was refused since somebody else came first: a number goes from one to the next, and to the one after."""
        while self._deferred:
            before, self._deferred = self._deferred, []
            await each(self._member, (step for step, _ in before), self._in_flight)
            if len(self._deferred) == len(before):
                break
        for step, error in self._deferred:
            self._refused(step, error)

    async def _set(self, kind: str, fields: Fields, step: Step) -> None:
        key, marks = str(step.id).lower(), digests(fields, step.parameters, self._store.salt)
        self._store.begin(kind, key, step.action, marks, step.shown_by)
        action = step.action
        try:
            if action != fields.create:
                await self._calls.call(action, step.parameters)
            elif is_there := await self._create(step):
                # That it is there shows nothing now, should this run end here.
                self._store.drop(kind, key, action)
                action = fields.update
                self._store.begin(kind, key, action, marks, ())
                await self._update(step, action, is_there)
        except Rejected:
            self._store.drop(kind, key, action)
            raise
        self._store.remember(kind, key, action, marks)
        self._report.done[step.action] += 1

    async def _create(self, step: Step) -> Rejected | None:
        """Creates, and where nobody knows whether that happened, looks. It returns how WeCom says that it is there."""
        for attempt in count(1):
            try:
                await self._calls.call(step.action, step.parameters, is_repeatable=False)
            except OutcomeUnknown:
                if not await self._is_as_wanted(step):
                    if attempt == _ATTEMPTS:
                        raise
                    continue
            except Rejected as error:
                if error.errcode not in _EXISTS:
                    raise
                # By a call whose answer was lost, or by other hands.
                return error
            return None
        raise AssertionError("the attempts do not end")

    async def _update(self, step: Step, update: str, is_there: Rejected) -> None:
        """What is there already becomes what it shall be."""
        try:
            await self._calls.call(update, step.parameters)
        except Rejected as unknown:
            # Then another department has its name.
            raise (is_there if unknown.category == "not-found" else unknown) from None

    async def _is_as_wanted(self, step: Step) -> bool:
        """Whether it is there, and like that as far as WeCom tells. If not, a second creation is refused or does it."""
        if not self._has_application:
            return False
        kind = self._kinds.department if step.action == self._kinds.department.create else self._kinds.member
        try:
            if kind is self._kinds.department:
                told: dict[str, Any] = await self._calls.call("get-department", {"id": step.id})
            else:
                told = told_of_member(await self._calls.call("get-member", {"user_id": step.id}), kind)
        except Rejected as error:
            if error.category == "not-found" or error.errcode == OUT_OF_VIEW:
                return False
            raise
        return not differing(kind, step.parameters, told, None, self._store.salt)

    async def _delete_members(self, steps: list[Step]) -> None:
        try:
            await self._calls.call("delete-members", {"user_id_list": [step.id for step in steps]})
        except Rejected as error:
            self._check_fatal(error)
            # One whom WeCom does not know, or does not let go, and it deletes nobody.
            for step in steps:
                await self._delete(step)
            return
        for step in steps:
            self._gone(MEMBER, step)

    async def _delete(self, step: Step) -> None:
        try:
            await self._calls.call(step.action, step.parameters)
        except Rejected as error:
            if error.category != "not-found":
                self._refused(step, error)
                return
        self._gone(MEMBER if step.action == "delete-member" else DEPARTMENT, step)

    def _gone(self, kind: str, step: Step) -> None:
        self._store.forget(kind, str(step.id).lower())
        self._report.done[step.action] += 1

    def _refused(self, step: Step, error: Rejected) -> None:
        self._check_fatal(error)
        self._report.failures.append(Failure(step, error))
        if len(self._report.failures) > self._most_failures:
            raise TooManyFailures(list(self._report.failures), self._language)

    @staticmethod
    def _check_fatal(error: Rejected) -> None:
        if error.category in _FATAL and error.errcode != OUT_OF_VIEW:
            raise error


def _batches(steps: Iterable[Step], size: int) -> Iterator[list[Step]]:
    rest = iter(steps)
    while batch := list(islice(rest, size)):
        yield batch
