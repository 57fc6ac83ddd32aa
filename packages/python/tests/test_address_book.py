"""The address book, kept in step: what is sent for which difference, and what happens when something goes wrong."""

from __future__ import annotations

import csv
import json
import math
import os
import pickle
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from support import Simulator, simulating

from wecom_connector import AsyncWeComConnector, Rejected
from wecom_connector.address_book import (
    AddressBook,
    JournalError,
    Plan,
    Report,
    SourceError,
    TooManyDeletions,
    TooManyFailures,
    _book,
    read_rows,
)
from wecom_connector.address_book._applying import Applier
from wecom_connector.address_book._pace import HOUR, MINUTE, Pace
from wecom_connector.address_book._store import Store

READS = {"gettoken", "department/simplelist", "department/list", "user/list_id", "user/list"}
Rows = list[dict[str, Any]]

# As the simulator has them.
SEED_DEPARTMENTS: Rows = [
    {"id": 2, "parent_id": 1, "name": "研发部"},
    {"id": 3, "parent_id": 2, "name": "前端组"},
    {"id": 4, "parent_id": 1, "name": "市场部"},
]
NEW_DEPARTMENTS: Rows = [
    {"id": 22, "parent_id": 20, "name": "华南", "order": 5},
    {"id": 20, "parent_id": 1, "name": "销售中心", "name_en": "Sales"},
    {"id": 21, "parent_id": 20, "name": "华北"},
]


def member(number: int, **changes: Any) -> dict[str, Any]:
    fields = {
        "user_id": f"user{number}",
        "name": f"成员{number}",
        "department": [20],
        "mobile": f"1390000{number:04}",
        "position": "销售",
    }
    return {**fields, **changes}


class Run:
    """What one comparison, and what follows it, came to."""

    plan: Plan
    report: Report


def run(
    simulator: Simulator,
    departments: Any,
    members: Any,
    *,
    journal: Path | None = None,
    between: Callable[[], object] = lambda: None,
    backend: str = "asyncio",
    dry: bool = False,
    application: Mapping[str, Any] | None = None,
    book: Mapping[str, Any] | None = None,
    **options: Any,
) -> Run:
    done = Run()

    async def main() -> None:
        async with AsyncWeComConnector(simulator.application(**(application or {}))) as wecom:
            with AddressBook(wecom, journal=journal, **(book or {})) as kept:
                done.plan = await kept.compare(departments, members, **options)
                done.steps = [str(step) for step in done.plan.steps()]  # type: ignore[attr-defined]
                await anyio.to_thread.run_sync(between)
                if not dry:
                    done.report = await kept.apply(done.plan)

    anyio.run(main, backend=backend)
    return done


def steps(done: Run) -> list[str]:
    found: list[str] = done.steps  # type: ignore[attr-defined]
    return found


def get(simulator: Simulator, action: str, **parameters: Any) -> dict[str, Any]:
    async def main() -> dict[str, Any]:
        async with AsyncWeComConnector(simulator.application()) as wecom:
            return await wecom.invoke(action, parameters)

    return anyio.run(main)


def bodies(simulator: Simulator, path: str) -> list[dict[str, Any]]:
    """What was sent there and done."""
    return [json.loads(request["body"]) for request in simulator.at(path) if request["errcode"] == 0]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "book.journal"


# What is done.


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_everything_is_created_once_and_then_there_is_nothing_to_do(
    simulator: Simulator, journal: Path, backend: str
) -> None:
    members = [member(number) for number in range(30)]
    first = run(simulator, NEW_DEPARTMENTS, members, journal=journal, backend=backend)
    assert first.report.done == {"create-department": 3, "create-member": 30}
    assert not first.report.failures
    # Parents first, though the source has them otherwise.
    assert [body["id"] for body in bodies(simulator, "department/create")] == [20, 22, 21]
    assert get(simulator, "get-department", id=20)["name_en"] == "Sales"
    sent = {body["userid"]: body for body in bodies(simulator, "user/create")}
    assert sent["user7"] == {
        "userid": "user7",
        "name": "成员7",
        "department": [20],
        "mobile": "13900000007",
        "position": "销售",
    }
    before = len(simulator.received)
    second = run(simulator, NEW_DEPARTMENTS, members, journal=journal, backend=backend)
    assert steps(second) == []
    assert {request["path"].removeprefix("/cgi-bin/") for request in simulator.received[before:]} <= READS


def test_what_is_compared_is_only_what_is_given(simulator: Simulator, journal: Path) -> None:
    # The simulator's own members, of whom much else is told.
    members = [{"user_id": "ZhangSan", "name": "张三", "department": [2]}]
    assert steps(run(simulator, SEED_DEPARTMENTS, members, journal=journal, dry=True)) == []


def test_changes_are_sent_and_nothing_else(simulator: Simulator, journal: Path) -> None:
    rows = [member(1), member(2, direct_leader=["user1"]), member(3, department=[20, 21], order=[7, 8])]
    run(simulator, NEW_DEPARTMENTS, rows, journal=journal)
    changed = [
        member(1, position="经理", mobile="13900009999"),
        member(2, direct_leader=["USER1"], name=" 成员2 "),
        member(3, department=[21, 20], order=[8, 9]),
    ]
    departments = [*NEW_DEPARTMENTS[:2], {"id": 21, "parent_id": 22, "name": "北方"}]
    done = run(simulator, departments, changed, journal=journal)
    assert steps(done) == [
        "update-department 21 北方 (parent_id, name)",
        "update-member user1 成员1 (mobile, position)",
        "update-member user3 成员3 (department, order)",
    ]
    assert not done.report.failures
    updated = bodies(simulator, "user/update")
    assert {"userid": "user1", "mobile": "13900009999", "position": "经理"} in updated
    assert {"userid": "user3", "department": [21, 20], "order": [8, 9]} in updated
    assert get(simulator, "get-department", id=21)["parent_id"] == 22
    assert steps(run(simulator, departments, changed, journal=journal)) == []


def test_a_field_is_cleared_where_the_source_says_so(simulator: Simulator, journal: Path) -> None:
    run(simulator, NEW_DEPARTMENTS, [member(1, alias="一")], journal=journal)
    done = run(simulator, NEW_DEPARTMENTS, [member(1, alias="", position=None)], journal=journal)
    assert steps(done) == ["update-member user1 成员1 (alias)"]
    told = get(simulator, "get-member", user_id="user1")
    assert "alias" not in told
    assert told["position"] == "销售"
    with pytest.raises(SourceError, match="members:1: mobile"):
        run(simulator, NEW_DEPARTMENTS, [member(1, mobile="")], journal=journal)


