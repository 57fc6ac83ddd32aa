"""Obelisk: the program, a server of it, and its command line."""

import json
import os
import shutil
import socket
import subprocess
import time

import harness

VERSION = "0.38.3"
BUILD = "host-test/engines/obelisk/install builds it in 20 to 30 minutes on two cores"
INSTALLED = harness.TARGET / f"obelisk-{VERSION}" / "bin" / "obelisk"
CACHE = harness.TARGET / "obelisk-cache"  # of machine code: Obelisk built for debugging compiles for half a minute
START = 300  # seconds that it may take to start


def program():
    """Obelisk: $OBELISK, or what `install` has built, or one on the path."""
    path = os.environ.get("OBELISK") or (INSTALLED if INSTALLED.is_file() else shutil.which("obelisk"))
    if not path:
        raise harness.Absent(f"there is no Obelisk {VERSION}: {BUILD}; OBELISK names one that is elsewhere")
    (path,) = harness.version_checked(path, "0.38.")
    return path


def wait_for(condition, what, seconds=60):
    """What a condition holds as soon as it holds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.1)
    raise harness.Wrong(f"{what}: not within {seconds} s")


class Obelisk(harness.Started):
    """A server with a database of its own, which may be killed and started again."""

    def __init__(self, path, home, settings, deployment, environment):
        self._program, self._home, self._deployment = path, home, deployment
        port = os.environ.get("OBELISK_PORT")
        if port is not None and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise harness.SetupError(f"OBELISK_PORT is {port!r}, and no port from 1 to 65535")
        self._port = int(port) if port else free_port()
        self._url = f"http://127.0.0.1:{self._port}"
        self.log = home / "server.log"
        self.written = ""  # by its command line
        # No variable of WeCom's but those that are given: no secret comes by another way.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("WECOM_")}
        self._environment = inherited | {"RUST_BACKTRACE": "0"} | environment
        CACHE.mkdir(parents=True, exist_ok=True)
        (home / "server.toml").write_text(
            settings.read_text(encoding="utf-8") + f'''
api.listening_addr = "127.0.0.1:{self._port}"
database.sqlite.directory = "{home}/database"
wasm.cache_directory = "{CACHE}/wasm"
wasm.codegen_cache.directory = "{CACHE}/code"
''', encoding="utf-8")

    def popen(self):
        self._begins = self.log.stat().st_size if self.log.exists() else 0
        command = [self._program, "server", "run", "--server-config", self._home / "server.toml"]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*command, "--deployment", self._deployment], cwd=self._home, env=self._environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )

    def ready(self):
        wait_for(self._is_ready, "Obelisk starts", START)

    def _is_ready(self):
        words = self.log.read_bytes()[self._begins :].decode(errors="replace")
        if self.process.poll() is not None:
            raise harness.SetupError(f"Obelisk did not start: {reason(words)}")
        return "Obelisk is ready" in words

    def kill(self):
        """Ends it as a power cut does."""
        self.process.kill()
        self.process.wait()

    def start_again(self):
        self.__enter__()

    def command(self, *arguments, seconds=120):
        """What a command of `obelisk execution` prints."""
        name, *rest = arguments
        command = [self._program, "execution", name, "--api-url", self._url, *map(str, rest)]
        try:
            ended = subprocess.run(
                command, env=self._environment, capture_output=True, text=True, encoding="utf-8", timeout=seconds
            )
        except subprocess.TimeoutExpired:
            raise harness.Wrong(f"obelisk execution {name}: no answer within {seconds} s") from None
        self.written += ended.stdout + ended.stderr
        harness.check(ended.returncode == 0, f"obelisk execution {name}: {harness.last_line(ended.stderr)}")
        return ended.stdout

    def submit(self, function, *parameters):
        """Starts a workflow or an activity: its ID."""
        return self.command("submit", function, json.dumps(parameters, ensure_ascii=False)).strip()

    def result(self, execution):
        """How an execution ends: {"ok": …}, or {"error": …}."""
        return json.loads(self.command("result", "--follow", "--json", execution))

    def call(self, function, *parameters):
        """How a function ends, and the ID of its execution."""
        execution = self.submit(function, *parameters)
        return self.result(execution), execution

    def status(self, execution):
        return json.loads(self.command("status", "--json", execution))["pending_state"]["status"]

    def executions(self):
        """All there have been, those of workflows' steps too."""
        return json.loads(self.command("list", "--show-derived", "--limit", 200, "--json"))

    def events(self, execution):
        return json.loads(self.command("events", "--from", 0, "--limit", 200, "--json", execution))["events"]

    def runs(self, execution):
        """How often an activity was begun."""
        return sum("locked" in event["event"] for event in self.events(execution))


def reason(log):
    """Why a server has ended, of what it logged."""
    lines = [line.removeprefix("Error: ") for line in log.splitlines() if line.startswith("Error: ")]
    causes = [line.strip() for line in log.splitlines() if line.startswith("    ")]
    return ": ".join([*lines, *causes[-1:]]) or harness.last_line(log)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
