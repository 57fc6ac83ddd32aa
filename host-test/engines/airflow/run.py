#!/usr/bin/env python3
"""Airflow on Celery with two workers, one of which is killed: what reaches WeCom, and how often."""

import http.client
import http.server
import json
import shutil
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE)]

import deployment  # noqa: E402
import harness  # noqa: E402

SLOW = 8  # seconds until an answer that is held comes
WAIT = 7  # seconds that WeCom wants to be left alone for


class Gateway:
    """In front of the simulator: it hands requests on at once, and answers to a push as late as it is told to.

    `busy` is how many of the next pushes it refuses with 429.
    """

    def __init__(self, simulator):
        gateway = self
        self.delay = self.busy = 0
        self.pushes = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                is_push = self.path.startswith("/cgi-bin/message/send")
                if is_push:
                    gateway.pushes.append((time.monotonic(), json.loads(body)["text"]["content"]))
                if is_push and gateway.busy:
                    gateway.busy -= 1
                    self.send_response(429)
                    self.send_header("retry-after", str(WAIT))
                    self.send_header("content-length", "0")
                    self.end_headers()
                    return
                onward = http.client.HTTPConnection(simulator.base_url.removeprefix("http://"), timeout=5)
                onward.request(self.command, self.path, body, dict(self.headers))
                answer = onward.getresponse().read()
                onward.close()
                if is_push:
                    time.sleep(gateway.delay)
                self.send_response(200)
                self.send_header("content-type", "application/json; charset=UTF-8")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_POST = do_GET

            def log_message(self, *_):
                """Quiet: paths hold tokens."""

            def handle(self):
                try:
                    super().handle()
                except ConnectionError:
                    pass  # whoever asked was killed

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class Stage:
    """Airflow, the gateway and the simulator behind it."""

    def __init__(self, airflow, gateway, simulator):
        self.airflow, self.gateway, self._simulator = airflow, gateway, simulator

    def delivered(self, run):
        """Messages that members got: what WeCom dropped as a duplicate is not among them."""
        with urllib.request.urlopen(f"{self._simulator.base_url}/simulator/messages", timeout=10) as answer:
            texts = [message["body"]["text"]["content"] for message in json.load(answer)]
        return sum(run in text for text in texts)

    def pushed(self, run):
        """When it was asked to send it."""
        return [at for at, text in self.gateway.pushes if run in text]

    def taken(self):
        return {name: self.airflow.log(name).count("received") for name in ("worker-1", "worker-2")}

    def under_way(self, dag):
        """Begins a run, until WeCom has its message and has not answered."""
        self.gateway.delay = SLOW
        run = self.airflow.trigger(dag)
        self.airflow.until("WeCom has the message", lambda: self.delivered(f"{dag}, {run}"), 60)
        return run

    def killed_after_delivery(self, dag):
        """Begins a run, and kills the worker that has it while WeCom has the message."""
        before = self.taken()
        run = self.under_way(dag)
        [worker] = [name for name, count in self.taken().items() if count > before[name]]
        self.airflow.kill(worker)
        self.gateway.delay = 0
        self.airflow.start_worker(worker)
        return run, self.airflow.ended(dag, run)


def spread(stage):
    before = stage.taken()
    run = stage.airflow.trigger("spread")
    stage.airflow.until("spread ends", lambda: stage.airflow.state("spread", run) in ("success", "failed"), 120)
    states = [task["state"] for task in stage.airflow.tasks("spread", run)]
    harness.check(set(states) == {"success"}, f"spread: {states}")
    times = [stage.delivered(f"spread {number}.") for number in range(len(states))]
    harness.check(set(times) == {1}, f"spread: delivered {times} times")
    counts = {name: count - before[name] for name, count in stage.taken().items()}
    harness.check(all(counts.values()), f"spread: {counts}")
    print(f"spread: {len(states)} messages, each once, by worker {list(counts.values())}", flush=True)


def killed(stage):
    run, task = stage.killed_after_delivery("killed")
    harness.check((task["state"], task["try_number"]) == ("failed", 2), f"killed: {task['state']} {task['try_number']}")
    text = stage.airflow.task_log("killed", run, 2)
    harness.check("execution-failed" in text and "Look in WeCom" in text, f"killed: the log says {text[-2000:]}")
    harness.check(stage.delivered(f"killed, {run}") == len(stage.pushed(f"killed, {run}")) == 1, "killed: not once")
    stage.airflow.until("a person is told", lambda: stage.delivered("killed: push-text-message: execution-failed"), 30)
    print("killed: delivered once, the second try ends with execution-failed, and a person is told", flush=True)


def checked(stage):
    run, task = stage.killed_after_delivery("checked")
    harness.check((task["state"], task["try_number"]) == ("success", 2), f"checked: {task['state']}")
    counts = len(stage.pushed(f"checked, {run}")), stage.delivered(f"checked, {run}")
    harness.check(counts == (2, 1), f"checked: sent and delivered {counts}")
    print("checked: with duplicate_check_interval sent twice and delivered once, success", flush=True)


