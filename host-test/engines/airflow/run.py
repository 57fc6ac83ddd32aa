#!/usr/bin/env python3
"""Airflow on Celery with two workers that are killed, and whose clocks differ: what reaches WeCom, and how often.

usage: run.py [PLAY …]   (the names of functions here; all by default)
"""

import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE)]

import deployment  # noqa: E402
import harness  # noqa: E402
import secrets_search  # noqa: E402
from stage import BUSY, FREQUENT, LOST, WAIT, Gateway, Stage  # noqa: E402

# As a service manager does: these end where their database is away.
ENDED = ("scheduler", "dag-processor")


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
    return f"{len(states)} messages, each once, by worker {list(counts.values())}"


def killed(stage):
    run = stage.killed_after_delivery("killed")
    stage.check("killed", run, "failed", 2, (1, 1), "execution-failed", "Look in WeCom")
    stage.person_is_told("killed")
    return "delivered once, the second try ends with execution-failed, and a person is told"


def checked(stage):
    run = stage.killed_after_delivery("checked")
    stage.check("checked", run, "success", 2, (2, 1))
    return "with duplicate_check_interval sent twice and delivered once, success"


def invalid(stage):
    run = stage.airflow.trigger("invalid")
    stage.check("invalid", run, "failed", 1, (0, 0), "permanent-invalid-parameters", "push-text-message: duplicate_check_interval")
    return "one try, nothing sent, and the log names the field"


def rejected(stage):
    run = stage.airflow.trigger("rejected")
    stage.check("rejected", run, "failed", 1, (1, 0), "permanent-rejected", "81013")
    return "one try"


def unknown(stage):
    stage.gateway.plan["unknown"] = [LOST]
    run = stage.airflow.trigger("unknown")
    stage.check("unknown", run, "failed", 1, (1, 1), "permanent-outcome-unknown")
    return "the answer was lost: one try, sent once"


def limited(stage):
    stage.gateway.plan["limited"] = [BUSY]
    run = stage.airflow.trigger("limited")
    stage.check("limited", run, "success", 2, (2, 1))
    first, second = stage.pushed("limited", run)
    harness.check(WAIT <= second - first < 10 * WAIT, f"limited: {second - first:.1f} s instead of {WAIT}")
    return f"told to wait {WAIT} s, the second try came after {second - first:.1f} s"


def frequent(stage):
    """WeCom's own limit."""
    stage.gateway.plan["frequent"] = [FREQUENT]
    run = stage.airflow.trigger("frequent")
    stage.check("frequent", run, "success", 2, (2, 1))
    first, second = stage.pushed("frequent", run)
    harness.check(60 <= second - first < 180, f"frequent: {second - first:.1f} s instead of 60")
    return f"45009, the second try came after {second - first:.1f} s"


def sent_once_cleared_twice(stage, dag, run):
    """Clears a task that has not told what came of its message, and then the one that has. It was tried once."""
    stage.airflow.clear(dag, run)
    stage.gateway.delay = 0
    stage.check(dag, run, "failed", 2, (1, 1), "execution-failed", "Look in WeCom")
    stage.airflow.clear(dag, run)
    stage.check(dag, run, "success", 3, (2, 2))


def cleared(stage):
    sent_once_cleared_twice(stage, "cleared", stage.under_way("cleared"))
    return "cleared while it ran: delivered once, execution-failed; cleared after that: sent again"


def cleared_while_deferred(stage):
    sent_once_cleared_twice(stage, "deferred", stage.under_way("deferred"))
    return "cleared while the triggerer made the call: delivered once, execution-failed; cleared after that: sent again"


def cleared_before_the_next_try(stage):
    run = stage.killed_after_delivery("waiting")
    stage.airflow.until("it waits", lambda: stage.airflow.states("waiting", run) == ["up_for_retry"], 60)
    sent_once_cleared_twice(stage, "waiting", run)
    return "cleared while it waited for its next try: delivered once, execution-failed; cleared after that: sent again"


def cleared_on_the_last_try(stage):
    """A task that has no other try is cleared while it runs; another one once its worker was lost."""
    sent_once_cleared_twice(stage, "once", stage.under_way("once"))
    run = stage.killed_after_delivery("once")
    stage.check("once", run, "failed", 1, (1, 1))
    sent_once_cleared_twice(stage, "once", run)
    return "with retries=0 cleared while it ran, or killed and cleared: delivered once, execution-failed; cleared after that: sent again"


def marked_by_hand(stage):
    """A person says while it runs that it is a success, or has failed. It has no other try."""
    for state in ("success", "failed"):
        run = stage.under_way("once", seconds=60)
        stage.gateway.delay = 0
        stage.airflow.set_state("once", run, state)
        # Airflow ends the process of the task, which waits for WeCom's answer.
        stage.airflow.until("its process has ended", lambda: "Task killed!" in stage.airflow.task_log("once", run, 1), 50)
        stage.check("once", run, state, 1, (1, 1))
        sent_once_cleared_twice(stage, "once", run)
    return "marked while it ran, and cleared: delivered once, execution-failed; cleared after that: sent again"


