"""Airflow with Celery on loopback, in a folder of its own: PostgreSQL, Redis, and its processes."""

import hashlib
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from pathlib import Path

import harness

HERE = Path(__file__).resolve().parent
CONSTRAINTS = HERE / "constraints.txt"
PACKAGES = [harness.ROOT / "packages" / name for name in ("python", "airflow")]
LOST_AFTER = 15  # seconds without a heartbeat, 300 as Airflow comes


def program(name):
    """A program of Debian's, also where it is not in PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = shutil.which(name) or next((str(of / name) for of in folders if (of / name).exists()), None)
    if path is None:
        raise harness.Absent(f"there is no {name}: apt-get install redis-server postgresql")
    return path


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def installed():
    """The Python of an environment with Airflow, and with our packages as they are now."""
    stamp = hashlib.sha256(CONSTRAINTS.read_bytes()).hexdigest()
    home = harness.TARGET / "airflow"
    python = home / "bin" / "python"
    marker = home / "constraints.sha256"
    if not (marker.is_file() and marker.read_text() == stamp):
        print("installing Airflow, which takes minutes", flush=True)
        harness.TARGET.mkdir(parents=True, exist_ok=True)
        venv.create(home, with_pip=True, clear=True)
        wanted = ["apache-airflow[celery,postgres]", "celery[redis]", "hatchling", "httpx", "wasmtime"]
        pip(python, "--only-binary", ":all:", "--constraint", CONSTRAINTS, *wanted)
        marker.write_text(stamp)
    try:
        pip(python, "--no-deps", "--no-build-isolation", "--force-reinstall", *PACKAGES)
    except harness.Absent as error:
        # They are this repository's own.
        raise harness.Wrong(str(error)) from None
    return python


def pip(python, *arguments):
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    ended = harness.run(command)
    if ended.returncode:
        errors = [line for line in ended.stderr.splitlines() if line.startswith("ERROR:")]
        raise harness.Absent(f"Airflow cannot be installed: {(errors or [harness.last_line(ended.stderr)])[-1]}")


class Deployment:
    """Everything that runs. It ends with the `with` block."""

    def __init__(self, python, connections):
        self._programs = {name: program(name) for name in ("initdb", "postgres", "redis-server")}
        self._python = python
        self._running = {}
        self.folder = Path(tempfile.mkdtemp(prefix="wecom-airflow-"))
        self.postgres_port, self.redis_port, self.port = free_port(), free_port(), free_port()
        self.environment = os.environ | connections | self._settings()

    def _settings(self):
        database = f"127.0.0.1:{self.postgres_port}/postgres"
        settings = {
            "CORE__DAGS_FOLDER": HERE / "dags",
            "CORE__EXECUTOR": "CeleryExecutor",
            "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{self.port}/execution/",
            "CORE__LOAD_EXAMPLES": False,
            "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": True,
            "CORE__FERNET_KEY": "",
            "DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://airflow@{database}",
            "CELERY__BROKER_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "CELERY__RESULT_BACKEND": f"db+postgresql://airflow@{database}",
            "API_AUTH__JWT_SECRET": "for-this-test-alone-and-long-enough-for-airflow-to-take-it-as-it-is",
            "API__SECRET_KEY": "for-this-test-alone",
            "API__BASE_URL": f"http://127.0.0.1:{self.port}",
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": LOST_AFTER,
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": 3,
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": 3,
            "TRIGGERER__JOB_HEARTBEAT_SEC": 2,
            "TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": 10,
            "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": 300,
            "LOGGING__BASE_LOG_FOLDER": self.folder / "logs",
            "USAGE_DATA_COLLECTION__ENABLED": False,
        }
        return {"AIRFLOW_HOME": str(self.folder)} | {
            f"AIRFLOW__{name}": str(value) for name, value in settings.items()
        }

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in reversed(list(self._running)):
            self.kill(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self):
        self._initdb()
        self.start_postgres()
        self.start_redis()
        self._airflow("db", "migrate")
        self.start("api-server", "api-server", "--host", "127.0.0.1", "--port", self.port, "--workers", "1")
        for name in ("scheduler", "dag-processor", "triggerer"):
            self.start(name)
        for name in ("worker-1", "worker-2"):
            self.start_worker(name)
        self.until("the API server answers", self._answers, 120)
        self.until("the DAGs are read", lambda: len(self.get("dags")["dags"]) == len(self._dags()), 120)
        for name in ("worker-1", "worker-2"):
            self.until(f"{name} is ready", lambda name=name: " ready." in self.log(name), 120)

    @staticmethod
    def _dags():
        source = (HERE / "dags" / "wecom.py").read_text(encoding="utf-8")
        return [line.split('"')[1] for line in source.splitlines() if line.startswith(('push("', 'with DAG("'))]

    # Servers.

    def _as_owner(self):
        # PostgreSQL refuses to run as root.
        if os.getuid():
            return {}
        owner = pwd.getpwnam("postgres")
        return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}

    def _initdb(self):
        self._data = self.folder / "postgres"
        self._data.mkdir()
        if not os.getuid():
            self.folder.chmod(0o755)
            shutil.chown(self._data, "postgres", "postgres")
        command = [self._programs["initdb"], "-D", self._data / "data", "-U", "airflow", "--auth=trust"]
        ended = subprocess.run(command, capture_output=True, text=True, cwd=self._data, **self._as_owner())
        harness.check(ended.returncode == 0, f"initdb: {harness.last_line(ended.stderr)}")

    def start_postgres(self):
        where = ["-D", self._data / "data", "-p", self.postgres_port, "-h", "127.0.0.1", "-k", self._data]
        self._popen("postgres", [self._programs["postgres"], *where], cwd=self._data, **self._as_owner())
        self.until("PostgreSQL listens", lambda: self._listens(self.postgres_port), 30)

    def start_redis(self):
        only = ["--bind", "127.0.0.1", "--save", "", "--dir", self.folder]
        self._popen("redis", [self._programs["redis-server"], "--port", self.redis_port, *only])
        self.until("Redis listens", lambda: self._listens(self.redis_port), 30)

    @staticmethod
    def _listens(port):
        with socket.socket() as peer:
            return peer.connect_ex(("127.0.0.1", port)) == 0

    # Airflow.

    def _airflow(self, *arguments):
        command = [self._python, "-m", "airflow", *arguments]
        ended = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        harness.check(ended.returncode == 0, f"airflow {arguments[0]}: {harness.last_line(ended.stderr)}")

    def start(self, name, *arguments, **environment):
        """Starts a process of Airflow."""
        command = [self._python, "-m", "airflow", *(arguments or [name])]
        self._popen(name, command, env=self.environment | environment | {"WECOM_PROCESS": self._tag(name)})

    def start_worker(self, name, **environment):
        own = ["--celery-hostname", f"{name}@loopback", "--concurrency", "2", "--skip-serve-logs"]
        pid = ["--pid", self.folder / f"{name}.pid"]
        self.start(name, "celery", "worker", *own, *pid, "--without-mingle", "--without-gossip", **environment)

    def _tag(self, name):
        return f"{self.folder.name}/{name}"

    def _popen(self, name, command, **options):
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                **options,
            )

    def kill(self, name):
        """Ends a process at once, with all that it has begun."""
        process = self._running.pop(name, None)
        if process is None:
            return
        # Some rename themselves and so lose the name that they inherited: those are of its group.
        left = self._descendants(name)
        for end, pid in [(os.killpg, process.pid), *((os.kill, pid) for pid in left)]:
            try:
                end(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        process.wait()

    def _descendants(self, name):
        """What has inherited its name, also where its own parent is gone."""
        tag = f"WECOM_PROCESS={self._tag(name)}".encode()
        found = []
        for process in Path("/proc").iterdir():
            try:
                if process.name.isdigit() and tag in (process / "environ").read_bytes().split(b"\0"):
                    found.append(int(process.name))
            except OSError:
                pass  # it has ended meanwhile, or is not ours
        return found

    def log(self, name):
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def task_log(self, dag, run, attempt):
        """What a try of the task of a DAG has logged, as text."""
        path = self.folder / "logs" / f"dag_id={dag}" / f"run_id={run}" / "task_id=push" / f"attempt={attempt}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    # Its API.

    def _answers(self):
        try:
            self.get("version")
        except OSError:
            return False
        return True

    def get(self, path):
        return self._request("GET", path)

    def trigger(self, dag):
        """Begins a run, and says how it is called."""
        return self._request("POST", f"dags/{dag}/dagRuns", {"logical_date": None})["dag_run_id"]

    def tasks(self, dag, run):
        path = f"dags/{dag}/dagRuns/{urllib.request.quote(run, safe='')}/taskInstances"
        return self.get(path)["task_instances"]

    def ended(self, dag, run, seconds=120):
        """The one task of a run that has ended."""
        self.until(f"{dag} ends", lambda: self.state(dag, run) in ("success", "failed"), seconds)
        [task] = self.tasks(dag, run)
        return task

    def state(self, dag, run):
        try:
            return self.get(f"dags/{dag}/dagRuns/{urllib.request.quote(run, safe='')}")["state"]
        except OSError:
            return None  # its database may be away

    def _request(self, method, path, body=None):
        token = self._token()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v2/{path}",
            None if body is None else json.dumps(body).encode(),
            {"content-type": "application/json", "authorization": f"Bearer {token}"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def _token(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/auth/token", timeout=30) as answer:
            return json.load(answer)["access_token"]

    def until(self, what, is_so, seconds=60):
        """Waits for it."""
        end = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > end:
                for name in self._running:
                    print(f"--- {name}\n{self.log(name)[-2000:]}", file=sys.stdout)
                raise harness.Wrong(f"{what}: not within {seconds} s")
            time.sleep(0.5)
