"""What it takes to bring a large address book into step: time, calls, calls in a minute, memory.

A process of its own does it, against the simulator with WeCom's limit: the first run is killed in the middle with
`kill -9`, the next one goes on, another one finds nothing to do. Then a hundredth of the members is changed and a
hundredth deleted, in two runs, since the first one is killed in the middle of the changes. Nothing may be done twice:
created, set to what it is already, or deleted.
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
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MINUTE = 60
LIMIT = 10_000
REPOSITORY = Path(__file__).resolve().parents[3]
HOST_TEST = Path(os.environ.get("WECOM_HOST_TEST") or REPOSITORY / "target" / "debug" / "host-test")
CREATE, UPDATE = "user/create", "user/update"
OWN_MEMBERS = ("admin", "zhangsan", "LiSi", "wangwu", "zhaoliu@example.com", "sunqi", "zhouba")


@dataclass
class Window:
    """Calls within a minute, and how many there were in the worst one."""

    times: deque[float] = field(default_factory=deque)
    most: int = 0

    def add(self, now: float) -> None:
        self.times.append(now)
        while self.times[0] <= now - MINUTE:
            self.times.popleft()
        self.most = max(self.most, len(self.times))


class Ledger:
    """What the simulator says it was asked. It says so up to a tenth of a second late."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.refused: Counter[int] = Counter()
        self.per_api: dict[str, Window] = {}
        self.all = Window()
        self.there: dict[tuple[str, Any], dict[str, Any]] = {}
        self.twice: Counter[str] = Counter()
        self.last = time.monotonic()

    def add(self, request: dict[str, Any]) -> None:
        now = self.last = time.monotonic()
        api = request["path"].removeprefix("/cgi-bin/")
        if api == "gettoken":
            return
        self.all.add(now)
        self.per_api.setdefault(api, Window()).add(now)
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
    peak_mib: float


def run(
    ledger: Ledger, environment: dict[str, str], arguments: list[str], kill_at: tuple[str, int] | None = None
) -> Run:
    before, began = ledger.calls(), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "wecom_connector.address_book", "--apply", *arguments],
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
    assert process.returncode == (-signal.SIGKILL if kill_at else 0), process.returncode
    ledger.settle()
    return Run(seconds, ledger.calls() - before, peak / 1024)


def peak_kib(process: int) -> int:
    """The most memory that it has had. `wait4` would count what this one had when it was started."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--departments", type=int, default=3000)
    parser.add_argument("--calls-per-minute", type=int, default=9000)
    options = parser.parse_args()
    share = options.members // 100
    command = [str(HOST_TEST), "simulator", "--strict", "--port", "0", "--json", "--calls-per-minute", str(LIMIT)]
    ledger = Ledger()
    with (
        tempfile.TemporaryDirectory() as name,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as simulator,
        ExitStack() as stack,
    ):
        stack.callback(simulator.kill)
        assert simulator.stdout
        environment = {**os.environ, **json.loads(simulator.stdout.readline())["environment"]}
        lines = simulator.stdout
        reader = threading.Thread(target=lambda: [*map(ledger.add, map(json.loads, lines))], daemon=True)
        reader.start()
        folder = Path(name)
        tree = write(folder / "departments.jsonl", departments(options.departments))
        full = write(folder / "members.jsonl", members(options.members, options.departments))
        later = write(folder / "later.jsonl", members(options.members, options.departments, changed=share, gone=share))
        given = ["--departments", str(tree), "--journal", str(folder / "journal")]
        given += ["--calls-per-minute", str(options.calls_per_minute)]
        # The simulator's own members stay.
        keep = [f"--keep-member={user}" for user in OWN_MEMBERS] + [
            f"--keep-department={number}" for number in range(2, 6)
        ]
        deleting = [*given, "--members", str(later), "--delete-at-most", str(share), *keep]
        creating = [*given, "--members", str(full)]
        runs = {
            "killed in the middle": run(ledger, environment, creating, (CREATE, options.members // 2)),
            "goes on to the end": run(ledger, environment, creating),
            "nothing to do": run(ledger, environment, creating),
            f"{share} to change: killed": run(ledger, environment, deleting, (UPDATE, share // 2)),
            f"goes on, {share} to delete": run(ledger, environment, deleting),
        }
        size = (folder / "journal").stat().st_size / 2**20
    print(f"{options.members} members in {options.departments} departments, {options.calls_per_minute} calls a minute")
    for what, one in runs.items():
        print(f"  {what:28} {one.seconds:7.0f} s {one.calls:8} calls {one.peak_mib:6.0f} MiB at its peak")
    most, api = max((window.most, api) for api, window in ledger.per_api.items())
    print(f"  most calls in any minute: {ledger.all.most}, of one API {most} ({api})")
    print(f"  refused: {dict(ledger.refused) or 'nothing'}; done twice: {dict(+ledger.twice) or 'nothing'}")
    print(f"  created: {ledger.done[CREATE]}, changed: {ledger.done[UPDATE]}; the journal: {size:.1f} MiB")
    assert not +ledger.twice
    assert ledger.done[CREATE] == options.members
    assert ledger.done[UPDATE] == share


if __name__ == "__main__":
    main()