def deferred(stage):
    run = stage.under_way("deferred")
    stage.airflow.kill("triggerer")
    stage.gateway.delay = 0
    stage.airflow.start("triggerer")
    stage.check("deferred", run, "failed", 1, (1, 1), "execution-failed")
    return "the triggerer killed, delivered once, the next triggerer ends with execution-failed"


def by_chatbot(stage):
    run = stage.airflow.trigger("chatbot")
    task = stage.airflow.ended("chatbot", run)
    harness.check(task["state"] == "success", f"chatbot: {task['state']}")
    harness.check(stage.delivered(f"chatbot, {run}") == 1, "chatbot: not delivered once")
    return "delivered once"


def clocks_apart(stage):
    """One worker is three hours ahead, and the other one three hours behind."""
    deployment.faketime()
    stage.airflow.only_worker("worker-1", "+3h")
    limited(stage)
    runs = {dag: stage.under_way(dag) for dag in ("checked", "killed")}
    stage.gateway.delay = 0
    stage.airflow.only_worker("worker-2", "-3h")
    stage.check("checked", runs["checked"], "success", 2, (2, 1))
    stage.check("killed", runs["killed"], "failed", 2, (1, 1), "execution-failed", "Look in WeCom")
    for dag, run in runs.items():
        hours = [round(stage.ahead(dag, run, attempt) / 3600) for attempt in (1, 2)]
        harness.check(hours == [3, -3], f"clocks apart: the clocks of {dag} were ahead by {hours} hours")
    limited(stage)
    stage.airflow.both_workers()
    return "the second try six hours before the first: delivered once with and without duplicate_check_interval"


def clock_behind(stage):
    """Forty minutes go by, but for a worker: by its clock, WeCom would still drop what it sends."""
    minutes = 40
    deployment.faketime()
    stage.airflow.only_worker("worker-1")
    run = stage.under_way("checked")
    stage.airflow.kill("worker-1")
    stage.gateway.delay = 0
    stage.later(60 * minutes)
    stage.airflow.restart(*deployment.SERVERS, clocked=f"+{minutes}m")
    stage.airflow.start_worker("worker-2")
    stage.check("checked", run, "failed", 2, (1, 1), "execution-failed", "Look in WeCom")
    stage.airflow.both_workers()
    return f"a worker {minutes} minutes behind does not send again what WeCom would no longer drop"


def queued(stage):
    """Redis keeps nothing here, so what was queued is gone."""
    for name in deployment.WORKERS:
        stage.airflow.kill(name)
    run = stage.airflow.trigger("interrupted")
    stage.airflow.until("it is queued", lambda: stage.airflow.states("interrupted", run) == ["queued"], 30)
    stage.airflow.kill("redis")
    stage.airflow.start_redis()
    stage.airflow.both_workers()
    stage.check("interrupted", run, "success", 1, (1, 1))
    return "Redis went away with a task in its queue: Airflow queues it again, delivered once"


def redis_away(stage):
    run = stage.under_way("interrupted")
    stage.airflow.kill("redis")
    time.sleep(3)
    stage.airflow.start_redis()
    stage.gateway.delay = 0
    stage.check("interrupted", run, "success", 1, (1, 1))
    after = stage.airflow.trigger("interrupted")
    stage.check("interrupted", after, "success", 1, (1, 1))
    return "Redis went away during a call and came back: success, delivered once, and so is the next run"


def postgres_away(stage):
    run = stage.under_way("interrupted")
    stage.airflow.kill("postgres")
    time.sleep(3)
    stage.airflow.start_postgres()
    stage.gateway.delay = 0
    stage.airflow.restart(*ENDED)
    stage.check("interrupted", run, "success", 1, (1, 1))
    return "PostgreSQL went away during a call and came back: delivered once, success"


def answered_without_postgres(stage):
    """A run whose call ends while PostgreSQL is away, which then comes back."""
    run = stage.under_way("interrupted")
    stage.airflow.kill("postgres")
    stage.airflow.until("WeCom has answered", lambda: f"interrupted, {run}" in stage.gateway.answered, 30)
    stage.gateway.delay = 0
    time.sleep(5)
    stage.airflow.start_postgres()
    stage.airflow.restart(*ENDED)
    return run


def ended_without_postgres(stage):
    run = answered_without_postgres(stage)
    stage.check("interrupted", run, "success", 1, (1, 1))
    return "a call ended while PostgreSQL was away: the worker waits for it, delivered once, success"


