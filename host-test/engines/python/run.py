#!/usr/bin/env python3
"""Runs engine.py against a simulator: flow.json, and flows that go wrong; asserts what arrived."""

import json
import os
import socket
import sys
import tempfile
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import harness  # noqa: E402
from misbehaving_proxy import Proxy  # noqa: E402

WHEEL = "50.0.1"


BUSY = harness.Answer(json.dumps({"errcode": 45009, "errmsg": "api freq out of limit"}).encode())


class Gateway(harness.Gateway):
    """It passes requests on, but for what `plan` says of the next ones to a path.

    `busy`: answers 45009 and passes nothing on. `break`: passes the request on, and breaks off instead of an answer.
    """

    def __init__(self, simulator, plan):
        super().__init__(simulator)
        self._plan = {path: list(turns) for path, turns in plan.items()}
        self.seen = []

    def turn(self, path, body, pass_on):
        self.seen.append(path)
        turn = (self._plan.get(path) or [None]).pop(0)
        if turn == "busy":
            return BUSY
        answer = pass_on()
        return None if turn == "break" else answer


class Play:
    """A flow in this process against a simulator of its own, through a gateway: how it ended and what arrived."""

    def __init__(self, engine, flow, plan=(), **environment):
        plan = dict(plan)
        self.said, self.waited, self.reason, self.outputs = [], [], None, None
        with harness.Simulator() as simulator, Gateway(simulator, plan) as gateway:
            environment = simulator.environment | {"WECOM_BASE_URL": gateway.base_url} | environment
            connector = engine.Connector(str(harness.component()), environment)
            try:
                self.outputs = engine.run(flow, connector, say=self.said.append, sleep=self.waited.append)
            except (engine.Stopped, engine.FlowError) as reason:
                self.reason = reason
            self.sent = gateway.seen
            passed_on = len(self.sent) - sum(turns.count("busy") for turns in plan.values())
            self.done = [path for _, path, _, _ in simulator.arrived(passed_on)]
        for name in ["WECOM_APP_SECRET", "WECOM_CONTACTS_SECRET", "WECOM_CHATBOT_KEY"]:
            harness.check(environment[name] not in f"{self.said} {self.reason}", f"the engine tells {name}")


def steps(*actions):
    """A flow of steps that need nothing of each other."""
    parameters = {
        "create-department": {"name": "云平台部", "parent_id": 1},
        "create-group-chat": {"user_list": ["LiSi", "zhangsan"], "name": "欢迎"},
        "push-text-message": {"to_user": "LiSi", "content": "部署完成"},
        "push-markdown-message-by-chatbot": {"content": "部署**完成**"},
    }
    return {"steps": [{"id": f"step{number}", "action": action, "parameters": parameters.get(action, {})}
                      for number, action in enumerate(actions)]}


def new_hire(engine):
    """flow.json, by the command line."""
    with harness.Simulator() as simulator:
        ended = harness.run(
            [sys.executable, HERE / "engine.py", harness.component(), HERE / "flow.json", "user_id=linxi",
             "name=林溪"],
            env=os.environ | simulator.environment | {"PYTHONPATH": engine, "PYTHONIOENCODING": "utf-8"},
            timeout=60,
        )
        harness.check(ended.returncode == 0, f"the flow did not end well: {harness.last_line(ended.stderr)}")
        arrived = simulator.arrived(8)
        for name in ["app_secret", "contacts_secret"]:
            harness.check(simulator.application[name] not in ended.stdout + ended.stderr, f"the engine tells {name}")
    print(ended.stdout, end="")
    wanted = ["gettoken", "department/create", "user/create",  # with the contacts secret
              "gettoken", "appchat/create", "appchat/send", "message/send",  # with AppSecret
              "webhook/send"]
    harness.check([path for _, path, _, _ in arrived] == wanted, f"what arrived is {harness.brief(arrived)}")
    harness.check(all(errcode == 0 for *_, errcode in arrived), f"WeCom refused: {harness.brief(arrived)}")
    bodies = {path: body for _, path, body, _ in arrived}
    harness.check(bodies["user/create"] == {
        "userid": "linxi", "name": "林溪", "position": "后端工程师", "mobile": "13900000000", "department": [6],
        "direct_leader": ["LiSi"],
    }, f"the new member is {bodies['user/create']}")
    harness.check(bodies["appchat/create"] == {"name": "欢迎林溪", "owner": "LiSi", "userlist": ["LiSi", "linxi"]},
                f"the group chat is {bodies['appchat/create']}")
    welcome = bodies["appchat/send"]
    harness.check(welcome["chatid"].startswith("SIMCHAT") and "林溪加入云平台部" in welcome["text"]["content"],
                f"the welcome is {welcome}")


