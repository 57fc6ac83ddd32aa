"""What it takes to bring a large address book into step: time, calls, calls in a minute, memory.

A process of its own does it, against the simulator with WeCom's limit: the first run is killed in the middle with
`kill -9`, the next one goes on, another one finds nothing to do. Then a hundredth of the members is changed and a
hundredth deleted, in two runs, since the first one is killed in the middle of the changes.

It says no, with status 1, where something was done twice (created, set to what it is already, or deleted), where
something is left to do, where there were more calls than WeCom allows, and where memory is not flat: where a run takes
`--growth` more of it than the same run with a tenth of the members, or where the system does not tell (Linux does).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MINUTE = 60
LIMIT = 10_000
REPOSITORY = Path(__file__).resolve().parents[3]
HOST_TEST = Path(os.environ.get("WECOM_HOST_TEST") or REPOSITORY / "target" / "debug" / "host-test")
CREATE, UPDATE = "user/create", "user/update"
WRITES = ("/create", "/update", "/delete", "/batchdelete")
TOO_MANY_CALLS = 45009
NOTHING_TO_DO = "nothing to do"
FEWEST = 200
"""Members of whom a hundredth are two: one is changed before the kill, and one after it."""
SHOWN = 10
"""How many of the things that are wrong are told."""
OWN_MEMBERS = ("admin", "zhangsan", "LiSi", "wangwu", "zhaoliu@example.com", "sunqi", "zhouba")


@dataclass
class Window:
    """Calls within some seconds, and how many there were at the worst time."""

    seconds: float
    times: deque[float] = field(default_factory=deque)
    most: int = 0

    def add(self, now: float) -> None:
        self.times.append(now)
        while self.times[0] <= now - self.seconds:
            self.times.popleft()
        self.most = max(self.most, len(self.times))


class Ledger:
    """What the simulator says it was asked. It says so up to a tenth of a second late."""

    def __init__(self, window: float) -> None:
        self.done: Counter[str] = Counter()
        self.refused: Counter[int] = Counter()
        self.window = window
        self.per_api: dict[str, Window] = {}
        self.all = Window(window)
        self.there: dict[tuple[str, Any], dict[str, Any]] = {}
        self.twice: Counter[str] = Counter()
        self.last = time.monotonic()

    def add(self, request: dict[str, Any]) -> None:
        now = self.last = time.monotonic()
        api = request["path"].removeprefix("/cgi-bin/")
        if api == "gettoken":
            return
        self.all.add(now)
        self.per_api.setdefault(api, Window(self.window)).add(now)
        if request["errcode"] != 0:
            self.refused[request["errcode"]] += 1
            return
        self.done[api] += 1
        body = json.loads(request["body"] or "{}")
        who = api.partition("/")[0], body.get("userid") or body.get("id")
        if api.endswith(("/create", "/update")):
            known = self.there.setdefault(who, {})
            # What changes nothing has been done before.
            self.twice[api] += known.items() >= body.items()
            known.update(body)
        for user in body.get("useridlist", []):
            self.twice[api] += self.there.pop(("user", user), None) is None

    def calls(self) -> int:
        return self.done.total() + self.refused.total()

    def writes(self) -> int:
        return sum(count for api, count in self.done.items() if api.endswith(WRITES))

    def settle(self) -> None:
        while time.monotonic() - self.last < 1:
            time.sleep(0.1)


def departments(count: int) -> Iterator[dict[str, Any]]:
    """A tree of four levels or so: each department has ten below it."""
    for number in range(count):
        parent = 1 if number < 10 else 100 + (number - 10) // 10
        yield {"id": 100 + number, "parent_id": parent, "name": f"部门{number}"}


def members(count: int, spread: int, *, changed: int = 0, gone: int = 0) -> Iterator[dict[str, Any]]:
    for number in range(count - gone):
        yield {
            "user_id": f"user{number}",
            "name": f"成员{number}",
            "department": [100 + number % spread],
            # Of every other one what WeCom tells, of the others what it does not.
            "position": "高级工程师" if number < changed and number % 2 else "工程师",
            "mobile": f"137{number:08}" if number < changed and not number % 2 else f"139{number:08}",
            "email": f"user{number}@example.com",
        }


def write(path: Path, rows: Iterator[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return path


@dataclass
class Run:
    """A run of the command."""

    seconds: float
    calls: int
    writes: int
    peak_mib: float


def run(
    ledger: Ledger, environment: dict[str, str], arguments: list[str], kill_at: tuple[str, int] | None = None
) -> Run:
    calls, writes, began = ledger.calls(), ledger.writes(), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "wecom_connector.address_book", *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    ended = threading.Event()
    peak = 0

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.01):
            peak = max(peak, peak_kib(process.pid))
            if kill_at is not None and ledger.done[kill_at[0]] >= kill_at[1]:
                process.send_signal(signal.SIGKILL)
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    process.wait()
    ended.set()
    watcher.join()
    seconds = time.monotonic() - began
    if process.returncode != (-signal.SIGKILL if kill_at else 0):
        sys.exit(f"address_book.py: the command ended with {process.returncode}")
    ledger.settle()
    return Run(seconds, ledger.calls() - calls, ledger.writes() - writes, peak / 1024)


def peak_kib(process: int) -> int:
    """The most memory that it has had. `wait4` would count what this one had when it was started."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


