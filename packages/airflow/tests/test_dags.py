"""DAG files: read without WeCom, and run by `dag.test()`."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from conftest import EXAMPLES, connect
from support import Simulator

from wecom_connector_provider._airflow import AirflowFailException
from wecom_connector_provider.errors import HAS_RETRY_POLICY

FILES = sorted(path for path in EXAMPLES.glob("*.py") if path.name != "__init__.py")

READ = """
import socket, sys
def refused(*_):
    raise AssertionError("the network is touched")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refused
try:
    from airflow.dag_processing.dagbag import DagBag
except ImportError:  # before Airflow 3.2
    from airflow.models.dagbag import DagBag
bag = DagBag(sys.argv[1])
assert not bag.import_errors, bag.import_errors
assert bag.dags
assert "wasmtime" not in sys.modules
"""

RUN = """
import json, runpy, sys
found = runpy.run_path(sys.argv[1])
from airflow.sdk import DAG
[dag] = [value for value in found.values() if isinstance(value, DAG)]
run = dag.test(run_conf=json.loads(sys.argv[2]))
print("STATE", run.state)
"""


@pytest.fixture(scope="session")
def database() -> None:
    """Airflow's own, in its folder."""
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_an_example_is_read_without_network_and_component(file: Path, database: None) -> None:
    done = subprocess.run([sys.executable, "-c", READ, str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def played(file: Path, params: dict[str, Any]) -> tuple[str, list[str]]:
    """Runs the DAG of a file: the state in which it ended, and the lines that it printed."""
    command = [sys.executable, "-c", RUN, str(file), json.dumps(params)]
    done = subprocess.run(command, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    states = [line.split()[1] for line in lines if line.startswith("STATE")]
    assert states, done.stdout[-3000:] + done.stderr[-3000:]
    return states[0], lines


def run(name: str, params: dict[str, Any]) -> str:
    """Runs an example, and says in which state it ended."""
    return played(EXAMPLES / f"{name}.py", params)[0]


def test_an_alarm_by_chatbot(connections: Simulator, database: None) -> None:
    assert run("alarm_by_chatbot", {}) == "failed"
    [request] = connections.at("webhook/send")
    text = json.loads(request["body"])["text"]
    # Callbacks of Airflow 3.0 are not told the exception.
    reason = "3 笔订单对不上" if HAS_RETRY_POLICY else "见日志"
    assert text["content"].startswith(f"wecom_alarm_by_chatbot 的任务 reconcile 失败：{reason}\n")
    assert text["mentioned_list"] == ["@all"]


GOES_WELL = """
from airflow.sdk import dag, task
from wecom_connector_provider.notifier import WeComNotifier

DONE = WeComNotifier(content="{{ ti.dag_id }} 的任务 {{ ti.task_id }} 完成", mentioned_list=["@all"])

@dag(schedule=None, default_args={"on_success_callback": DONE})
def goes_well():
    @task
    def reconcile():
        pass

    reconcile()

dag_that_goes_well = goes_well()
"""


def test_a_message_on_success(
    connections: Simulator, database: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__DAGS_FOLDER", str(tmp_path))
    file = tmp_path / "goes_well.py"
    file.write_text(GOES_WELL, encoding="utf-8")
    assert played(file, {})[0] == "success"
    [request] = connections.at("webhook/send")
    text = json.loads(request["body"])["text"]
    assert text["content"] == "goes_well 的任务 reconcile 完成"
    assert text["mentioned_list"] == ["@all"]
    assert request["errcode"] == 0


def test_a_nightly_report(connections: Simulator, database: None, tmp_path: Path) -> None:
    import httpx
    from wecom_connector import WeComConnector

    with WeComConnector(connections.application()) as wecom:
        chat = wecom.create_group_chat(user_list=["zhangsan", "LiSi"], name="日报")["chat_id"]
    assert run("nightly_report", {"chat_id": chat, "folder": str(tmp_path)}) == "success"
    [report] = tmp_path.iterdir()
    assert report.name.startswith("日报-20")
    assert report.name in connections.at("media/upload")[0]["body"]
    [message] = httpx.get(f"{connections.base_url}/simulator/messages").json()
    assert message["body"]["file"]["media_id"]
    assert message["body"]["chatid"] == chat


def test_an_address_book_kept_in_step(connections: Simulator, database: None, tmp_path: Path) -> None:
    def created(**params: Any) -> int:
        assert run("wecom_address_book", {"folder": str(tmp_path), "delete_at_most": "0", **params}) == "success"
        return len(connections.at("user/create"))

    assert created() == 0, "a dry run"
    assert created(apply=True) == 1
    assert created(apply=True) == 1, "once more there is nothing to do"
    assert not connections.at("user/delete")
    assert not connections.at("user/batchdelete")
    # All others of the enterprise would go: more than the share that the file has.
    assert run("wecom_address_book", {"folder": str(tmp_path), "apply": True}) == "failed"
    assert not connections.at("user/delete")
    assert not connections.at("user/batchdelete")


# What the simulator has at first.
OWN_MEMBERS = ["admin", "zhangsan", "LiSi", "wangwu", "zhaoliu@example.com", "sunqi", "zhouba"]
OWN_DEPARTMENTS = [2, 3, 4, 5]


def writes(simulator: Simulator) -> list[tuple[str, dict[str, Any]]]:
    """What changed departments and members: the API, and what it was called with."""
    simulator.at("")
    changes = []
    for request in simulator.received:
        area, _, api = request.get("path", "").removeprefix("/cgi-bin/").partition("/")
        if area in ("department", "user") and api in ("create", "update", "delete", "batchdelete"):
            assert request["errcode"] == 0, request
            changes.append((f"{area}/{api}", json.loads(request["body"] or "{}")))
    return changes


def test_an_address_book_whose_members_change_and_leave(connections: Simulator, database: None, tmp_path: Path) -> None:
    from wecom_connector import Rejected, WeComConnector

    with WeComConnector(connections.application()) as wecom:
        # One department has an old name, one is superfluous; one member has an old position, one has left.
        for number, name in {20: "研发部门", 30: "筹备组"}.items():
            wecom.create_department(id=number, parent_id=1, name=name)
        wecom.create_department(id=21, parent_id=20, name="测试组")
        chenba, zhoujiu = "13900000008", "13900000009"
        wecom.create_member(user_id="chenba", name="陈八", department=[21], mobile=chenba, position="实习生")
        wecom.create_member(user_id="zhoujiu", name="周九", department=[30], mobile=zhoujiu)
        before = writes(connections)
        params = {
            "folder": str(tmp_path),
            "delete_at_most": "1",
            "keep_members": OWN_MEMBERS,
            "keep_departments": OWN_DEPARTMENTS,
        }
        state, printed = played(EXAMPLES / "wecom_address_book.py", params)
        assert state == "success"
        wanted = [
            "update-department 20 研发中心 (name)",
            "update-member chenba 陈八 (mobile, position)",
            "delete-member zhoujiu 周九",
            "delete-department 30 筹备组",
        ]
        assert [line for line in printed if line.startswith(("create-", "update-", "delete-"))] == wanted
        assert "Nothing was changed: the parameter apply does it." in printed
        assert writes(connections) == before, "a dry run changes nothing"
        state, printed = played(EXAMPLES / "wecom_address_book.py", {**params, "apply": True})
        assert state == "success"
        assert [line for line in printed if line in wanted] == wanted, "it is told before it is done, and once"
        done = writes(connections)[len(before) :]
        assert [api for api, _ in done] == [
            "department/update",
            "user/update",
            "user/batchdelete",
            "department/delete",
        ]
        assert done[1][1] == {"userid": "chenba", "position": "工程师", "mobile": chenba}
        assert wecom.get_member(user_id="chenba")["position"] == "工程师"
        assert wecom.get_department(id=20)["name"] == "研发中心"
        with pytest.raises(Rejected, match="60111"):
            wecom.get_member(user_id="zhoujiu")
        left = {row["id"] for row in wecom.list_department_ids()["department_id"]}
        assert left == {1, *OWN_DEPARTMENTS, 20, 21}


def test_an_address_book_with_a_wrong_secret_fails_at_once(
    connections: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from wecom_connector_provider.example_dags.wecom_address_book import keep_in_step

    given = asdict(connections.application(contacts_secret="SIMULATED-wrong"))
    connect(monkeypatch, "wecom_application_default", "wecom_application", **given)
    rows = {
        "departments": {"id": 20, "parent_id": 1, "name": "研发中心"},
        "members": {"user_id": "chenba", "name": "陈八", "department": [20]},
    }
    files = {}
    for kind, row in rows.items():
        file = tmp_path / f"{kind}.jsonl"
        file.write_text(json.dumps(row) + "\n", encoding="utf-8")
        files[kind] = str(file)
    params = {"folder": str(tmp_path), "delete_at_most": "0", "keep_members": [], "keep_departments": []}
    with pytest.raises(AirflowFailException, match=r"^permanent-rejected: .*40001"):
        keep_in_step(files, params, apply=True)
