#!/usr/bin/env python3
"""Does what README of packages/airflow says first, in an environment of its own that is new: it installs both packages
with all they depend on, makes the connections, tests them, and runs the first example. Holds README of this folder
against run.py.

usage: readme.py
"""

import json
import os
import re
import shlex
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE)]

import harness  # noqa: E402
from run import PLAYS  # noqa: E402

PACKAGE = harness.ROOT / "packages/airflow"
CHAT = "from wecom_connector import *; print(WeComConnector().create_group_chat(user_list=['zhangsan', 'LiSi'])['chat_id'])"
TEST = "airflow connections test wecom_application_default"


def blocks(name, language):
    """The blocks of code in a README, without comments of commands."""
    text = (PACKAGE / name).read_text(encoding="utf-8")
    found = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return [re.sub(r" +# .*", "", block) for block in found] if language == "sh" else found


def said(name, environment, command):
    """What a command says, as README has it; `name` stands in errors."""
    ended = harness.run(["sh", "-c", command], timeout=300, cwd=harness.ROOT, env=environment)
    text = ended.stdout + ended.stderr
    harness.check(ended.returncode == 0, f"{name}: {harness.last_line(text)}")
    return text


def connections(exports, simulator):
    """README's variables, with the simulator's values in them, and its address."""
    own = {"wecom_application": simulator.application, "wecom_chatbot": simulator.chatbot}
    found = {}
    for line in exports.splitlines():
        name, _, value = shlex.split(line)[1].partition("=")
        held = json.loads(value)
        real = own[held["conn_type"]]
        extra = {field: real[field] for field in held.get("extra", {})}
        held["extra"] = {**extra, "base_url": simulator.base_url}
        if "password" in held:
            held["password"] = real["chatbot_key"]
        found[name] = json.dumps(held)
    return found


def readmes():
    """Both languages say the same, and the other README names all that run.py plays."""
    for language in ("sh", "python"):
        harness.check(blocks("README.md", language) == blocks("README.zh-CN.md", language), f"the {language} of the READMEs")
    rows = (HERE / "README.md").read_text(encoding="utf-8").splitlines()
    named = [row.split("`")[1] for row in rows if row.startswith("| `")]
    plays = [play.__name__ for play in PLAYS]
    harness.check(sorted(named) == sorted(plays), f"README has {named}, and run.py {plays}")


def run():
    readmes()
    install, exports = blocks("README.md", "sh")[:2]
    report = blocks("README.md", "python")[0]
    harness.check(f"`{TEST}`" in (PACKAGE / "README.md").read_text(encoding="utf-8"), f"README does not have {TEST}")
    home = harness.TARGET / "airflow-readme"
    try:
        venv.create(home, with_pip=True, clear=True)
    except OSError as error:
        # Debian has it in a package of its own.
        raise harness.Absent(f"no Python environment can be made in {home}: {error}") from None
    with tempfile.TemporaryDirectory() as folder, harness.Simulator() as simulator:
        (Path(folder) / "dags").mkdir()
        (Path(folder) / "dags/report.py").write_text(report, encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "WECOM"))}
        environment |= simulator.environment | connections(exports, simulator) | {
            "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
            "AIRFLOW_HOME": folder,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
        }
        print("installing Airflow and the packages, which takes a minute", flush=True)
        said("the installation", environment, install)
        said("pip check", environment, "pip check")
        said("airflow db migrate", environment, "airflow db migrate")
        for name in ("application", "chatbot"):
            command = TEST.replace("application", name)
            told = said(command, environment, command)
            harness.check("Connection success!" in told, f"{command}: {harness.last_line(told)}")
        chat = said("a group chat", environment, f"python -c {shlex.quote(CHAT)}").strip()
        simulator.so_far()
        given = shlex.quote(json.dumps({"chat_id": chat, "folder": folder}))
        said("the example", environment, f"airflow dags test wecom_nightly_report --conf {given}")
        arrived = [(path, errcode) for _, path, _, errcode in simulator.so_far() if path != "gettoken"]
        harness.check(arrived == [("media/upload", 0), ("appchat/send", 0)], f"the example: {arrived}")
    print("installed by README's command; both connections are accepted, and the example sends its report")


if __name__ == "__main__":
    harness.main("readme", run)