@pytest.mark.parametrize("with_journal", [True, False])
def test_what_is_empty_at_wecom_is_set(simulator: Simulator, journal: Path, with_journal: bool) -> None:
    kept = journal if with_journal else None
    departments = [{**row, "name_en": f"Department {row['id']}"} for row in NEW_DEPARTMENTS]
    run(simulator, NEW_DEPARTMENTS, [member(1, position=None)], journal=kept)
    given = member(1, alias="一", position="销售", telephone="010-1", direct_leader=["zhangsan"])
    done = run(simulator, departments, [given], journal=kept)
    assert [line for line in steps(done) if "member" in line] == [
        "update-member user1 成员1 (position, alias, telephone, direct_leader)"
    ]
    assert done.report.done["update-department"] == len(departments)
    assert steps(run(simulator, departments, [given], journal=kept)) == []
    # By somebody at the console.
    get(simulator, "update-member", user_id="user1", position="", alias="")
    assert steps(run(simulator, departments, [given], journal=kept)) == ["update-member user1 成员1 (position, alias)"]
    assert get(simulator, "get-member", user_id="user1")["position"] == "销售"


def test_what_is_not_told_is_cleared_once(simulator: Simulator, journal: Path) -> None:
    run(simulator, NEW_DEPARTMENTS, [member(1, address="北京")], journal=journal)
    rows = [member(1, address="")]
    assert steps(run(simulator, NEW_DEPARTMENTS, rows, journal=journal)) == ["update-member user1 成员1 (address)"]
    assert {"userid": "user1", "address": ""} in bodies(simulator, "user/update")
    assert steps(run(simulator, NEW_DEPARTMENTS, rows, journal=journal)) == []


def test_a_superior_may_be_as_new_as_the_member(simulator: Simulator, journal: Path) -> None:
    rows = [member(1, direct_leader=["user2"]), member(2, direct_leader=["user1"])]
    done = run(simulator, NEW_DEPARTMENTS, rows, journal=journal)
    assert done.report.done == {"create-department": 3, "create-member": 2, "update-member": 2}
    assert get(simulator, "get-member", user_id="user1")["direct_leader"] == ["user2"]
    assert steps(run(simulator, NEW_DEPARTMENTS, rows, journal=journal)) == []


def test_a_number_goes_from_one_member_to_another(simulator: Simulator, journal: Path) -> None:
    run(simulator, NEW_DEPARTMENTS, [member(1), member(2), member(3)], journal=journal)
    # User 9 gets the number of user 3, who is deleted; 1 and 2 change theirs.
    rows = [member(1, mobile="13900000002"), member(2, mobile="13900008888"), member(9, mobile="13900000003")]
    keep = ["admin", "zhangsan", "LiSi", "wangwu", "zhaoliu@example.com", "sunqi", "zhouba"]
    done = run(simulator, None, rows, journal=journal, delete_at_most=1, keep_members=keep)
    assert not done.report.failures
    assert done.report.done == {"create-member": 1, "update-member": 2, "delete-member": 1}
    assert steps(run(simulator, None, rows, journal=journal)) == []


def test_names_are_swapped_and_places_turned_round(simulator: Simulator, journal: Path) -> None:
    run(simulator, NEW_DEPARTMENTS, None, journal=journal)
    swapped = [
        {"id": 20, "parent_id": 22, "name": "销售中心"},
        {"id": 21, "parent_id": 22, "name": "华南"},
        {"id": 22, "parent_id": 1, "name": "华北"},
    ]
    done = run(simulator, swapped, None, journal=journal)
    assert not done.report.failures
    assert steps(run(simulator, swapped, None, journal=journal)) == []
    names = [{**NEW_DEPARTMENTS[1]}, *({**row, "parent_id": 20} for row in swapped[1:])]
    run(simulator, names, None, journal=journal)
    names[1]["name"], names[2]["name"] = names[2]["name"], names[1]["name"]
    done = run(simulator, names, None, journal=journal)
    assert [line for line in steps(done) if line.endswith("(name) (for the time being)")] == [
        "update-department 22 华北~22 (name) (for the time being)"
    ]
    assert not done.report.failures
    assert get(simulator, "get-department", id=21)["name"] == "华北"


def some_tree(chance: random.Random) -> Rows:
    """Departments anywhere below each other, with few names, so that many are in the way of each other."""
    numbers = chance.sample(range(20, 40), chance.randint(4, 14))
    rows: Rows = []
    taken = {(1, row["name"]) for row in SEEDS if row["parent_id"] == 1}
    for at, number in enumerate(numbers):
        parent = chance.choice([1, *numbers[:at]])
        name = chance.choice([name for name in "甲乙丙丁戊己庚辛壬癸子丑寅卯" if (parent, name) not in taken])
        taken.add((parent, name))
        rows.append({"id": number, "parent_id": parent, "name": name, "order": chance.randint(0, 3)})
    chance.shuffle(rows)
    return rows


