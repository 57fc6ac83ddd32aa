"""A simulator of WeCom, to which clients are led that have its host name fixed in their code."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
PIXEL = REPOSITORY / "host-test" / "src" / "cli" / "pixel.png"
# By the control API alone: the clients' proxy is the simulator itself.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Simulator:
    """A simulator as a process."""

    base_url: str
    application: dict[str, Any]
    chatbot: dict[str, Any]

    @property
    def corp_id(self) -> str:
        return self.application["corp_id"]

    @property
    def agent_id(self) -> int:
        return self.application["agent_id"]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What was delivered, and to whom."""
        return self._ask("messages")

    @property
    def last(self) -> dict[str, Any]:
        return self.messages[-1]

    def order(self, *faults: dict[str, Any]) -> None:
        """What the next requests meet."""
        self._ask("faults", list(faults))

    def advance(self, seconds: int) -> None:
        self._ask("clock", {"advance": seconds})

    def _ask(self, what: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with DIRECT.open(f"{self.base_url}/simulator/{what}", data) as answer:
            return json.load(answer)


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Simulator]]:
    """Starts simulators. The clients of this process find the last one where the real WeCom is."""
    program = os.environ.get("WECOM_HOST_TEST") or REPOSITORY / "target" / "debug" / "host-test"
    processes: list[tuple[subprocess.Popen[str], threading.Thread]] = []

    def start(*arguments: str) -> Simulator:
        ca = tmp_path / f"ca-{len(processes)}.pem"
        command = [str(program), "simulator", "--json", "--ca", str(ca), *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        about = json.loads(process.stdout.readline())
        connections = {connection["type"]: connection for connection in about["connections"]}
        running = Simulator(about["base_url"], connections["application"], connections["chatbot"])
        for name, value in about["client_environment"].items():
            monkeypatch.setenv(name, value)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        # It says what arrived, and waits for whoever reads it.
        reader = threading.Thread(target=deque, args=(process.stdout, 0))
        reader.start()
        processes.append((process, reader))
        return running

    yield start
    for process, reader in processes:
        process.kill()
        reader.join()
        process.wait()


@pytest.fixture
def simulator(start: Callable[..., Simulator]) -> Simulator:
    return start()


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A file of each kind that WeCom takes."""
    contents = {
        "image": ("图.png", PIXEL.read_bytes()),
        "voice": ("voice.amr", b"#!AMR\n\x3c\0\0"),
        "video": ("video.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"),
        "file": ("周报 7.csv", "部门,金额\n研发部,7\n".encode()),
    }
    paths = {}
    for kind, (name, content) in contents.items():
        paths[kind] = tmp_path / name
        paths[kind].write_bytes(content)
    return paths
