"""The tree of departments: whether the wanted one is a tree, and the steps from the present one to it.

A tree fits into memory: WeCom has room for some 30,000 departments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._fields import Fields, Values, differing
from ._source import Faults, Wanted
from ._steps import Step
from ._store import DEPARTMENT, Store

_NAME_LENGTH = 32


@dataclass
class Present:
    """The departments that there are, by their IDs: what WeCom tells of each."""

    told: dict[int, Values] = field(default_factory=dict)

    def below(self, top: int) -> list[int]:
        """That department and everything below it, parents first."""
        children = defaultdict(list)
        for number, values in self.told.items():
            children[values["parent_id"]].append(number)
        found = [top]
        for number in found:
            found.extend(children[number])
        return found


def wanted_tree(rows: Iterable[Wanted], top: int, present: Present, faults: Faults) -> dict[int, Values]:
    """The wanted departments, parents first. What is no tree below `top` is a fault."""
    places: dict[int, str] = {}
    wanted: dict[int, Values] = {}
    names: dict[tuple[int, str], str] = {}
    scope = set(present.below(top))
    for row in rows:
        place, values = row.place, row.values
        if row.missing:
            # To be placed it needs as much as to be created.
            faults.add(place, row.missing.en, row.missing.zh)
            continue
        number, parent = values["id"], values["parent_id"]
        if number in wanted:
            faults.add(place, f"id {number} is that of {places[number]}, too", f"id {number}与{places[number]}重复")
        elif number == top:
            faults.add(
                place, f"id {top} is the top, which stays as it is", f"id {top}是最上层部门，不做改动，请去掉此行"
            )
        elif number in present.told and number not in scope:
            faults.add(place, f"id {number} is a department outside of {top}", f"id {number}是部门{top}以外的部门")
        elif (parent, values["name"]) in names:
            other = names[parent, values["name"]]
            faults.add(place, f"name is that of {other}, too, in the same department", f"name与{other}在同一部门下重名")
        else:
            places[number], wanted[number], names[parent, values["name"]] = place, values, place
    return _parents_first(wanted, places, top, faults)


def _parents_first(wanted: dict[int, Values], places: Mapping[int, str], top: int, faults: Faults) -> dict[int, Values]:
    children = defaultdict(list)
    for number, values in wanted.items():
        parent = values["parent_id"]
        children[parent].append(number)
        if parent != top and parent not in wanted:
            en = f"parent_id {parent} is not in the source, nor the top, {top}"
            faults.add(places[number], en, f"parent_id {parent}不在数据中，也不是最上层部门{top}")
    ordered = [top]
    for number in ordered:
        ordered.extend(children[number])
    reached = set(ordered)
    for number in wanted:
        # Of those that no way leads to, only the ones in a circle: the others hang below one, or below a fault.
        if number not in reached and _is_in_circle(number, wanted):
            faults.add(places[number], f"id {number} is below itself", f"id {number}的上级链条又回到了它自己")
    return {number: wanted[number] for number in ordered[1:]}


def _is_in_circle(number: int, wanted: Mapping[int, Values]) -> bool:
    seen = set()
    at = number
    while at in wanted and at not in seen:
        seen.add(at)
        at = wanted[at]["parent_id"]
        if at == number:
            return True
    return False


class TreePlan:
    """The steps from the present tree to the wanted one, each possible when its turn comes.

    A department is placed after its parent, so that none is ever below itself. A name that another sibling still has is
    freed first: that one gets a name for the time being, with its ID in it.
    """

    def __init__(
        self, fields: Fields, present: Present, wanted: Mapping[int, Values], goes: Collection[int], store: Store
    ) -> None:
        self._fields, self._wanted, self._goes, self._store = fields, wanted, goes, store
        self._told = {number: dict(values) for number, values in present.told.items()}
        self._names = {
            (values["parent_id"], values["name"]): number for number, values in self._told.items() if "name" in values
        }
        self._placed: set[int] = set()

    def steps(self, faults: Faults) -> Iterator[Step]:
        for number, values in self._wanted.items():
            known = self._told.get(number)
            names = list(values) if known is None else self._differing(number, values, known)
            if known is None or "name" in names or "parent_id" in names:
                yield from self._freed(number, values, faults)
            self._placed.add(number)
            if names:
                shown_by = [name for name in names if (known or {}).get(name) is not None]
                self._set(number, {name: values[name] for name in names})
                action = self._fields.create if known is None else self._fields.update
                given = {name: values[name] for name in names if known is not None or values[name] != ""}
                yield Step(action, number, values["name"], {"id": number, **given}, shown_by=shown_by)

    def _differing(self, number: int, values: Values, told: Values) -> list[str]:
        remembered = self._store.last_set(DEPARTMENT, str(number))
        return differing(self._fields, values, told, remembered, self._store.salt)

    def _freed(self, number: int, values: Values, faults: Faults) -> Iterator[Step]:
        other = self._names.get((values["parent_id"], values["name"]))
        if other is None or other == number:
            return
        if other not in self._goes and (other not in self._wanted or other in self._placed):
            en = f"the name {values['name']} is that of department {other}, which is not in the source and stays"
            zh = f"名称{values['name']}已被部门{other}占用，该部门不在数据中且会保留"
            faults.add(f"department {number}", en, zh)
            return
        mark = f"~{other}"
        name = self._told[other]["name"][: _NAME_LENGTH - len(mark)] + mark
        self._set(other, {"name": name})
        yield Step(self._fields.update, other, name, {"id": other, "name": name}, "(for the time being)", ["name"])

    def _set(self, number: int, values: Mapping[str, Any]) -> None:
        told = self._told.setdefault(number, {})
        self._names.pop((told.get("parent_id", 0), told.get("name", "")), None)
        told.update(values)
        if "name" in told:
            self._names[told["parent_id"], told["name"]] = number


def deletions(present: Present, top: int, goes: Collection[int]) -> Iterator[Step]:
    """The steps that delete departments, children first."""
    for number in reversed(present.below(top)):
        if number in goes:
            yield Step("delete-department", number, present.told[number].get("name", ""), {"id": number})


def going(present: Present, top: int, wanted: Collection[int], keep: Collection[int]) -> list[int]:
    """The departments below `top` that are not wanted. One that is kept keeps those above it."""
    kept = {top, *wanted}
    for number in keep:
        while number in present.told and number not in kept:
            kept.add(number)
            number = present.told[number]["parent_id"]
    return [number for number in present.below(top) if number not in kept]