def send(folder):
    """send.py, which the documents show: word for word, with the component in the current folder."""
    with tempfile.TemporaryDirectory() as here, harness.Simulator() as simulator:
        os.symlink(harness.component(), Path(here) / "wecom_connector.wasm")
        ended = harness.run(
            [sys.executable, HERE / "send.py"], cwd=here, timeout=60,
            env=os.environ | simulator.environment | {"PYTHONPATH": folder, "PYTHONIOENCODING": "utf-8"},
        )
        harness.check(ended.returncode == 0, f"send.py fails: {harness.last_line(ended.stderr)}")
        arrived = [(path, errcode) for _, path, _, errcode in simulator.arrived(3)]
    said = "not reached: ['nobody']\npermanent-rejected not-found 81013\n"
    harness.check(ended.stdout == said, f"send.py printed {ended.stdout!r}")
    harness.check(arrived == [("gettoken", 0), ("message/send", 0), ("message/send", 81013)], f"send.py: {arrived}")


def wrong_flow(engine, flow, word):
    """A flow that is refused before anything is sent."""
    play = Play(engine, flow)
    harness.check(isinstance(play.reason, engine.FlowError) and word in str(play.reason), f"{word}: {play.reason}")
    harness.check(play.sent == [], f"{word}: nothing should have been sent, and this was: {play.sent}")


def wrong_flows(engine):
    wrong_flow(engine, steps("create-department", "create-departmnet"), "there is no action create-departmnet")
    again = steps("create-department")
    again["steps"][0]["on_error"] = {"permanent-rejected": "retry"}
    wrong_flow(engine, again, "permanent-rejected: retry is not possible")
    blind = steps("create-department")
    blind["steps"][0]["on_error"] = {"permanent-outcome-unknown": "continue"}
    wrong_flow(engine, blind, "permanent-outcome-unknown: continue is not possible")
    early = steps("create-department", "create-department")
    early["steps"][0]["parameters"]["order"] = {"$ref": "step1/id"}
    wrong_flow(engine, early, "nothing before it is named step1/id")
    wrong_flow(engine, {"steps": {}, "title": "no list"} | {"steps": ["text"]}, "a flow has a list of steps")


def rejected(engine):
    """The answer is no: not once more, and no step after it."""
    play = Play(engine, steps("create-department", "create-department", "push-text-message"))
    harness.check("step1" in str(play.reason) and "permanent-rejected" in str(play.reason), f"rejected: {play.reason}")
    harness.check(play.done == ["gettoken", "department/create", "department/create"], f"rejected: {play.done}")


def rejected_and_continued(engine):
    """As before, but the step says that the flow goes on."""
    flow = steps("push-markdown-message-by-chatbot", "push-text-message")
    flow["steps"][0]["on_error"] = {"permanent-rejected": "continue"}
    play = Play(engine, flow, WECOM_CHATBOT_KEY="00000000-0000-4000-8000-000000000000")
    harness.check(play.reason is None and list(play.outputs) == ["input", "step1"], f"it ended with {play.reason}")
    harness.check(play.done == ["webhook/send", "gettoken", "message/send"], f"continued: {play.done}")


def invalid(engine):
    """Parameters that the connector refuses: nothing is sent."""
    flow = steps("create-department")
    flow["steps"][0]["parameters"]["name"] = "a:b"
    play = Play(engine, flow)
    harness.check("permanent-invalid-parameters: parameters/name" in str(play.reason), f"it ended with {play.reason}")
    harness.check(play.sent == [], f"invalid: {play.sent}")


def outcome_unknown(engine):
    """The write was done and the answer lost: never once more, and a person has to look."""
    flow = steps("create-department", "create-group-chat", "push-text-message")
    play = Play(engine, flow, {"appchat/create": ["break"]})
    harness.check("a person must look in WeCom" in str(play.reason), f"it ended with {play.reason}")
    wanted = ["gettoken", "department/create", "gettoken", "appchat/create"]
    harness.check(play.done == wanted, f"outcome unknown: {play.done}")


