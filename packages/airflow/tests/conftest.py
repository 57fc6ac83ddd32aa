"""Airflow without a server, in a folder of its own: connections in the environment, tasks that keep something."""

from __future__ import annotations

import http.server
import json
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from email.utils import formatdate
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[1] / "src" / "wecom_connector_provider" / "example_dags"
# Airflow reads its settings where it is imported.
HOME = Path(tempfile.mkdtemp(prefix="airflow-"))
os.environ["AIRFLOW_HOME"] = str(HOME)
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(EXAMPLES)

import pytest  # noqa: E402
from support import Simulator, simulating  # noqa: E402

from wecom_connector_provider._airflow import AirflowFailException  # noqa: E402


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with simulating() as running:
        yield running


def connect(monkeypatch: pytest.MonkeyPatch, conn_id: str, conn_type: str, **extra: Any) -> None:
    """A connection of Airflow, in the environment."""
    value = {"conn_type": conn_type, "extra": {name: value for name, value in extra.items() if value is not None}}
    monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(value))


@pytest.fixture
def connections(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """Both default connections lead to the simulator."""
    connect(monkeypatch, "wecom_application_default", "wecom_application", **asdict(simulator.application()))
    connect(monkeypatch, "wecom_chatbot_default", "wecom_chatbot", **asdict(simulator.chatbot()))
    return simulator


class ApiServer:
    """Airflow's API server, so far as a task asks it for the time."""

    ahead = 0.0
    """The seconds by which its clock is ahead."""

    def __init__(self) -> None:
        clock = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path == "/execution/health" else 404)
                self.send_header("content-length", "0")
                self.end_headers()

            def date_time_string(self, timestamp: float | None = None) -> str:
                return formatdate(time.time() + clock.ahead, usegmt=True)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/execution/"


@pytest.fixture
def api_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    running = ApiServer()
    threading.Thread(target=running.server.serve_forever, args=(0.05,), daemon=True).start()
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", running.url)
    yield running
    running.server.shutdown()
    running.server.server_close()


class Caught:
    """What was raised."""

    value: Any


@contextmanager
def raising(kind: type[Exception]) -> Iterator[Caught]:
    """What a task fails with. An Airflow without retry policies has it as the cause of what ends a task at once."""
    caught = Caught()
    try:
        yield caught
    except AirflowFailException as error:
        if not isinstance(error.__cause__, kind):
            raise
        caught.value = error.__cause__
    except kind as error:
        caught.value = error
    else:
        pytest.fail(f"no {kind.__name__}")


class Store:
    """What a task keeps between its tries, as Airflow's task state store has it."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.retentions: list[timedelta | None] = []

    def get(self, key: str, default: Any = None) -> Any:
        return json.loads(self.kept[key]) if key in self.kept else default

    def set(self, key: str, value: Any, *, retention: timedelta | None = None) -> None:
        self.kept[key] = json.dumps(value)
        self.retentions.append(retention)

    def delete(self, key: str) -> None:
        self.kept.pop(key, None)


class Away(Store):
    """Airflow's API server answers with errors once the mark is there."""

    def set(self, key: str, value: Any, *, retention: timedelta | None = None) -> None:
        if self.kept:
            raise RuntimeError("the API server answers with 500")
        super().set(key, value, retention=retention)

    def delete(self, key: str) -> None:
        raise RuntimeError("the API server answers with 500")


@dataclass
class Try:
    """A try of a task instance."""

    try_number: int = 1
    max_tries: int = 2
    dag_id: str = "dag"
    run_id: str = "run"
    task_id: str = "task"
    map_index: int = -1
    id: uuid.UUID = field(default_factory=uuid.uuid4)


def context(store: Store | None = None, **of_try: Any) -> Any:
    """What Airflow hands to a task. Without a store it is that of an Airflow before 3.3."""
    kept = {} if store is None else {"task_state_store": store}
    return {"ti": Try(**of_try), **kept}