def some_members(chance: random.Random, tree: Rows, mobiles: dict[int, int]) -> Rows:
    """Members anywhere. Their numbers go from one to the next in a row, of which the first one gets a new one."""
    rows = []
    numbers = chance.sample(range(40), 20)
    handed = [number for number in numbers if number in mobiles][:5]
    new = [max(mobiles.values(), default=0) + 1, *(mobiles[number] for number in handed)]
    mobiles.update(zip(handed, new, strict=False))
    for number in numbers:
        departments = chance.sample([row["id"] for row in tree], chance.randint(1, 3))
        mobile = mobiles.setdefault(number, max(mobiles.values(), default=0) + 1)
        changes: dict[str, Any] = {"department": departments, "mobile": f"1390000{mobile:04}"}
        if chance.random() < 0.5:
            changes["order"] = [chance.randint(0, 5) for _ in departments]
        if chance.random() < 0.5:
            changes["is_leader_in_dept"] = [chance.randint(0, 1) for _ in departments]
        rows.append(member(number, **changes))
    for row in rows:
        if chance.random() < 0.3:
            row["direct_leader"] = [chance.choice(rows)["user_id"]]
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_any_state_becomes_any_other(simulator: Simulator, journal: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    mobiles: dict[int, int] = {}
    for _ in range(6):
        tree = some_tree(chance)
        members = some_members(chance, tree, mobiles)
        source: Any = [[*SEEDS, *tree], full(*members)]
        done = run(simulator, *source, journal=journal, delete_at_most="100%")
        assert [str(failure) for failure in done.report.failures] == []
        assert steps(run(simulator, *source, journal=journal, delete_at_most="100%")) == []


# What is deleted.


def test_nothing_is_deleted_unless_asked_for(simulator: Simulator, journal: Path) -> None:
    run(simulator, NEW_DEPARTMENTS, [member(1), member(2)], journal=journal)
    done = run(simulator, NEW_DEPARTMENTS[1:], [member(1)], journal=journal)
    assert steps(done) == []
    # Those of the simulator, too.
    assert done.plan.stay == {"members": 8, "departments": 5}


def full(*changes: Any) -> Rows:
    """The simulator's own members, so that deletions are ours."""
    own = {"admin": 1, "zhangsan": 2, "LiSi": 2, "wangwu": 4, "zhaoliu@example.com": 4, "sunqi": 2, "zhouba": 2}
    names = ["管理员", "张三", "李四", "王五", "赵六", "孙七", "周八"]
    seeds = [
        {"user_id": user_id, "name": name, "department": [2, 3] if user_id == "LiSi" else [department]}
        for (user_id, department), name in zip(own.items(), names, strict=True)
    ]
    return [*seeds, *changes]


SEEDS = [*SEED_DEPARTMENTS, {"id": 5, "parent_id": 1, "name": "待分配"}]


def test_members_go_before_departments_and_children_before_parents(simulator: Simulator, journal: Path) -> None:
    rows = [member(number, department=[20 + number % 3]) for number in range(6)]
    run(simulator, [*SEEDS, *NEW_DEPARTMENTS], full(*rows), journal=journal)
    done = run(simulator, SEEDS, full(), journal=journal, delete_at_most=6)
    assert done.report.done == {"delete-member": 6, "delete-department": 3}
    assert not done.report.failures
    assert steps(done)[-1] == "delete-department 20 销售中心"
    [batch] = bodies(simulator, "user/batchdelete")
    assert sorted(batch["useridlist"]) == [f"user{number}" for number in range(6)]
    # One who comes back is new: what was set of the one before is not remembered.
    again = run(simulator, [*SEEDS, *NEW_DEPARTMENTS], full(*rows), journal=journal)
    assert again.report.done == {"create-department": 3, "create-member": 6}


@pytest.mark.parametrize(
    ("bound", "fits"), [(5, False), (6, True), ("46%", False), ("47%", True), ("0.5%", False), ("100%", True)]
)
def test_a_source_that_ended_early_empties_nothing(
    simulator: Simulator, journal: Path, bound: int | str, fits: bool
) -> None:
    rows = [member(number) for number in range(6)]
    run(simulator, [*SEEDS, *NEW_DEPARTMENTS], full(*rows), journal=journal)
    before = len(simulator.received)
    allowed: Any = {"delete_at_most": bound, "journal": journal}
    if fits:
        done = run(simulator, [*SEEDS, *NEW_DEPARTMENTS], full(), **allowed)
        assert done.report.done == {"delete-member": 6}
        return
    with pytest.raises(TooManyDeletions, match="6 of 13 members would be deleted"):
        run(simulator, [*SEEDS, *NEW_DEPARTMENTS], full(), **allowed)
    time.sleep(0.3)
    assert {request["path"].removeprefix("/cgi-bin/") for request in simulator.received[before:]} <= READS


def test_the_bound_is_that_of_departments_too(simulator: Simulator, journal: Path) -> None:
    run(simulator, [*SEEDS, *NEW_DEPARTMENTS], None, journal=journal)
    with pytest.raises(TooManyDeletions, match="3 of 7 departments would be deleted, and at most 2 may be"):
        run(simulator, SEEDS, None, journal=journal, delete_at_most=2)
    done = run(simulator, SEEDS, None, journal=journal, delete_at_most=2, keep_departments=[22])
    # What is kept keeps its parent.
    assert steps(done) == ["delete-department 21 华北"]


@pytest.mark.parametrize("bound", [0, 50, "99%"])
@pytest.mark.parametrize("kind", ["departments", "members"])
def test_an_empty_source_is_wrong_whatever_may_be_deleted(simulator: Simulator, kind: str, bound: int | str) -> None:
    source: Any = {"departments": None, "members": None, kind: []}
    with pytest.raises(SourceError, match=f'{kind}: the source has no rows.*set delete_at_most to "100%"') as raised:
        run(simulator, **source, delete_at_most=bound)
    assert "没有任何行" in raised.value.message.zh
    time.sleep(0.3)
    assert simulator.received == []


def test_all_go_where_that_is_said(simulator: Simulator, journal: Path) -> None:
    done = run(simulator, None, [], journal=journal, delete_at_most="100%")
    # Who created the enterprise does not go.
    assert [failure.step.id for failure in done.report.failures] == ["admin"]
    assert done.report.done == {"delete-member": 6}


def test_a_department_that_is_kept_protects_nobody_in_it(simulator: Simulator, journal: Path) -> None:
    run(simulator, [*SEEDS, *NEW_DEPARTMENTS], full(member(1)), journal=journal)
    done = run(simulator, SEEDS, full(), journal=journal, delete_at_most=3, keep_departments=[20])
    assert steps(done)[0] == "delete-member user1 成员1"


@pytest.mark.parametrize("bound", ["", "many", -1, "101%", "-1%", "1.5", "nan%"])
def test_a_bound_that_is_none_is_refused(simulator: Simulator, bound: int | str) -> None:
    with pytest.raises(ValueError, match="delete_at_most is a number from 0 up, or a share"):
        run(simulator, SEEDS, None, delete_at_most=bound)


def test_what_wecom_refuses_is_reported_and_the_rest_is_done(simulator: Simulator, journal: Path) -> None:
    run(simulator, [*SEEDS, *NEW_DEPARTMENTS], full(member(1), member(2)), journal=journal)
    without_creator = [row for row in full() if row["user_id"] != "admin"]
    done = run(simulator, [*SEEDS, *NEW_DEPARTMENTS], without_creator, journal=journal, delete_at_most=5)
    [failure] = done.report.failures
    assert failure.step.id == "admin"
    assert isinstance(failure.error, Rejected)
    assert failure.error.errcode == 301005
    assert done.report.done == {"delete-member": 2}


def test_too_many_refusals_end_it(simulator: Simulator) -> None:
    # A number that the simulator's own member has.
    rows = [member(number, mobile="13800000002") for number in range(200)]
    with pytest.raises(TooManyFailures, match=r"more than 100 steps were refused.*60104") as raised:
        run(simulator, NEW_DEPARTMENTS, rows)
    again = pickle.loads(pickle.dumps(raised.value))  # noqa: S301
    assert str(again) == str(raised.value)
    assert len(again.failures) == 101


# Below one department only.


def test_outside_of_the_top_everything_stays(simulator: Simulator, journal: Path) -> None:
    departments = [{"id": 30, "parent_id": 2, "name": "后端组"}]
    rows = [
        {"user_id": "new", "name": "新人", "department": [30], "mobile": "13900000001"},
        # He is in 2 and 3, and in 4 by somebody else's doing.
        {"user_id": "lisi", "name": "李四", "department": [30]},
    ]
    get(simulator, "update-member", user_id="LiSi", department=[2, 3, 4])
    done = run(simulator, departments, rows, journal=journal, book={"top": 2}, delete_at_most=5)
    assert not done.report.failures
    assert sorted(get(simulator, "get-member", user_id="LiSi")["department"]) == [4, 30]
    gone = {line.split()[1] for line in steps(done) if line.startswith("delete")}
    assert gone == {"zhangsan", "sunqi", "zhouba", "3"}
    again = run(simulator, departments, rows, journal=journal, book={"top": 2}, delete_at_most=5)
    assert steps(again) == []
    with pytest.raises(SourceError, match="departments:1: id 4 is a department outside of 2"):
        run(simulator, [{"id": 4, "parent_id": 2, "name": "市场部"}], None, book={"top": 2})
    with pytest.raises(SourceError, match="department 4 is not in the source"):
        run(simulator, departments, [member(1, department=[4])], book={"top": 2})


def test_a_share_is_one_of_those_below_the_top(simulator: Simulator) -> None:
    rows = [{"user_id": "sunqi", "name": "孙七", "department": [2]}]
    departments = [{"id": 3, "parent_id": 2, "name": "前端组"}]
    with pytest.raises(TooManyDeletions, match="3 of 4 members would be deleted, and at most 70% may be"):
        run(simulator, departments, rows, book={"top": 2}, delete_at_most="70%")


# What the application is not told.


def test_an_application_may_see_a_part(simulator: Simulator, journal: Path) -> None:
    # Department 4 and no other.
    limited = {"app_secret": "SIMULATED-secret-of-the-app-not-real-000004"}
    departments = [*SEEDS, *NEW_DEPARTMENTS]
    rows = [member(1), member(2, department=[4], order=[3]), member(3, department=[20, 4], order=[1, 2])]
    first = run(simulator, departments, rows, journal=journal, application=limited)
    assert not first.report.failures
    assert steps(run(simulator, departments, rows, journal=journal, application=limited)) == []
    rows[0]["position"], rows[2]["order"] = "经理", [5, 2]
    done = run(simulator, departments, rows, journal=journal, application=limited)
    assert steps(done) == ["update-member user1 成员1 (position)", "update-member user3 成员3 (department, order)"]
    assert get(simulator, "get-member", user_id="user3")["order"] == [5, 2]


def test_without_a_journal_what_is_not_told_is_set_once(simulator: Simulator) -> None:
    run(simulator, NEW_DEPARTMENTS, [member(1)])
    done = run(simulator, NEW_DEPARTMENTS, [member(1, mobile="13900007777", position="经理")])
    assert steps(done) == ["update-member user1 成员1 (position)"]


def test_with_a_new_journal_it_is_set_once_more(simulator: Simulator, journal: Path) -> None:
    run(simulator, NEW_DEPARTMENTS, [member(1)])
    assert steps(run(simulator, NEW_DEPARTMENTS, [member(1)], journal=journal)) == [
        "update-member user1 成员1 (mobile)"
    ]
    assert steps(run(simulator, NEW_DEPARTMENTS, [member(1)], journal=journal)) == []


def test_contacts_synchronisation_alone_is_enough(simulator: Simulator, journal: Path) -> None:
    only = {"app_secret": simulator.application().contacts_secret, "contacts_secret": None}
    rows = [member(1), member(2)]
    first = run(simulator, NEW_DEPARTMENTS, rows, journal=journal, application=only)
    assert first.report.done == {"create-department": 3, "create-member": 2}
    assert steps(run(simulator, NEW_DEPARTMENTS, rows, journal=journal, application=only)) == []
    rows[0]["position"] = "经理"
    done = run(simulator, NEW_DEPARTMENTS, rows, journal=journal, application=only)
    assert steps(done) == ["update-member user1 成员1 (position)"]


def test_the_journal_holds_no_values_and_no_secrets(simulator: Simulator, journal: Path) -> None:
    run(simulator, NEW_DEPARTMENTS, [member(1)], journal=journal)
    assert journal.stat().st_mode & 0o777 == 0o600
    held = journal.read_bytes()
    assert b"user1" in held
    for value in ("成员1", "13900000001", "销售", *simulator.secrets()):
        assert value.encode() not in held


# When it ends in the middle.


def files(folder: Path, departments: Rows, members: Rows) -> list[str]:
    """Both as tables, and the arguments that name them."""
    arguments = []
    for name, rows in (("departments", departments), ("members", members)):
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, sorted({name for row in rows for name in row}))
            table.writeheader()
            for row in rows:
                table.writerow({k: ",".join(map(str, v)) if isinstance(v, list) else v for k, v in row.items()})
        arguments += [f"--{name}", str(path)]
    return arguments