def busy_twice(engine):
    """Too many calls, twice: it waits as long as it is told, and the step is done once."""
    play = Play(engine, steps("create-department"), {"department/create": ["busy", "busy"]})
    harness.check(play.reason is None and play.outputs["step0"]["id"] == 6, f"it ended with {play.reason}")
    harness.check(play.waited == [60, 60], f"it waited {play.waited}")
    harness.check(play.done == ["gettoken", "department/create"], f"busy twice: {play.done}")


def busy_for_long(engine):
    """It gives up after three times."""
    play = Play(engine, steps("create-department"), {"department/create": ["busy"] * 3})
    harness.check("step0 (create-department): retryable" in str(play.reason), f"it ended with {play.reason}")
    harness.check(play.sent.count("department/create") == 3 and play.done == ["gettoken"], f"busy: {play.sent}")


def not_there(engine):
    """A base URL where nobody answers: nothing happened, so it may be repeated."""
    with socket.socket() as deaf:  # bound, so that nobody else answers there, and not listening
        deaf.bind(("127.0.0.1", 0))
        port = deaf.getsockname()[1]
        play = Play(engine, steps("push-text-message"), WECOM_BASE_URL=f"http://127.0.0.1:{port}")
    harness.check("retryable" in str(play.reason) and play.waited == [2, 4], f"{play.reason}, waited {play.waited}")


def trap(engine):
    """More memory than it may have: the component breaks down, and the flow stops with a reason."""
    flow = steps("push-text-message")
    flow["steps"][0]["parameters"]["content"] = "部署完成" * 500_000
    allowed, engine.MEMORY = engine.MEMORY, 4 << 20
    play = Play(engine, flow)
    engine.MEMORY = allowed
    harness.check("the component broke down, a person must look in WeCom" in str(play.reason), f"{play.reason}")
    harness.check(play.sent == [], f"trap: {play.sent}")


def killed(folder):
    """The engine is killed while WeCom has the message. It keeps nothing, so the next run sends it again: only with the
    duplicate check it is delivered once.
    """
    for parameters, delivered in ({}, 2), ({"duplicate_check_interval": 1800}, 1):
        flow = steps("push-text-message")
        flow["steps"][0]["parameters"] |= parameters
        with harness.Simulator() as simulator, Proxy(simulator.base_url) as proxy, tempfile.TemporaryDirectory() as here:
            file = Path(here) / "flow.json"
            file.write_text(json.dumps(flow), encoding="utf-8")
            command = [sys.executable, HERE / "engine.py", harness.component(), file]
            environment = os.environ | simulator.environment | {"WECOM_BASE_URL": proxy.base_url, "PYTHONPATH": folder}
            proxy.hold("message/send", passed_on=True)
            with harness.Once(command, {"env": environment}) as once:
                harness.check(proxy.wait_until_held(), "killed: nothing is sent")
                once.process.kill()
                stdout, _ = once.process.communicate()
            proxy.release()
            harness.check(stdout == "", f"killed: it said {stdout}")
            harness.check(messages(simulator) == 1, "killed: WeCom does not have the message")
            again = harness.run(command, env=environment, timeout=60)
            harness.check(again.returncode == 0, f"killed: the next run ends with {harness.last_line(again.stderr)}")
            paths = [path for _, path, _, _ in simulator.arrived(4)]
            harness.check(paths == ["gettoken", "message/send"] * 2, f"killed: {paths}")
            found = messages(simulator)
            harness.check(found == delivered, f"killed, with {parameters}: delivered {found} times")


def messages(simulator):
    """How many messages members have got: what WeCom drops as a duplicate is not among them."""
    with urllib.request.urlopen(f"{simulator.base_url}/simulator/messages", timeout=10) as answer:
        return len(json.load(answer))


def run():
    harness.component()
    folder = harness.install("wasmtime", WHEEL)
    sys.path.insert(1, str(folder))
    sys.path.insert(1, str(HERE))
    import engine
    new_hire(str(folder))
    send(str(folder))
    print("send: as it should be", flush=True)
    killed(str(folder))
    print("killed: as it should be", flush=True)
    plays = [wrong_flows, rejected, rejected_and_continued, invalid, outcome_unknown, busy_twice, busy_for_long,
             not_there, trap]
    for play in plays:
        play(engine)
        print(f"{play.__name__.replace('_', ' ')}: as it should be", flush=True)
    print("the flow ran with one token for each secret and every step once; the others ended as they should")


if __name__ == "__main__":
    harness.main("python", run)
