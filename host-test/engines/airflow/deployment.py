"""Airflow with Celery on loopback, in a folder of its own: PostgreSQL, Redis, and its processes."""

import base64
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
QUEUED_FOR = 20  # seconds until a task is queued again that no worker has begun, 600 as Airflow comes
ORPHANED_FOR = 5  # seconds until a scheduler looks again for the tasks of one that ended, 300 as Airflow comes
SERVERS = ("api-server", "scheduler", "dag-processor", "triggerer")
WORKERS = ("worker-1", "worker-2")


def program(name):
    """A program of Debian's, also where it is not in PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = shutil.which(name) or next((str(of / name) for of in folders if (of / name).exists()), None)
    if path is None:
        raise harness.Absent(f"there is no {name}: apt-get install redis-server postgresql")
    return path


def faketime():
    """The library that makes the clock of a process differ."""
    found = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if found is None:
        raise harness.Absent("there is no libfaketime: apt-get install faketime")
    return str(found)


def clock(offset, folder):
    """What makes the clock of a Python process differ, such as by "+3h"."""
    if not offset:
        return {}
    # Debian 12 has 0.9.10, which refuses to sleep until a time of the monotonic clock, as Python does.
    sleeping = folder / "sleeping"
    sleeping.mkdir(exist_ok=True)
    (sleeping / "sitecustomize.py").write_text(
        "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds) and None\n"
    )
    # Waits are as long as they were.
    own = {"LD_PRELOAD": faketime(), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    return own | {"PYTHONPATH": str(sleeping)}


def settings(given):
    """Settings of Airflow, by SECTION__NAME, as its processes take them."""
    return {f"AIRFLOW__{name}": str(value) for name, value in given.items()}


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
        try:
            venv.create(home, with_pip=True, clear=True)
        except (OSError, subprocess.CalledProcessError) as error:
            # Debian has it in a package of its own.
            raise harness.Absent(f"no Python environment can be made in {home}: {error}") from None
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

    def __init__(self, python):
        self._programs = {name: program(name) for name in ("initdb", "postgres", "pg_dump", "redis-server", "redis-cli")}
        self._python = python
        self._running, self._began = {}, {}
        self.folder = Path(tempfile.mkdtemp(prefix="wecom-airflow-"))
        self.postgres_port, self.redis_port, self.port = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {"AIRFLOW_HOME": str(self.folder)} | settings(self._settings())

    def _settings(self):
        database = f"127.0.0.1:{self.postgres_port}/postgres"
        return {
            "CORE__DAGS_FOLDER": HERE / "dags",
            "CORE__EXECUTOR": "CeleryExecutor",
            "CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "CORE__LOAD_EXAMPLES": False,
            "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": True,
            "CORE__FERNET_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
            "CORE__TEST_CONNECTION": "Enabled",
            "DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://airflow@{database}",
            "CELERY__BROKER_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "CELERY__RESULT_BACKEND": f"db+postgresql://airflow@{database}",
            "API_AUTH__JWT_SECRET": "for-this-test-alone-and-long-enough-for-airflow-to-take-it-as-it-is",
            "API__SECRET_KEY": "for-this-test-alone",
            "API__BASE_URL": self.url,
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": LOST_AFTER,
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": 3,
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": 3,
            "SCHEDULER__TASK_QUEUED_TIMEOUT": QUEUED_FOR,
            "SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": 3,
            "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": ORPHANED_FOR,
            "TRIGGERER__JOB_HEARTBEAT_SEC": 2,
            "TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": 10,
            "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": 300,
            "LOGGING__BASE_LOG_FOLDER": self.folder / "logs",
            "USAGE_DATA_COLLECTION__ENABLED": False,
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
        for name in SERVERS:
            self.start(name)
        for name in WORKERS:
            self.start_worker(name)
        self.until("the API server answers", self._answers, 120)
        self.until("the DAGs are read", lambda: len(self.get("dags")["dags"]) == len(self._dags()), 120)
        for name in WORKERS:
            self.until(f"{name} is ready", lambda name=name: self._ready(name), 120)

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
        # All that it is told, with the messages that tasks are queued by.
        self._popen("redis-commands", [self._programs["redis-cli"], "-p", self.redis_port, "monitor"])

    @staticmethod
    def _listens(port):
        with socket.socket() as peer:
            return peer.connect_ex(("127.0.0.1", port)) == 0

    # Airflow.

    def _airflow(self, *arguments):
        command = [self._python, "-m", "airflow", *arguments]
        ended = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        harness.check(ended.returncode == 0, f"airflow {arguments[0]}: {harness.last_line(ended.stderr)}")

    def start(self, name, *arguments, clocked=None, **environment):
        """Starts a process of Airflow, whose clock may differ."""
        own = {"api-server": ["--host", "127.0.0.1", "--port", self.port, "--workers", "1"]}
        command = [self._python, "-m", "airflow", *(arguments or [name, *own.get(name, [])])]
        added = environment | clock(clocked, self.folder) | {"WECOM_PROCESS": self._tag(name)}
        self._popen(name, command, env=self.environment | added)

    def start_worker(self, name, **given):
        own = ["--celery-hostname", f"{name}@loopback", "--concurrency", "2", "--skip-serve-logs"]
        pid = ["--pid", self.folder / f"{name}.pid"]
        self._began[name] = self.log(name).count(" ready.")
        self.start(name, "celery", "worker", *own, *pid, "--without-mingle", "--without-gossip", **given)

    def _ready(self, name):
        return self.log(name).count(" ready.") > self._began[name]

    def only_worker(self, name, clocked=None, **environment):
        """Starts one worker again, and ends the others."""
        for worker in WORKERS:
            self.kill(worker)
        self.start_worker(name, clocked=clocked, **environment)
        self.until(f"{name} is ready", lambda: self._ready(name), 120)

    def both_workers(self):
        """Starts all workers again, as they were at first."""
        for name in WORKERS:
            self.kill(name)
            self.start_worker(name)
        for name in WORKERS:
            self.until(f"{name} is ready", lambda name=name: self._ready(name), 120)

    def restart(self, *names, clocked=None):
        """Starts processes again, as a service manager does: some end where their database is away."""
        for name in names:
            self.kill(name)
            self.start(name, clocked=clocked)
        self.until("the API server answers", self._answers, 120)

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

    def package(self, name):
        """The folder of a package that is installed."""
        [found] = self._python.parent.parent.glob(f"lib/*/site-packages/{name}")
        return found

    def processes(self):
        """Airflow's own, with a log each."""
        return [*SERVERS, *WORKERS]

    def files(self):
        """All that it has written, but for the files of the database."""
        return [path for path in self.folder.rglob("*") if path.is_file() and self._data not in path.parents]

    def dump(self):
        """The database as SQL."""
        where = ["-h", "127.0.0.1", "-p", str(self.postgres_port), "-U", "airflow", "postgres"]
        ended = subprocess.run([self._programs["pg_dump"], *where], capture_output=True)
        harness.check(ended.returncode == 0, f"pg_dump: {harness.last_line(ended.stderr.decode(errors='replace'))}")
        return ended.stdout

    # Its API.

    def _answers(self):
        try:
            self.get("version")
        except OSError:
            return False
        return True

    def get(self, path):
        return self._request("GET", path)

    def trigger(self, dag, **given):
        """Begins a run, and says how it is called."""
        return self._request("POST", f"dags/{dag}/dagRuns", {"logical_date": None, **given})["dag_run_id"]

    def clear(self, dag, run):
        """Has the tasks of a run done again."""
        what = {"dag_run_id": run, "dry_run": False, "only_failed": False, "reset_dag_runs": True}
        self._request("POST", f"dags/{dag}/clearTaskInstances", what)

    def set_state(self, dag, run, state):
        """Marks the one task of a run, as a person does."""
        path = f"dags/{dag}/dagRuns/{urllib.request.quote(run, safe='')}/taskInstances/push"
        self._request("PATCH", path, {"new_state": state})

    def connect(self, name, kind, **fields):
        """Makes a connection, as the form in the browser does."""
        self._request("POST", "connections", {"connection_id": name, "conn_type": kind, **fields})

    def tasks(self, dag, run):
        path = f"dags/{dag}/dagRuns/{urllib.request.quote(run, safe='')}/taskInstances"
        return self.get(path)["task_instances"]

    def tested(self, kind, **fields):
        """What the test of a connection says that nobody has saved."""
        return self._request("POST", "connections/test", {"connection_id": "tested", "conn_type": kind, **fields})

    def states(self, dag, run):
        return [task["state"] for task in self.tasks(dag, run)]

    def ended(self, dag, run, seconds=120):
        """The one task of a run that has ended."""
        try:
            self.until(f"{dag} ends", lambda: self.state(dag, run) in ("success", "failed"), seconds)
        except harness.Wrong as error:
            raise harness.Wrong(f"{error}; its task is {self._task_if_known(dag, run)}") from error
        [task] = self.tasks(dag, run)
        return task

    def _task_if_known(self, dag, run):
        """For an error that is told already: that the API server is away does not hide it."""
        try:
            return self.tasks(dag, run)
        except OSError as away:
            return f"not known: {away}"

    def state(self, dag, run):
        try:
            return self.get(f"dags/{dag}/dagRuns/{urllib.request.quote(run, safe='')}")["state"]
        except OSError:
            return None  # its database may be away

    def _request(self, method, path, body=None):
        token = self._token()
        request = urllib.request.Request(
            f"{self.url}/api/v2/{path}",
            None if body is None else json.dumps(body).encode(),
            {"content-type": "application/json", "authorization": f"Bearer {token}"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def _token(self):
        with urllib.request.urlopen(f"{self.url}/auth/token", timeout=30) as answer:
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