COMMAND = ("-m", "wecom_connector.address_book")


def command(simulator: Simulator, *arguments: str, program: Sequence[str] = COMMAND) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *program, *arguments],
        env={**os.environ, **simulator.environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def done_once(simulator: Simulator, path: str, name: str) -> int:
    """How many things were done there; none of them twice."""
    counts = Counter(body[name] for body in bodies(simulator, path))
    assert set(counts.values()) <= {1}
    return len(counts)


def is_creation(request: Mapping[str, Any]) -> bool:
    return request.get("path") == "/cgi-bin/user/create" and request["errcode"] == 0


def test_killed_in_the_middle_the_next_run_goes_on(simulator: Simulator, journal: Path, tmp_path: Path) -> None:
    rows = [member(number, department=[20 + number % 3]) for number in range(300)]
    apply = [*files(tmp_path, NEW_DEPARTMENTS, rows), "--journal", str(journal), "--apply"]
    for seen in (1, 100, 200):
        with command(simulator, *apply) as process:
            while sum(map(is_creation, simulator.received)) < seen:
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
    assert 200 <= done_once(simulator, "user/create", "userid") < 300
    with command(simulator, *apply) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("done: ")
    assert done_once(simulator, "user/create", "userid") == 300
    assert done_once(simulator, "department/create", "id") == 3
    # Of those that the kills struck, number and address are not set once more.
    assert [*bodies(simulator, "user/update"), *bodies(simulator, "department/update")] == []
    # None was tried again. Only what broke off in the middle of a request came without a code.
    assert {request["errcode"] for request in simulator.at("user/create")} <= {0, None}
    with command(simulator, *apply) as process:
        assert process.communicate(timeout=60) == ("done: nothing\n", "")


def test_killed_while_deleting_nobody_is_deleted_twice(simulator: Simulator, journal: Path, tmp_path: Path) -> None:
    rows = [member(number) for number in range(500)]
    run(simulator, [*SEEDS, *NEW_DEPARTMENTS], full(*rows), journal=journal)
    apply = [*files(tmp_path, SEEDS, full()), "--journal", str(journal), "--delete-at-most", "500", "--apply"]
    # Four calls a second: the three batches come one by one.
    with command(simulator, *apply, "--calls-per-minute", "240") as process:
        while not any(request.get("path") == "/cgi-bin/user/batchdelete" for request in simulator.received):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert len(bodies(simulator, "user/batchdelete")) in (1, 2)
    with command(simulator, *apply) as process:
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    deleted = [user for body in bodies(simulator, "user/batchdelete") for user in body["useridlist"]]
    assert len(deleted) == len(set(deleted)) == 500
    assert {request["errcode"] for request in simulator.at("user/batchdelete")} == {0}


def test_killed_while_updating_nothing_is_set_twice(simulator: Simulator, journal: Path, tmp_path: Path) -> None:
    rows = [member(number, email=f"user{number}@example.com") for number in range(300)]
    run(simulator, NEW_DEPARTMENTS, rows, journal=journal)
    # What WeCom tells, what it does not, and both.
    changes: list[dict[str, Any]] = [{"position": "经理"}, {"mobile": "1380001{:04}"}, {"email": "new{}@example.com"}]
    for number, row in enumerate(rows):
        row.update({name: text.format(number) for name, text in changes[number % 3].items()})
    apply = [*files(tmp_path, NEW_DEPARTMENTS, rows), "--journal", str(journal), "--apply"]
    for seen in (1, 60, 120, 180, 240):
        with command(simulator, *apply) as process:
            while sum(request.get("path") == "/cgi-bin/user/update" for request in simulator.received) < seen:
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
    left = [journal, journal.with_name(f"{journal.name}-wal")]
    for path in left:
        assert path.stat().st_mode & 0o777 == 0o600
        assert not any(value in path.read_bytes() for value in ("经理".encode(), b"1380001", b"@example.com"))
    with command(simulator, *apply) as process:
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert done_once(simulator, "user/update", "userid") == 300
    with command(simulator, *apply) as process:
        assert process.communicate(timeout=60) == ("done: nothing\n", "")


class Killed(BaseException):
    """As if the process were gone: nothing catches it."""


def killed(*_: Any) -> None:
    raise Killed


@contextmanager
def dying() -> Iterator[None]:
    """What is inside is killed so. A group of tasks tells of it as a group."""
    try:
        yield
    except BaseException as end:
        if not all(isinstance(one, Killed) for one in getattr(end, "exceptions", [end])):
            raise
    else:
        pytest.fail("nothing was killed")


TWO = [NEW_DEPARTMENTS[1], NEW_DEPARTMENTS[2]]


@pytest.mark.parametrize(
    ("departments", "change", "path", "times"),
    [
        ([*TWO, NEW_DEPARTMENTS[0]], {}, "department/create", 1),
        ([TWO[0], {**TWO[1], "name": "北方"}], {}, "department/update", 1),
        (TWO, {"user_id": "user2"}, "user/create", 1),
        (TWO, {"position": "经理"}, "user/update", 1),
        (TWO, {"position": "经理", "mobile": "13800009999", "address": "北京"}, "user/update", 1),
        (TWO, {"department": [20, 21], "order": [1, 2]}, "user/update", 1),
        (TWO, {"direct_leader": ["zhangsan"]}, "user/update", 1),
        (TWO, {"enable": 0}, "user/update", 1),
        (TWO, {"mobile": "13800009999"}, "user/update", 1),
        (TWO, {"mobile": "13800009999", "address": "北京"}, "user/update", 1),
        (TWO, {"email": "one@example.com"}, "user/update", 1),
        # WeCom finds nobody by that: it is set once more, to the same.
        (TWO, {"address": "北京"}, "user/update", 2),
    ],
    ids=str,
)
def test_what_was_under_way_is_looked_up(
    monkeypatch: pytest.MonkeyPatch,
    simulator: Simulator,
    journal: Path,
    departments: Rows,
    change: dict[str, Any],
    path: str,
    times: int,
) -> None:
    """WeCom has done it, and the process is gone before it has the answer."""
    before = member(1, email="user1@example.com")
    run(simulator, TWO, [before], journal=journal)
    rows = [{**before, **change}] if change.get("user_id") != "user2" else [before, member(2, mobile="13900009999")]
    seen = len(bodies(simulator, path))
    with monkeypatch.context() as patch:
        patch.setattr(Store, "remember", killed)
        with dying():
            run(simulator, departments, rows, journal=journal)
    run(simulator, departments, rows, journal=journal)
    assert len(bodies(simulator, path)[seen:]) == times
    assert steps(run(simulator, departments, rows, journal=journal)) == []


@pytest.mark.parametrize("change", [{"position": "经理"}, {"mobile": "13800009999"}, {"user_id": "user2"}], ids=str)
def test_what_was_under_way_and_did_not_happen_is_done(
    monkeypatch: pytest.MonkeyPatch, simulator: Simulator, journal: Path, change: dict[str, Any]
) -> None:
    """The process is gone before WeCom has it."""
    run(simulator, TWO, [member(1)], journal=journal)
    begin = Store.begin

    def begun(*given: Any) -> None:
        begin(*given)
        raise Killed

    wanted = {**member(1), "mobile": "13800009999", **change}
    before = len(bodies(simulator, "user/create"))
    with monkeypatch.context() as patch:
        patch.setattr(Store, "begin", begun)
        with dying():
            run(simulator, TWO, [wanted], journal=journal)
    assert len(run(simulator, TWO, [wanted], journal=journal).report.done) == 1
    assert len([*bodies(simulator, "user/create")[before:], *bodies(simulator, "user/update")]) == 1
    found = get(simulator, "get-member-id-by-mobile", mobile="13800009999")
    assert found["user_id"] == wanted["user_id"]
    assert get(simulator, "get-member", user_id=wanted["user_id"])["position"] == wanted["position"]


def test_one_who_was_created_by_other_hands_meanwhile_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, simulator: Simulator, journal: Path
) -> None:
    """That a member is there shows nothing, where WeCom said so to the creation."""
    run(simulator, TWO, None, journal=journal)

    def meanwhile() -> None:
        get(simulator, "create-member", user_id="user1", name="成员1", mobile="13911111111", department=[20])

    with monkeypatch.context() as patch:
        patch.setattr(Applier, "_update", killed)
        with dying():
            run(simulator, TWO, [member(1, position=None)], journal=journal, between=meanwhile)
    run(simulator, TWO, [member(1, position=None)], journal=journal)
    assert get(simulator, "get-member-id-by-mobile", mobile="13900000001")["user_id"] == "user1"