def given_up_without_postgres(stage):
    """As before, for longer than a worker waits: it gives up, and with it what came of the call."""
    stage.airflow.only_worker("worker-1", AIRFLOW__WORKERS__EXECUTION_API_RETRIES="1")
    run = answered_without_postgres(stage)
    # The other one may end, too: for Celery the database is where results go.
    stage.airflow.start_worker("worker-2")
    stage.check("interrupted", run, "failed", 2, (1, 1), "execution-failed", "Look in WeCom")
    stage.person_is_told("interrupted")
    stage.airflow.both_workers()
    return "the worker gave up waiting for PostgreSQL: delivered once, execution-failed, and a person is told"


def api_server_away(stage):
    """A wait of these plays that is over while the API server is away."""
    alone = copy.copy(stage.airflow)
    alone.url, alone._running = f"http://127.0.0.1:{deployment.free_port()}", {}
    try:
        alone.ended("interrupted", "a run", seconds=0)
    except harness.Wrong as error:
        wanted = "interrupted ends: not within 0 s; its task is not known: "
        harness.check(str(error).startswith(wanted), f"api server away: {error}")
        return f"the error is what was waited for: {error}"
    raise harness.Wrong("api server away: a run has ended that there is not")


def without_component(stage):
    for name in deployment.WORKERS:
        stage.airflow.kill(name)
    package = stage.airflow.package("wecom_connector")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(package, Path(folder) / package.name, ignore=shutil.ignore_patterns("*.wasm", "__pycache__"))
        stage.airflow.start_worker("worker-without", PYTHONPATH=folder)
        run = stage.airflow.trigger("without")
        stage.check("without", run, "failed", 1, (0, 0), "install wecom-connector again")
        stage.airflow.kill("worker-without")
    stage.airflow.both_workers()
    return "a worker without the component: nothing is sent, and the log says what is missing"


def forms(stage):
    """What a person fills in in the browser, saves and tests."""
    node = shutil.which("node")
    if not node or not (harness.ROOT / "packages/js/node_modules/playwright-core").exists():
        raise harness.Absent("there is no node, or no playwright-core: npm ci in packages/js")
    if not shutil.which("chromium"):
        raise harness.Absent("there is no chromium: apt-get install chromium")
    form = stage.airflow.package("wecom_connector_provider") / "_connections.json"
    given = json.dumps({"wecom_application": stage.application, "wecom_chatbot": stage.chatbot})
    command = [node, HERE / "forms.mjs", stage.airflow.url, form, os.environ.get("WECOM_SCREENSHOT", "")]
    ended = subprocess.run(command, input=given, capture_output=True, text=True, timeout=180)
    harness.check(ended.returncode == 0, f"forms.mjs: {ended.stderr[-2000:]}")
    answers = json.loads(ended.stdout)
    said = {"wecom_application": "WeCom accepts the Enterprise ID", "wecom_chatbot": "The connection is complete"}
    for kind, words in said.items():
        button, without_port = answers[kind]["button"], answers[kind]["without_port"]
        harness.check(without_port["status"] and words in without_port["message"], f"the test says {without_port}")
        # In Airflow 3.3.1 and 3.3.2 it fails for whatever has no port: apache/airflow#73298.
        fails = button.get("detail", "").startswith("The host or port to test differs")
        harness.check(fails or button == without_port, f"the button says {button}")
    [hint] = [code["hint"]["en"] for code in stage.manifest["error_codes"] if code["code"] == 40001]
    refused = stage.airflow.tested("wecom_application", extra=json.dumps(stage.application | {"app_secret": "wrong"}))
    harness.check(not refused["status"] and hint in refused["message"], f"a wrong secret: {refused}")
    return f"both as the schemas have them, saved and tested; the button {'fails for want of a port' if fails else 'works'}"


def no_secret(stage):
    return secrets_search.play(stage)


PLAYS = [
    frequent, spread, killed, checked, invalid, rejected, unknown, limited, cleared,
    cleared_while_deferred, cleared_before_the_next_try, cleared_on_the_last_try, marked_by_hand, deferred, by_chatbot,
    forms, clocks_apart, queued, redis_away, postgres_away, ended_without_postgres, given_up_without_postgres,
    api_server_away, without_component, no_secret,
    # The last one: the servers' clocks stay ahead.
    clock_behind,
]


def run():
    plays = {play.__name__: play for play in PLAYS}
    unknown_plays = set(sys.argv[1:]) - plays.keys()
    if unknown_plays:
        raise harness.SetupError(f"there is no {', '.join(sorted(unknown_plays))}, only {', '.join(plays)}")
    python = deployment.installed()
    with harness.Simulator() as simulator, Gateway(simulator) as gateway, deployment.Deployment(python) as airflow:
        stage = Stage(airflow, gateway, simulator)
        for play in (play for name, play in plays.items() if name in (sys.argv[1:] or plays)):
            began = time.monotonic()
            try:
                said = play(stage)
            except harness.Absent as error:
                said = f"skipped, {error}"
            print(f"{play.__name__.replace('_', ' ')}: {said} ({time.monotonic() - began:.0f} s)", flush=True)
    print("everything arrived as it should")


if __name__ == "__main__":
    harness.main("airflow", run)
