"""The samples of the README, as they stand there."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from conftest import Simulator

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(name: str, simulator: Simulator, folder: Path | None = None) -> list[str]:
    environment = {**os.environ, **simulator.environment()}
    command = [sys.executable, str(EXAMPLES / name)]
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()


def test_send(simulator: Simulator) -> None:
    assert run("send.py", simulator) == ["not reached: ['nobody']", "not-found 81013"]


def test_send_async(simulator: Simulator) -> None:
    *sent, refused = sorted(run("send_async.py", simulator), key=lambda line: line.startswith("nobody"))
    assert sorted(sent) == ["lisi: sent", "zhangsan: sent"]
    assert refused.startswith("nobody: push-text-message: ")
    assert "81013" in refused
    assert len(simulator.at("gettoken")) == 1


def test_address_book(simulator: Simulator, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "hr.db") as hr:
        hr.execute("CREATE TABLE department (id INTEGER, parent_id INTEGER, name TEXT)")
        hr.execute("CREATE TABLE person (login TEXT, name TEXT, department INTEGER, mobile TEXT, left_on TEXT)")
        tree = [(2, 1, "研发部"), (3, 2, "前端组"), (4, 1, "市场部"), (5, 1, "待分配"), (6, 2, "后端组")]
        hr.executemany("INSERT INTO department VALUES (?, ?, ?)", tree)
        hr.execute("INSERT INTO person VALUES ('chenba', '陈八', 6, '13900000008', NULL)")
        hr.execute("INSERT INTO person VALUES ('sunqi', '孙七', 2, NULL, '2026-10-31')")
        people = [
            ("zhangsan", "张三", 2),
            ("wangwu", "王五", 4),
            ("zhaoliu@example.com", "赵六", 4),
            ("zhouba", "周八", 2),
        ]
        hr.executemany("INSERT INTO person VALUES (?, ?, ?, NULL, NULL)", people)
    hr.close()
    assert run("sync_address_book.py", simulator, tmp_path) == [
        "create-department 6 后端组 (parent_id, name)",
        "create-member chenba 陈八 (name, department, mobile)",
        "delete-member LiSi 李四",
        "delete-member sunqi 孙七",
    ]
    # Run again, it has nothing to do.
    assert run("sync_address_book.py", simulator, tmp_path) == []