LOST: Any = [{"lose": "reply"}]


def test_a_lost_answer_is_looked_up(simulator: Simulator, journal: Path) -> None:
    book = {"in_flight": 1}
    done = run(
        simulator,
        [NEW_DEPARTMENTS[1]],
        [member(1)],
        journal=journal,
        book=book,
        between=lambda: simulator.order("faults", LOST),
    )
    assert not done.report.failures
    assert done.report.calls["get-department"] == 1
    assert done.report.calls["create-department"] == 1
    assert done_once(simulator, "department/create", "id") == 1
    done = run(simulator, None, [member(1), member(2)], book=book, between=lambda: simulator.order("faults", LOST))
    assert done.report.calls["get-member"] == 1
    assert done.report.calls["create-member"] == 1
    assert done.report.done == {"create-member": 1}


def test_a_creation_that_did_not_happen_is_made_again(simulator: Simulator, journal: Path) -> None:
    # As from a gateway, of which nobody knows what it has passed on.
    done = run(
        simulator,
        [NEW_DEPARTMENTS[1]],
        [member(1)],
        journal=journal,
        between=lambda: simulator.order("faults", [{"status": 502}, {"lose": "request"}]),
    )
    assert done.report.done == {"create-department": 1, "create-member": 1}
    assert done_once(simulator, "department/create", "id") == 1


