"""Airflow, and between it and the simulator a gateway whose answers come late, or not at all."""

import collections
import datetime
import json
import time
import urllib.request

import harness
from deployment import WORKERS

SLOW = 8  # seconds until an answer that is held comes
WAIT = 7  # seconds that WeCom wants to be left alone for
BUSY = harness.Answer(b"", 429, {"retry-after": str(WAIT)})
FREQUENT = harness.Answer(json.dumps({"errcode": 45009, "errmsg": "api freq out of limit"}).encode())
LOST = object()


class Gateway(harness.Gateway):
    """It hands requests on at once, and answers to a push as late as it is told to.

    `plan` has for a DAG what its next pushes meet: an answer, and nothing is handed on, or LOST, and the answer is lost.
    """

    def __init__(self, simulator):
        super().__init__(simulator)
        self.delay = 0
        self.plan = collections.defaultdict(list)
        self.pushes, self.answered = [], []

    def turn(self, path, body, pass_on):
        if path != "message/send":
            return pass_on()
        text = json.loads(body)["text"]["content"]
        self.pushes.append((time.monotonic(), text))
        turns = self.plan[text.partition(",")[0]]
        turn = turns.pop(0) if turns else None
        if isinstance(turn, harness.Answer):
            return turn
        answer = pass_on()
        time.sleep(self.delay)
        self.answered.append(text)
        return None if turn is LOST else answer


class Stage:
    """All of it. The task of a DAG pushes "DAG, run" to a member."""

    def __init__(self, airflow, gateway, simulator):
        self.airflow, self.gateway, self.simulator = airflow, gateway, simulator
        own = {name: value for name, value in simulator.application.items() if name not in ("name", "type")}
        self.application = own | {"base_url": gateway.base_url}
        self.chatbot = {"password": simulator.chatbot["chatbot_key"], "base_url": gateway.base_url}
        self.manifest = json.loads((harness.ROOT / "schemas/manifest.json").read_text(encoding="utf-8"))
        airflow.connect("wecom_application_default", "wecom_application", extra=json.dumps(self.application))
        extra = json.dumps({"base_url": gateway.base_url})
        airflow.connect("wecom_chatbot_default", "wecom_chatbot", password=self.chatbot["password"], extra=extra)

    def delivered(self, *words):
        """Messages that members got: what WeCom dropped as a duplicate is not among them."""
        with urllib.request.urlopen(f"{self.simulator.base_url}/simulator/messages", timeout=10) as answer:
            bodies = [message["body"] for message in json.load(answer)]
        texts = [body["text"]["content"] for body in bodies if "text" in body]
        return sum(all(word in text for word in words) for text in texts)

    def later(self, seconds):
        """Lets time pass for WeCom."""
        body = json.dumps({"advance": seconds}).encode()
        urllib.request.urlopen(f"{self.simulator.base_url}/simulator/clock", body, timeout=10).close()

    def pushed(self, dag, run):
        """When it was asked to send it."""
        return [at for at, text in self.gateway.pushes if text == f"{dag}, {run}"]

    def counts(self, dag, run):
        """How often it was sent, and delivered."""
        return len(self.pushed(dag, run)), self.delivered(f"{dag}, {run}")

    def check(self, dag, run, state, tries, counts, *words, seconds=120):
        """Holds a run that ends against what it should be, and the log of its last try."""
        task = self.airflow.ended(dag, run, seconds)
        found = task["state"], task["try_number"], self.counts(dag, run)
        harness.check(found == (state, tries, counts), f"{dag}: state, tries, (sent, delivered): {found}")
        text = self.airflow.task_log(dag, run, tries)
        lacking = [word for word in words if word not in text]
        harness.check(not lacking, f"{dag}: the log does not say {lacking}: {text[-2000:]}")

    def ahead(self, dag, run, attempt):
        """By how many seconds the clock of a try was ahead, give or take what has passed since."""
        first = json.loads(self.airflow.task_log(dag, run, attempt).partition("\n")[0])
        then = datetime.datetime.fromisoformat(first["timestamp"].replace("Z", "+00:00"))
        return (then - datetime.datetime.now(datetime.timezone.utc)).total_seconds()

    def person_is_told(self, dag):
        self.airflow.until("a person is told", lambda: self.delivered(f"{dag}: push-text-message: execution-failed"), 30)

    def under_way(self, dag, seconds=SLOW):
        """Begins a run, until WeCom has its message and has not answered."""
        self.gateway.delay = seconds
        run = self.airflow.trigger(dag)
        self.airflow.until("WeCom has the message", lambda: self.delivered(f"{dag}, {run}"), 60)
        return run

    def taken(self):
        return {name: self.airflow.log(name).count("received") for name in WORKERS}

    def killed_after_delivery(self, dag):
        """Begins a run, and kills the worker that has it while WeCom has the message."""
        before = self.taken()
        run = self.under_way(dag)
        [worker] = [name for name, count in self.taken().items() if count > before[name]]
        self.airflow.kill(worker)
        self.gateway.delay = 0
        self.airflow.start_worker(worker)
        return run
