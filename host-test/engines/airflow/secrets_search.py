"""Whether a secret stands in anything that Airflow keeps: its logs, its database, and what Redis was told."""

import base64
import binascii
import re
import secrets

import harness

PACKED = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
HEX = re.compile(rb"(?:[0-9a-f]{2}){12,}")
DEPTH = 3  # a message of Celery is Base64 within JSON, and a pickle in PostgreSQL hexadecimal


def unpacked(found, depth=DEPTH):
    """It, and what stands in it as Base64 or hexadecimal."""
    yield found
    if not depth:
        return
    for match in HEX.finditer(found):
        yield from unpacked(binascii.unhexlify(match[0]), depth - 1)
    for match in PACKED.finditer(found):
        text = match[0].rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        try:
            yield from unpacked(base64.b64decode(text + b"=" * (-len(text) % 4)), depth - 1)
        except binascii.Error:
            pass  # it only looked like it


def places(airflow):
    """All that it keeps, by where."""
    found = {str(path.relative_to(airflow.folder)): path.read_bytes() for path in airflow.files()}
    table = None
    for line in airflow.dump().splitlines(keepends=True):
        if line.startswith(b"COPY "):
            table = f"table {line.split()[1].decode()}"
            found[table] = b""
        elif line == b"\\.\n":
            table = None
        found[table or "schema"] = found.get(table or "schema", b"") + line
    return found


def search(found, words):
    """Where each word stands."""
    hits = {name: set() for name in words}
    for place, content in found.items():
        pieces = b"\0".join(unpacked(content))
        for name, word in words.items():
            if word.encode() in pieces:
                hits[name].add(place)
    return hits


def play(stage):
    """Plants words where secrets must not be, and searches for both."""
    airflow, simulator = stage.airflow, stage.simulator
    run, packed, hexed = (f"planted-{secrets.token_urlsafe(16)}" for _ in range(3))
    conf = {"packed": base64.b64encode(packed.encode()).decode(), "hexed": hexed.encode().hex()}
    airflow.connect("planted", "wecom_application", description=run)
    airflow.trigger("planted", dag_run_id=run, conf=conf)
    airflow.ended("planted", run)
    harness.check(stage.gateway.tokens, "no access token was used")
    hidden = {"the app secret": simulator.application["app_secret"]}
    hidden |= {"the contacts secret": simulator.application["contacts_secret"]}
    hidden |= {"the chatbot key": simulator.chatbot["chatbot_key"]}
    hidden |= {f"access token {number}": token for number, token in enumerate(sorted(stage.gateway.tokens), 1)}
    found = places(airflow)
    hits = search(found, hidden | {"run": run, "packed": packed, "hexed": hexed})
    for place in ("redis-commands.log", "table public.xcom", "table public.connection", f"logs/dag_id=planted/run_id={run}"):
        harness.check(any(hit.startswith(place) for hit in hits["run"]), f"the search misses what is planted in {place}")
    for name in ("packed", "hexed"):
        harness.check("table public.dag_run" in hits[name], f"the search misses what is {name}")
    for name in airflow.processes():
        harness.check(found.get(f"{name}.log"), f"there is no log of {name}")
    for name in hidden:
        harness.check(not hits[name], f"{name} stands in {', '.join(sorted(hits[name]))}")
    size = sum(map(len, found.values())) / 1e6
    return f"{len(hidden)} secrets are nowhere in {len(found)} logs and tables, {size:.1f} MB; what was planted was found"