def test_deletions_whose_answer_is_lost_are_done(simulator: Simulator, journal: Path) -> None:
    run(simulator, [*SEEDS, NEW_DEPARTMENTS[1]], full(member(1), member(2)), journal=journal)
    done = run(
        simulator,
        SEEDS,
        full(),
        journal=journal,
        delete_at_most=2,
        between=lambda: simulator.order("faults", LOST),
    )
    assert done.report.done == {"delete-member": 2, "delete-department": 1}
    assert not done.report.failures
    assert [request["errcode"] for request in simulator.at("user/batchdelete")] == [0, 60111]


def test_one_who_was_created_by_other_hands_becomes_what_the_source_says(simulator: Simulator, journal: Path) -> None:
    def meanwhile() -> None:
        get(simulator, "create-member", user_id="USER1", name="别人", mobile="13911111111", department=[20])

    run(simulator, [NEW_DEPARTMENTS[1]], None, journal=journal)
    done = run(simulator, None, [member(1)], journal=journal, between=meanwhile)
    assert done.report.done == {"create-member": 1}
    assert get(simulator, "get-member", user_id="user1")["name"] == "成员1"
    assert steps(run(simulator, None, [member(1)], journal=journal)) == []


# How often WeCom is called.


class Time:
    """A clock that goes as one waits: that of the client, and that of the simulator with it."""

    def __init__(self, simulator: Simulator | None = None) -> None:
        self.now = 1000.0
        self.told = math.floor(self.now)
        self.simulator = simulator

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.simulator and math.floor(self.now) > self.told:
            self.simulator.order("clock", {"advance": math.floor(self.now) - self.told})
            self.told = math.floor(self.now)


