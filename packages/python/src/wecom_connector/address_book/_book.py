"""The address book, kept in step with a source."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator
from types import TracebackType
from typing import Any

from .._actions import Application
from .._arguments import from_environment
from .._component import Localized
from .._connector import AsyncWeComConnector
from .._errors import InvalidParameters
from ._applying import Applier, Report
from ._calls import PacedCalls
from ._crew import in_turns
from ._departments import TreePlan, deletions, going, wanted_tree
from ._errors import TooManyDeletions
from ._fields import PER_DEPARTMENT, Kinds, Values, differing
from ._pace import Pace
from ._reading import Reader
from ._resuming import Resumer
from ._source import Faults, Rows, Wanted, checked
from ._steps import Phase, Step
from ._store import MEMBER, Store

ROOT = 1
# One begins a minute, and one follows.
LEAST_CALLS = 2


class Bound:
    """How many may be deleted: a number, or a share of those that there are, as `"2%"`. 0 is none."""

    def __init__(self, given: int | str) -> None:
        text = str(given).strip()
        self.is_share = text.endswith("%")
        try:
            self.number = float(text[:-1]) if self.is_share else int(text)
        except ValueError:
            self.number = -1
        if not 0 <= self.number <= (100 if self.is_share else self.number):
            raise ValueError(f'delete_at_most is a number from 0 up, or a share from "0%" to "100%", not {given!r}')

    @property
    def is_lifted(self) -> bool:
        return self.is_share and self.number == 100

    def allows(self, count: int, of: int) -> bool:
        return count <= (of * self.number / 100 if self.is_share else self.number)


class Plan:
    """What there is to do, and what is left alone. It belongs to the comparison that made it."""

    def __init__(self, store: Store, refusal: TooManyDeletions | None, stay: Counter[str]) -> None:
        self._store = store
        self.refusal = refusal
        """Why `apply` will refuse it: more would be deleted than is allowed."""
        self.stay = stay
        """How many `members` and `departments` are not in the source and stay."""
        self.counts = Counter(step.action for step in self.steps())
        """How many steps of each action."""

    def steps(self) -> Iterator[Step]:
        """The steps, in the order in which they are done."""
        for phase in Phase:
            for body in self._store.steps(phase):
                yield Step(**body)


class AddressBook:
    """The departments and members below one department, to be brought into step with a source.

    `journal` is a file that remembers what was set: what WeCom does not tell an application, such as mobile numbers,
    is compared with that. It holds no values, but marks by which they are known again. Without one, such a field is
    set when a member is created, and then no more.
    `top` is the department below which everything happens; itself stays as it is.
    `calls_per_…` are nine tenths of what WeCom allows, unless they are given.
    """

    def __init__(
        self,
        wecom: AsyncWeComConnector,
        application: Application | None = None,
        *,
        journal: str | os.PathLike[str] | None = None,
        top: int = ROOT,
        calls_per_minute: int | None = None,
        calls_per_hour: int | None = None,
        in_flight: int = 16,
    ) -> None:
        for name, value in (("calls_per_minute", calls_per_minute), ("calls_per_hour", calls_per_hour)):
            if value is not None and value < LEAST_CALLS:
                raise ValueError(f"{name} is at least {LEAST_CALLS}, not {value!r}")
        if in_flight < 1:
            raise ValueError(f"in_flight is at least 1, not {in_flight!r}")
        self._wecom, self._top, self._in_flight = wecom, top, in_flight
        self._language = wecom._language
        held = application or wecom._connections["application"]
        if not isinstance(held, Application):
            held = from_environment(Application, "address-book", self._language)
        self._kinds = Kinds(wecom)
        self._store = Store(journal, held.corp_id, self._language)
        per_minute = calls_per_minute or self._kinds.calls_per_minute
        pace = Pace(per_minute, calls_per_hour or self._kinds.calls_per_hour)
        self._calls = PacedCalls(wecom, held, pace)
        self._reader = Reader(self._calls, self._kinds, self._store, self._language)
        self._resumer = Resumer(self._calls, self._kinds, self._store)
        self._plan: Plan | None = None

    def close(self) -> None:
        """Closes the journal. What was compared is forgotten."""
        self._store.close()

    def __enter__(self) -> AddressBook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def calls(self) -> Counter[str]:
        """How many calls of each action there were so far."""
        return self._calls.count

    async def compare(
        self,
        departments: Rows | None,
        members: Rows | None,
        *,
        delete_at_most: int | str = 0,
        keep_members: Collection[str] = (),
        keep_departments: Collection[int] = (),
    ) -> Plan:
        """Reads the source and the address book, and says what is to do. Changes nothing.

        What is None is left alone, departments or members. `delete_at_most` allows deletions, of members and of
        departments: a number, or a share such as `"2%"`. `keep_…` names those that are never deleted.
        """
        bound = Bound(delete_at_most)
        store, faults = self._store, Faults(self._language)
        self._plan = None
        store.clear()
        rows = None if departments is None else list(self._checked("departments", departments, faults))
        if rows is not None:
            _check_any("departments", len(rows), bound, faults)
        if members is not None:
            await self._load(members, faults)
            _check_any("members", store.wanted_count(), bound, faults)
        # Before anything is asked of WeCom.
        faults.check()

        present = await self._reader.departments()
        self._resumer.departments(present)
        if self._top not in present.told:
            faults.add("top", f"there is no department {self._top}", f"没有部门{self._top}")
            faults.check()
        scope = present.below(self._top)
        wanted = None if rows is None else wanted_tree(rows, self._top, present, faults)
        faults.check()
        if members is not None:
            store.scope(scope)
            await self._reader.members(scope, self._in_flight)
            await self._resumer.members(has_application=self._reader.has_application)
            store.forget_absent_members()

        stay: Counter[str] = Counter()
        reasons: list[Localized] = []
        with store.batch():
            if wanted is not None:
                unwanted = going(present, self._top, wanted, keep_departments)
                goes = unwanted if bound.number else []
                stay["departments"] = len(unwanted) - len(goes)
                for step in TreePlan(self._kinds.department, present, wanted, set(goes), store).steps(faults):
                    store.add_step(Phase.DEPARTMENTS, step.body())
                for step in deletions(present, self._top, set(goes)):
                    store.add_step(Phase.DELETE_DEPARTMENTS, step.body())
                _judge(bound, len(goes), len(scope) - 1, ("departments", "部门"), reasons)
            if members is not None:
                known = {self._top, *(scope if wanted is None else wanted)}
                await self._plan_members(known, set(scope), faults)
                deleted = self._plan_deletions(bound, {user_id.lower() for user_id in keep_members}, stay)
                _judge(bound, deleted, store.present_count(), ("members", "成员"), reasons)
        faults.check()
        self._plan = Plan(store, self._refusal(reasons), stay)
        return self._plan

    async def apply(self, plan: Plan, *, most_failures: int = 100) -> Report:
        """Does what the plan says. A step that WeCom refuses is reported, and the others are done: up to that many.

        It may be ended at any time, also by `kill -9`: the next comparison finds what is left to do.
        """
        if plan is not self._plan:
            raise ValueError("the plan is not that of the last comparison, or has been applied")
        if plan.refusal:
            raise plan.refusal
        self._plan = None
        return await Applier(
            self._calls,
            self._kinds,
            self._store,
            has_application=self._reader.has_application,
            in_flight=self._in_flight,
            most_failures=most_failures,
            language=self._language,
        ).run()

    def _checked(self, kind: str, rows: Rows, faults: Faults) -> Iterator[Wanted]:
        fields = self._kinds.department if kind == "departments" else self._kinds.member
        return checked(self._wecom, fields, kind, rows, faults)

    async def _load(self, members: Rows, faults: Faults) -> None:
        with self._store.batch():
            async for wanted in in_turns(self._checked("members", members, faults)):
                user_id = wanted.values["user_id"]
                if not wanted.values.get("department"):
                    faults.add(wanted.place, "department is required", "department：必填")
                elif other := self._store.want(user_id.lower(), wanted):
                    en = f"user_id {user_id} is that of {other}, too"
                    faults.add(wanted.place, en, f"user_id {user_id}与{other}重复")

    async def _plan_members(self, known: set[int], scope: set[int], faults: Faults) -> None:
        store, fields = self._store, self._kinds.member
        async for key, wanted in in_turns(store.wanted()):
            place, values = wanted.place, wanted.values
            strangers = sorted(set(values["department"]) - known)
            if strangers:
                faults.add(
                    place,
                    f"department {strangers[0]} is not in the source, nor the top, {self._top}",
                    f"department {strangers[0]}不在数据中，也不是最上层部门{self._top}",
                )
            leaders = values.get("direct_leader", [])
            for leader in leaders:
                if not store.is_wanted(leader.lower()) and not store.is_present(leader.lower()):
                    en = f"direct_leader {leader} is neither in the source nor in WeCom"
                    faults.add(place, en, f"direct_leader {leader}既不在数据中，也不在企业微信中")
            there = store.departments_of(key)
            if not there and wanted.missing:
                faults.add(place, wanted.missing.en, wanted.missing.zh)
                continue
            if not there:
                self._plan_creation(values)
                continue
            told = store.told(key)
            outside = sorted(department for department in there if department not in scope and department not in known)
            target, fault = _with_outside(values, outside, told)
            if fault:
                faults.add(place, *fault)
                continue
            told["department"] = sorted(there)
            names = differing(fields, target, told, store.last_set(MEMBER, key), store.salt)
            if names:
                shown_by = [name for name in names if told.get(name) is not None]
                if "department" in names or any(name in names for name in PER_DEPARTMENT):
                    # They count only together, and the list of departments is replaced whole.
                    names = [name for name in target if name in {*names, "department", *PER_DEPARTMENT}]
                given = {name: target[name] for name in names}
                try:
                    self._wecom._body(fields.update, {"user_id": values["user_id"], **given})
                except InvalidParameters as error:
                    faults.add(place, error.hint.en, error.hint.zh)
                    continue
                self._plan_setting(Phase.UPDATE_MEMBERS, fields.update, values, given, shown_by)

    def _plan_creation(self, values: Values) -> None:
        fields = self._kinds.member
        given = {name: value for name, value in values.items() if name != fields.id and value not in ("", [])}
        self._plan_setting(Phase.CREATE_MEMBERS, fields.create, values, given)

    def _plan_setting(
        self, phase: Phase, action: str, values: Values, given: dict[str, Any], shown_by: Collection[str] = ()
    ) -> None:
        """Superiors who are new come later: they may wait for what is set before, such as a number that gets free."""
        leaders = given.get("direct_leader", [])
        if all(self._store.is_present(leader.lower()) for leader in leaders):
            self._add(phase, action, values, given, shown_by)
            return
        rest = {name: value for name, value in given.items() if name != "direct_leader"}
        if rest:
            self._add(phase, action, values, rest, shown_by)
        self._add(Phase.UPDATE_MEMBERS, self._kinds.member.update, values, {"direct_leader": leaders}, shown_by)

    def _add(self, phase: Phase, action: str, values: Values, given: dict[str, Any], shown_by: Collection[str]) -> None:
        user_id = values["user_id"]
        shown = [name for name in given if name in shown_by]
        step = Step(action, user_id, values.get("name", ""), {"user_id": user_id, **given}, shown_by=shown)
        self._store.add_step(phase, step.body())

    def _plan_deletions(self, bound: Bound, keep: set[str], stay: Counter[str]) -> int:
        count = 0
        for key, user_id, is_ours in self._store.unwanted():
            # Who belongs elsewhere, too, stays.
            if key in keep or not bound.number or not is_ours:
                stay["members"] += 1
                continue
            count += 1
            name = self._store.told(key).get("name", "")
            step = Step("delete-member", user_id, name, {"user_id": user_id})
            self._store.add_step(Phase.DELETE_MEMBERS, step.body())
        return count

    def _refusal(self, reasons: list[Localized]) -> TooManyDeletions | None:
        if not reasons:
            return None
        en = "; ".join(reason.en for reason in reasons) + ": is the source complete? Otherwise raise delete_at_most"
        zh = "；".join(reason.zh for reason in reasons) + "：请确认数据是否完整；确需删除时，调高delete_at_most"
        return TooManyDeletions(Localized(en, zh), self._language)


def _check_any(kind: str, count: int, bound: Bound, faults: Faults) -> None:
    """A source without a row is no source, but one that could not be read: unless somebody says that all shall go."""
    if not count and not bound.is_lifted and not faults.count:
        en = 'the source has no rows, and was probably not read; where all shall go, set delete_at_most to "100%"'
        faults.add(kind, en, '数据中没有任何行，通常是读取出错；确需全部删除时，请把delete_at_most设为"100%"')


def _judge(bound: Bound, count: int, of: int, what: tuple[str, str], reasons: list[Localized]) -> None:
    if not bound.allows(count, of):
        most = f"{bound.number:g}" + ("%" if bound.is_share else "")
        en = f"{count} of {of} {what[0]} would be deleted, and at most {most} may be"
        reasons.append(Localized(en, f"将删除{of}个{what[1]}中的{count}个，上限为{most}"))


def _with_outside(values: Values, outside: list[int], told: Values) -> tuple[Values, tuple[str, str] | None]:
    """The wanted values, with the departments outside of the ones that are kept in step: a member stays in those."""
    if not outside:
        return values, None
    target = {**values, "department": [*values["department"], *outside]}
    for name in PER_DEPARTMENT:
        if name not in values:
            continue
        there = dict(told.get(name, []))
        if not set(outside) <= there.keys():
            en = f"{name} cannot be set: WeCom does not tell that of department {outside[0]}, which the member stays in"
            return values, (en, f"无法设置{name}：成员仍属于部门{outside[0]}，而企业微信未返回该部门的{name}")
        target[name] = [*values[name], *(there[department] for department in outside)]
    return target, None