@contextmanager
def simulating(ledger: Ledger, *options: str) -> Iterator[dict[str, str]]:
    """A simulator that tells the ledger what it is asked: the environment of whoever asks it."""
    command = [str(HOST_TEST), "simulator", "--strict", "--port", "0", "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as simulator:
        try:
            lines = simulator.stdout
            assert lines
            environment = {**os.environ, **json.loads(lines.readline())["environment"]}
            threading.Thread(target=lambda: [*map(ledger.add, map(json.loads, lines))], daemon=True).start()
            yield environment
        finally:
            simulator.kill()


@dataclass
class Play:
    """All runs with so many members."""

    members: int
    departments: int
    runs: dict[str, Run]
    ledger: Ledger
    journal_mib: float


def play(options: argparse.Namespace, count: int, spread: int) -> Play:
    share = count // 100
    ledger = Ledger(options.window)
    with (
        tempfile.TemporaryDirectory() as name,
        simulating(ledger, "--calls-per-minute", str(options.limit)) as environment,
    ):
        folder = Path(name)
        tree = write(folder / "departments.jsonl", departments(spread))
        full = write(folder / "members.jsonl", members(count, spread))
        later = write(folder / "later.jsonl", members(count, spread, changed=share, gone=share))
        given = ["--apply", "--departments", str(tree), "--journal", str(folder / "journal")]
        given += ["--calls-per-minute", str(options.calls_per_minute)]
        # The simulator's own members stay.
        keep = [f"--keep-member={user}" for user in OWN_MEMBERS] + [
            f"--keep-department={number}" for number in range(2, 6)
        ]
        deleting = [*given, "--members", str(later), "--delete-at-most", str(share), *keep]
        creating = [*given, "--members", str(full)]
        runs = {
            "killed in the middle": run(ledger, environment, creating, (CREATE, count // 2)),
            "goes on to the end": run(ledger, environment, creating),
            NOTHING_TO_DO: run(ledger, environment, creating),
            "a hundredth to change: killed": run(ledger, environment, deleting, (UPDATE, max(share // 2, 1))),
            "goes on, a hundredth to delete": run(ledger, environment, deleting),
        }
        size = (folder / "journal").stat().st_size / 2**20
    return Play(count, spread, runs, ledger, size)


def compared(count: int) -> Run:
    """A dry run, which takes few calls whatever the number of members."""
    ledger = Ledger(MINUTE)
    with tempfile.TemporaryDirectory() as name, simulating(ledger) as environment:
        tree = write(Path(name) / "departments.jsonl", departments(300))
        rows = write(Path(name) / "members.jsonl", members(count, 300))
        return run(ledger, environment, ["--departments", str(tree), "--members", str(rows)])


def tell(played: Play, options: argparse.Namespace) -> None:
    ledger = played.ledger
    print(f"{played.members} members in {played.departments} departments, {options.calls_per_minute} calls a minute")
    for what, one in played.runs.items():
        print(f"  {what:30} {one.seconds:7.0f} s {one.calls:8} calls {one.peak_mib:6.0f} MiB at its peak")
    most, api = max((window.most, api) for api, window in ledger.per_api.items())
    print(f"  most calls in any {ledger.window:g} s: {ledger.all.most}, of one API {most} ({api})")
    print(f"  refused: {dict(ledger.refused) or 'nothing'}; done twice: {dict(+ledger.twice) or 'nothing'}")
    print(
        f"  created: {ledger.done[CREATE]}, changed: {ledger.done[UPDATE]}; the journal: {played.journal_mib:.1f} MiB"
    )


def wrong_in(played: Play, limit: int) -> Iterator[str]:
    """What is not as it has to be, whatever the machine."""
    ledger, share = played.ledger, played.members // 100
    for api, times in (+ledger.twice).items():
        yield f"{times} times something was done twice by {api}"
    for api, wanted in ((CREATE, played.members), (UPDATE, share)):
        if ledger.done[api] != wanted:
            yield f"{wanted} calls of {api} were wanted, and {ledger.done[api]} were made"
    if writes := played.runs[NOTHING_TO_DO].writes:
        yield f"{writes} writes where there was nothing to do"
    left = ledger.there.copy()
    for row in departments(played.departments):
        if left.pop(("department", row["id"]), {}).get("name") != row["name"]:
            yield f"department {row['id']} is not as it shall be"
    for row in members(played.members, played.departments, changed=share, gone=share):
        there = left.pop(("user", row["user_id"]), {})
        if any(there.get(name) != row[name] for name in ("name", "department", "position", "mobile", "email")):
            yield f"{row['user_id']} is not as it shall be"
    for area, who in left:
        yield f"{area} {who} should have gone"
    for api, window in ledger.per_api.items():
        if window.most > limit * window.seconds / MINUTE:
            yield f"{window.most} calls of {api} within {window.seconds:g} s, and WeCom allows {limit} a minute"
    if ledger.refused[TOO_MANY_CALLS]:
        yield f"WeCom refused {ledger.refused[TOO_MANY_CALLS]} calls, since there were too many"


def not_flat(what: str, large: Run, small: Run, growth: float) -> Iterator[str]:
    if not (large.peak_mib and small.peak_mib):
        yield f"{what}: how much memory it took is not known: this system has no VmHWM in /proc/PID/status"
    elif (more := large.peak_mib - small.peak_mib) > growth:
        yield f"{what}: {more:.1f} MiB more than with few members, and {growth:g} are allowed"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--departments", type=int, default=3000)
    parser.add_argument("--calls-per-minute", type=int, default=9000, help="the command's own pace")
    parser.add_argument("--limit", type=int, default=LIMIT, help="calls of an API in a minute that WeCom allows")
    parser.add_argument("--window", type=float, default=MINUTE, help="seconds that calls are counted in")
    parser.add_argument(
        "--compared", type=int, default=0, help="compare so many members besides, without creating them: that is quick"
    )
    parser.add_argument("--growth", type=float, default=16, help="MiB that memory may grow by, from a tenth to all")
    options = parser.parse_args()
    small = play(options, max(options.members // 10, FEWEST), max(options.departments // 10, 1))
    large = play(options, options.members, options.departments)
    wrong: list[str] = []
    for played in (small, large):
        tell(played, options)
        wrong += wrong_in(played, options.limit)
    for what, one in large.runs.items():
        wrong += not_flat(what, one, small.runs[what], options.growth)
    if options.compared:
        few, many = (compared(count) for count in (options.compared // 10, options.compared))
        print(f"{options.compared} members compared: {many.peak_mib:.0f} MiB at its peak, a tenth: {few.peak_mib:.0f}")
        wrong += not_flat("comparing", many, few, options.growth)
    for line in wrong[:SHOWN]:
        print(f"address_book.py: {line}", file=sys.stderr)
    if wrong:
        sys.exit(f"address_book.py: {len(wrong)} things are wrong")


if __name__ == "__main__":
    main()