@pytest.mark.parametrize("per_minute", [2, 60, 500, 9000])
def test_no_minute_has_more_calls_than_allowed(per_minute: int) -> None:
    clock = Time()
    pace = Pace(per_minute, 10**9, clock=lambda: clock.now, sleep=clock.sleep)
    called: list[float] = []

    async def main() -> None:
        for number in range(4 * per_minute):
            if number % 100 == 99:
                # Something else took its time.
                clock.now += 7 * MINUTE / per_minute
            await pace.turn()
            called.append(clock.now)

    anyio.run(main)
    first = 0
    for last, now in enumerate(called):
        while called[first] <= now - MINUTE:
            first += 1
        assert last - first + 1 <= per_minute
    # It is used, too: but for one call and a second's worth.
    took = called[-1] - called[0]
    assert took < 4 * MINUTE * per_minute / max(per_minute - 1 - per_minute // 60, 1) * 1.1


def test_no_hour_has_more_calls_than_allowed() -> None:
    clock = Time()
    pace = Pace(600, 1000, clock=lambda: clock.now, sleep=clock.sleep)
    called: list[float] = []

    async def main() -> None:
        for _ in range(2500):
            await pace.turn()
            called.append(clock.now)

    anyio.run(main)
    assert all(called[at + 1000] - called[at] >= HOUR for at in range(1500))
    assert called[-1] - called[0] < 2 * (HOUR + 3 * MINUTE)


@pytest.mark.parametrize("per_minute", [100, 100_000])
def test_the_limit_of_a_minute(monkeypatch: pytest.MonkeyPatch, journal: Path, per_minute: int) -> None:
    rows = [member(number) for number in range(250)]
    with simulating("--calls-per-minute", "110") as simulator:
        clock = Time(simulator)
        monkeypatch.setattr(_book, "Pace", partial(Pace, clock=lambda: clock.now, sleep=clock.sleep))
        book = {"calls_per_minute": per_minute, "in_flight": 8}
        done = run(simulator, NEW_DEPARTMENTS, rows, journal=journal, book=book)
        assert done.report.done == {"create-department": 3, "create-member": 250}
        assert not done.report.failures
        assert done_once(simulator, "user/create", "userid") == 250
        refused = [request for request in simulator.at("user/create") if request["errcode"] == 45009]
    if per_minute == 100:
        assert refused == []
    else:
        # Whoever is on the way when the limit is reached, and nobody more.
        assert 0 < len(refused) <= 2 * 8
    assert clock.now - 1000 > 2 * MINUTE


# What is wrong with the source is said before anything is done.

WRONG_MEMBERS: list[tuple[Any, str]] = [
    ({"user_id": "张三", "name": "a", "department": [20]}, "user_id "),
    ({"name": "a", "department": [20]}, "user_id is required"),
    ({"user_id": "a", "department": [20]}, "name is required"),
    ({"user_id": "a", "name": "a", "department": [20]}, "mobile is required where `email` is left out"),
    ({"user_id": "a", "name": "a"}, "department is required"),
    (member(1, department=[]), "department "),
    (member(1, department=["x"]), "department/0 "),
    (member(1, color="red"), "color "),
    (member(1, gender=3), "gender "),
    (member(1, order=[1, 2]), "order"),
    (member(1, name=object()), "name must be a str"),
    (member(1, department=[99]), "department 99 is not in the source, nor the top, 1"),
    (member(1, direct_leader=["b"]), "direct_leader b is neither"),
    (member(1, user_id="USER0"), "user_id USER0 is that of members:1, too"),
    (["a"], "must be an object"),
]


@pytest.mark.parametrize(("row", "words"), WRONG_MEMBERS, ids=lambda value: str(value)[:40])
def test_a_wrong_member_is_named(simulator: Simulator, row: Any, words: str) -> None:
    with pytest.raises(SourceError) as raised:
        run(simulator, NEW_DEPARTMENTS, [member(0), row, member(9)])
    [fault] = raised.value.faults
    assert fault.place == "members:2"
    assert words in fault.message.en
    assert fault.message.zh
    nothing_was_changed(simulator)


WRONG_DEPARTMENTS: list[tuple[Rows, str]] = [
    ([{"id": 7, "parent_id": 6, "name": "a"}], "departments:1: parent_id 6 is not in the source, nor the top, 1"),
    ([{"id": 1, "parent_id": 1, "name": "a"}], "departments:1: id "),
    ([{"parent_id": 1, "name": "a"}], "departments:1: id is required"),
    ([{"id": 7, "parent_id": 1, "name": "a:b"}], "departments:1: name "),
    (
        [{"id": 7, "parent_id": 1, "name": "a"}, {"id": 7, "parent_id": 1, "name": "b"}],
        "departments:2: id 7 is that of departments:1, too",
    ),
    (
        [{"id": 7, "parent_id": 1, "name": "a"}, {"id": 8, "parent_id": 1, "name": "a"}],
        "departments:2: name is that of departments:1, too",
    ),
    (
        [{"id": 7, "parent_id": 8, "name": "a"}, {"id": 8, "parent_id": 7, "name": "b"}],
        "departments:1: id 7 is below itself\ndepartments:2: id 8 is below itself",
    ),
    ([{"id": 7, "parent_id": 7, "name": "a"}], "departments:1: id 7 is below itself"),
    ([{"id": 7, "parent_id": 1, "name": "研发部"}], "department 7: the name 研发部 is that of department 2"),
]


@pytest.mark.parametrize(("rows", "words"), WRONG_DEPARTMENTS, ids=lambda value: str(value)[:40])
def test_wrong_departments_are_named(simulator: Simulator, rows: Rows, words: str) -> None:
    with pytest.raises(SourceError) as raised:
        run(simulator, rows, None)
    assert words in str(raised.value)
    nothing_was_changed(simulator)


def nothing_was_changed(simulator: Simulator) -> None:
    time.sleep(0.3)
    assert {request["path"].removeprefix("/cgi-bin/") for request in simulator.received} <= READS


def test_what_breaks_a_rule_is_said_before_anything_is_asked(simulator: Simulator) -> None:
    rows = [member(number, mobile="1\n2") for number in range(30)]
    with pytest.raises(SourceError) as raised:
        run(simulator, NEW_DEPARTMENTS, rows)
    assert len(raised.value.faults) == 20
    assert str(raised.value).endswith("\nand 10 more")
    time.sleep(0.3)
    assert simulator.received == []


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.csv", "id,parent_id,name\n7,1,a\n8,1,b,c\n", "a.csv:3: has 4 cells for 3 fields"),
        ("a.csv", "id,id\n7,1\n", "a.csv:1: must name the fields, each once"),
        ("a.csv", "", "a.csv:1: must name the fields, each once"),
        ("a.csv", 'id,parent_id,name\n7,1,"a\n', "a.csv:2: is no CSV"),
        ("a.csv", "id,parent_id,name\n7,one,a\n", "a.csv:2: parent_id "),
        ("a.jsonl", '{"id": 7, "parent_id": 1, "name": "a"}\n\n{"id"\n', "a.jsonl:3: is no JSON"),
        ("a.jsonl", "[1]\n", "a.jsonl:1: must be an object"),
        ("a.jsonl", b"\xff\n", "a.jsonl:1: or a line near it is not UTF-8"),
    ],
)
def test_a_wrong_line_of_a_file_is_named(
    simulator: Simulator, tmp_path: Path, name: str, content: str | bytes, fault: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SourceError) as raised:
        run(simulator, read_rows(path), None)
    assert str(raised.value).startswith(fault)
    time.sleep(0.3)
    assert simulator.received == []