def rejected(stage):
    run = stage.airflow.trigger("rejected")
    task = stage.airflow.ended("rejected", run)
    harness.check((task["state"], task["try_number"]) == ("failed", 1), f"rejected: {task['try_number']} tries")
    harness.check(len(stage.pushed(f"rejected, {run}")) == 1, "rejected: sent more than once")
    harness.check("81013" in stage.airflow.task_log("rejected", run, 1), "rejected: the log does not say 81013")
    print("rejected: one try", flush=True)


def limited(stage):
    stage.gateway.busy = 1
    run = stage.airflow.trigger("limited")
    task = stage.airflow.ended("limited", run)
    harness.check((task["state"], task["try_number"]) == ("success", 2), f"limited: {task['state']}")
    first, second = stage.pushed(f"limited, {run}")
    harness.check(WAIT <= second - first < 10 * WAIT, f"limited: {second - first:.1f} s instead of {WAIT}")
    print(f"limited: told to wait {WAIT} s, the second try came after {second - first:.1f} s", flush=True)


def deferred(stage):
    run = stage.under_way("deferred")
    stage.airflow.kill("triggerer")
    stage.gateway.delay = 0
    stage.airflow.start("triggerer")
    task = stage.airflow.ended("deferred", run)
    harness.check((task["state"], task["try_number"]) == ("failed", 1), f"deferred: {task['state']}")
    text = stage.airflow.task_log("deferred", run, 1)
    harness.check("execution-failed" in text, f"deferred: the log says {text[-2000:]}")
    counts = len(stage.pushed(f"deferred, {run}")), stage.delivered(f"deferred, {run}")
    harness.check(counts == (1, 1), f"deferred: sent and delivered {counts}")
    print("deferred: the triggerer killed, delivered once, the next triggerer ends with execution-failed", flush=True)


def redis_away(stage):
    run = stage.under_way("interrupted")
    stage.airflow.kill("redis")
    time.sleep(3)
    stage.airflow.start_redis()
    stage.gateway.delay = 0
    task = stage.airflow.ended("interrupted", run)
    harness.check(task["state"] == "success", f"Redis went away: {task['state']}")
    after = stage.airflow.trigger("interrupted")
    task = stage.airflow.ended("interrupted", after)
    harness.check(task["state"] == "success", f"after Redis came back: {task['state']}")
    times = [stage.delivered(f"interrupted, {name}") for name in (run, after)]
    harness.check(times == [1, 1], f"Redis went away: delivered {times} times")
    print("Redis went away during a call and came back: success, delivered once, and so is the next run", flush=True)


def postgres_away(stage):
    run = stage.under_way("interrupted")
    stage.airflow.kill("postgres")
    time.sleep(3)
    stage.airflow.start_postgres()
    stage.gateway.delay = 0
    # As a service manager does: these end where their database is away.
    for name in ("scheduler", "dag-processor"):
        stage.airflow.kill(name)
        stage.airflow.start(name)
    task = stage.airflow.ended("interrupted", run)
    counts = len(stage.pushed(f"interrupted, {run}")), stage.delivered(f"interrupted, {run}")
    harness.check(counts == (1, 1), f"PostgreSQL went away: sent and delivered {counts}")
    harness.check(task["state"] == "success", f"PostgreSQL went away: {task['state']}")
    print(f"PostgreSQL went away during a call and came back: delivered once, {task['state']}", flush=True)


def without_component(stage, package):
    for name in ("worker-1", "worker-2"):
        stage.airflow.kill(name)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(package, Path(folder) / package.name, ignore=shutil.ignore_patterns("*.wasm", "__pycache__"))
        stage.airflow.start_worker("worker-without", PYTHONPATH=folder)
        run = stage.airflow.trigger("without")
        task = stage.airflow.ended("without", run)
        stage.airflow.kill("worker-without")
    harness.check(task["state"] == "failed", f"without the component: {task['state']}")
    text = stage.airflow.task_log("without", run, 1)
    harness.check("install wecom-connector again" in text, f"without the component: the log says {text[-2000:]}")
    harness.check(not stage.pushed(f"without, {run}"), "without the component something was sent")
    print("a worker without the component: nothing is sent, and the log says what is missing", flush=True)


def run():
    python = deployment.installed()
    with harness.Simulator() as simulator, Gateway(simulator) as gateway:
        fields = {name: value for name, value in simulator.application.items() if name not in ("name", "type")}
        extra = fields | {"base_url": gateway.base_url}
        connection = json.dumps({"conn_type": "wecom_application", "extra": extra})
        with deployment.Deployment(python, {"AIRFLOW_CONN_WECOM_APPLICATION_DEFAULT": connection}) as airflow:
            stage = Stage(airflow, gateway, simulator)
            for play in (spread, killed, checked, rejected, limited, deferred, redis_away, postgres_away):
                play(stage)
            [package] = python.parent.parent.glob("lib/*/site-packages/wecom_connector")
            without_component(stage, package)
            logs = "".join(path.read_text(errors="replace") for path in airflow.folder.rglob("*.log"))
            for name in ("app_secret", "contacts_secret"):
                harness.check(simulator.application[name] not in logs, f"a log of Airflow has the {name}")
    print("everything arrived as it should, and no log has a secret")


if __name__ == "__main__":
    harness.main("airflow", run)