def test_files_say_what_rows_say(simulator: Simulator, tmp_path: Path, journal: Path) -> None:
    (tmp_path / "d.csv").write_text("\ufeffid, parent_id,name,order\r\n20,1,销售中心,\r\n", encoding="utf-8")
    lines = [member(1, department=[20], order=[3]), member(2)]
    (tmp_path / "m.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    run(simulator, read_rows(tmp_path / "d.csv"), read_rows(tmp_path / "m.jsonl"), journal=journal)
    [department] = bodies(simulator, "department/create")
    assert department == {"id": 20, "parentid": 1, "name": "销售中心"}
    (tmp_path / "m.csv").write_text(
        "user_id,name,department,order,mobile,position\nuser1,成员1,20,3,13900000001,销售\n"
        'user2,成员2,"20",,13900000002,销售\n'
    )
    tables = [read_rows(tmp_path / name) for name in ("d.csv", "m.csv")]
    assert steps(run(simulator, *tables, journal=journal)) == []


# The journal.


def test_a_journal_is_one_enterprise_s_and_one_run_s(simulator: Simulator, journal: Path, tmp_path: Path) -> None:
    async def main() -> None:
        async with AsyncWeComConnector(simulator.application()) as wecom:
            with AddressBook(wecom, journal=journal), pytest.raises(JournalError, match="in use by another run"):
                AddressBook(wecom, journal=journal)
            other = simulator.application(corp_id="ww2")
            with pytest.raises(JournalError, match="another enterprise"):
                AddressBook(wecom, other, journal=journal)
            (tmp_path / "text").write_text("no journal, but a text that somebody needs\n" * 100)
            with pytest.raises(JournalError, match="not a database"):
                AddressBook(wecom, journal=tmp_path / "text")
            with pytest.raises(JournalError, match="No such file"):
                AddressBook(wecom, journal=tmp_path / "none" / "book")

    anyio.run(main)
    assert (tmp_path / "text").read_text().startswith("no journal")


BREAKS = {
    "PRAGMA query_only = ON": "attempt to write a readonly database",
    "PRAGMA max_page_count = 1": "database or disk is full",
}


@pytest.mark.parametrize(("pragma", "words"), BREAKS.items())
def test_a_journal_that_breaks_in_the_middle(simulator: Simulator, journal: Path, pragma: str, words: str) -> None:
    # Marks that fill more pages than the file has.
    rows = [member(number, address="北京市" * 20) for number in range(200)]

    async def main() -> None:
        async with AsyncWeComConnector(simulator.application()) as wecom:
            with AddressBook(wecom, journal=journal) as book:
                plan = await book.compare(NEW_DEPARTMENTS, rows)
                book._store._db.run(pragma)
                await book.apply(plan)

    with pytest.raises(JournalError, match=rf"book\.journal or a temporary file .*: {words}\. What was done") as raised:
        anyio.run(main)
    assert words in raised.value.message.zh
    # What could not be marked has not been sent; and the next run goes on.
    done = run(simulator, NEW_DEPARTMENTS, rows, journal=journal)
    assert not done.report.failures
    assert done_once(simulator, "user/create", "userid") == 200
    assert done_once(simulator, "department/create", "id") == 3
    assert bodies(simulator, "user/update") == []


FULL = """
import resource, sys
from wecom_connector.address_book import AddressBook, __main__

# Of no file more can be written from then on: of the journal, or of a temporary one.
most, compare = int(sys.argv.pop(1)), AddressBook.compare

async def full(*arguments, **options):
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    return await compare(*arguments, **options)

AddressBook.compare = full
sys.exit(__main__.main())
"""


def test_a_full_disk_is_one_line(simulator: Simulator, journal: Path, tmp_path: Path) -> None:
    rows = [member(number) for number in range(300)]
    apply = [*files(tmp_path, NEW_DEPARTMENTS, rows), "--journal", str(journal), "--apply"]
    for kib in (1, 60, 200):
        with command(simulator, *apply, program=["-c", FULL, str(kib * 1024)]) as process:
            _, err = process.communicate(timeout=60)
        assert process.returncode == 2, err
        assert str(journal) in err
        assert len(err.splitlines()) == 1, err
    with command(simulator, *apply) as process:
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert done_once(simulator, "user/create", "userid") == 300
    assert bodies(simulator, "user/update") == []


def test_a_journal_in_use_or_read_only_is_one_line(simulator: Simulator, journal: Path, table: list[str]) -> None:
    apply = [*table, "--journal", str(journal), "--apply"]
    with closing(sqlite3.connect(journal)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with command(simulator, *apply) as process:
            _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (2, f"the journal {journal} is in use by another run\n")
    journal.unlink()
    # As root writes everywhere, it is a folder.
    journal.mkdir()
    with command(simulator, *apply) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.startswith(f"the journal {journal}: ")
    assert len(err.splitlines()) == 1
    nothing_was_changed(simulator)


def test_an_error_of_the_source_s_own_database_is_not_the_journal_s(simulator: Simulator, journal: Path) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield from sqlite3.connect(":memory:").execute("SELECT id FROM department")

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        run(simulator, rows(), None, journal=journal)


def test_a_plan_is_applied_once_and_not_after_another_comparison(simulator: Simulator) -> None:
    async def main() -> None:
        async with AsyncWeComConnector(simulator.application()) as wecom:
            with AddressBook(wecom) as book:
                before = await book.compare(NEW_DEPARTMENTS, None)
                plan = await book.compare(NEW_DEPARTMENTS, None)
                for wrong in (before, plan, plan):
                    if wrong is plan and plan.counts and not book.calls["create-department"]:
                        await book.apply(plan)
                        continue
                    with pytest.raises(ValueError, match="the last comparison"):
                        await book.apply(wrong)

    anyio.run(main)


def test_a_wrong_secret_ends_it_at_once(simulator: Simulator) -> None:
    with pytest.raises(Rejected, match="40001"):
        run(simulator, NEW_DEPARTMENTS, [member(1)], application={"contacts_secret": "SIMULATED-wrong"})


# The command.


@pytest.fixture
def table(tmp_path: Path) -> list[str]:
    return files(tmp_path, NEW_DEPARTMENTS[1:], [member(1)])


def test_the_command_says_what_it_would_do(simulator: Simulator, table: list[str]) -> None:
    with command(simulator, *table) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.splitlines() == [
        "create-department 20 销售中心 (name, name_en, parent_id)",
        "create-department 21 华北 (name, parent_id)",
        "create-member user1 成员1 (department, mobile, name, position)",
        "to do: 2 create-department, 1 create-member",
        "not in the files, and stay: 4 departments, 7 members",
        "Nothing was changed: --apply does it.",
    ]
    nothing_was_changed(simulator)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([], 2, "--departments or --members is needed"),
        (["--members", "none.csv"], 2, "none.csv"),
        (["--members", os.devnull, "--delete-at-most", "99%"], 2, "members: the source has no rows"),
        (["--delete-at-most", "all"], 2, "delete_at_most is a number from 0 up"),
        (["--delete-at-most", "6"], 1, "7 of 7 members would be deleted, and at most 6 may be"),
        (["--top", "99"], 2, "there is no department 99"),
        (["--calls-per-minute", "1"], 2, "is a whole number from 2 up"),
        (["--language", "zh", "--top", "99"], 2, "没有部门99"),
    ],
)
def test_the_command_says_what_is_wrong(
    simulator: Simulator, table: list[str], arguments: list[str], status: int, words: str
) -> None:
    given = arguments if not arguments or "--members" in arguments else [*table, *arguments]
    with command(simulator, *given) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == status
    assert words in err
    assert "Traceback" not in err
    nothing_was_changed(simulator)
