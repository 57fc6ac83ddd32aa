#!/usr/bin/env python3
"""A small engine: it reads a flow from a JSON file and carries it out by `manifest` and `invoke`.

usage: engine.py COMPONENT FLOW [NAME=VALUE …]   (values for the flow's input)

The connection is in WECOM_… variables. It needs the wheel `wasmtime`.

Exit status 0: done. 1: the flow stopped, and why. 2: the call or the flow is wrong.
"""

import json
import os
import re
import sys
import time

from wasmtime import Engine, Store, WasiConfig, WasmtimeError
from wasmtime.component import Component, Linker

TEMPLATE = re.compile(r"\$\{([^}]+)\}")
REFERENCE = re.compile(r'"\$ref": "([^"]+)"|\$\{([^}]+)\}')
ATTEMPTS = 3  # of one step, the first included
MEMORY = 64 << 20  # bytes that the component may have
PATIENCE = 120  # seconds; who is asked to wait longer does better to run the flow again later
# What a step may do on an error of a case, its default first; on those that are not here, stop or continue.
REACTIONS = {"retryable": ("retry", "stop", "continue"), "permanent-outcome-unknown": ("stop",)}


class Stopped(Exception):
    """The flow goes no further."""


class FlowError(Exception):
    """The flow is wrong; nothing was sent."""


class Connector:
    """One instance that is kept, and with it its access tokens."""

    def __init__(self, file, environment):
        engine = Engine()
        linker = Linker(engine)
        linker.add_wasip2()
        linker.add_wasi_http()
        self._store = Store(engine)
        self._store.set_limits(memory_size=MEMORY)
        wasi = WasiConfig()
        wasi.env = [(name, value) for name, value in environment.items() if name.startswith("WECOM_")]
        self._store.set_wasi(wasi)
        self._store.set_wasi_http()
        self._instance = linker.instantiate(self._store, Component.from_file(engine, file))
        self._interface = self._instance.get_export_index(self._store, "wecom:connector/connector@0.2.0")

    def call(self, name, *arguments):
        index = self._instance.get_export_index(self._store, name, self._interface)
        return self._instance.get_func(self._store, index)(self._store, *arguments)


def read(file):
    """A flow, or what is wrong with the file."""
    try:
        with open(file, encoding="utf-8") as text:
            return json.load(text)
    except (OSError, ValueError) as error:
        raise FlowError(f"{file}: {error}") from None


def validate(flow, manifest):
    """Everything that can be known to be wrong before anything is sent."""
    actions = {action["id"] for action in manifest["actions"]}
    cases = {case["id"] for case in manifest["error_cases"]}
    known = {"input"}
    for step in flow["steps"]:
        here = f"step {step['id']}"
        if step["id"] in known:
            raise FlowError(f"{here}: that ID is taken")
        if step["action"] not in actions:
            raise FlowError(f"{here}: there is no action {step['action']}")
        for places in REFERENCE.findall(json.dumps(step.get("parameters", {}), ensure_ascii=False)):
            if "".join(places).split("/")[0] not in known:
                raise FlowError(f"{here}: nothing before it is named {''.join(places)}")
        for case, reaction in step.get("on_error", {}).items():
            if case not in cases or reaction not in REACTIONS.get(case, ("stop", "continue")):
                raise FlowError(f"{here}: on_error {case}: {reaction} is not possible")
        known.add(step["id"])


def resolve(value, outputs):
    """Parameters with what they refer to: {"$ref": "department/id"} is the value, "${input/name}" a piece of text."""
    def look_up(place):
        found = outputs
        for key in place.split("/"):
            try:
                found = found[int(key) if isinstance(found, list) else key]
            except (KeyError, IndexError, TypeError, ValueError):
                raise Stopped(f"{place} is not there: its step failed, or has no such output") from None
        return found

    if isinstance(value, dict):
        if "$ref" in value:
            return look_up(value["$ref"])
        return {key: resolve(item, outputs) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, outputs) for item in value]
    return TEMPLATE.sub(lambda match: str(look_up(match[1])), value) if isinstance(value, str) else value


def words(error):
    """An error of the connector for people. It never holds a secret."""
    if error.tag == "permanent-invalid-parameters":
        return "; ".join(f"{fault.argument}{fault.pointer} {fault.message.en}" for fault in error.payload)
    return f"{error.payload.message} | {error.payload.hint.en} | {getattr(error.payload, 'doc-url')}"


def run_step(connector, step, parameters, say, sleep):
    """One step: its output, or None where it failed and the flow goes on all the same."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            answer = connector.call("invoke", step["action"], None, json.dumps(parameters))
        except WasmtimeError as error:  # a trap: the instance is gone, and nobody knows how far it came
            raise Stopped(f"the component broke down, a person must look in WeCom: {error}") from None
        if isinstance(answer, str):
            return json.loads(answer)
        if answer.tag == "permanent-outcome-unknown":
            raise Stopped(f"it may or may not have happened, a person must look in WeCom: {words(answer)}")
        reaction = step.get("on_error", {}).get(answer.tag, REACTIONS.get(answer.tag, ("stop",))[0])
        if reaction == "retry":
            wait = getattr(answer.payload, "retry-after-seconds") or 2**attempt
            if attempt < ATTEMPTS and wait <= PATIENCE:
                say(f"{step['id']}: {answer.payload.message}; again in {wait} s")
                sleep(wait)
                continue
        if reaction == "continue":
            say(f"{step['id']}: went wrong, and the flow goes on: {answer.tag}: {words(answer)}")
            return None
        raise Stopped(f"{answer.tag}: {words(answer)}")


def run(flow, connector, given=(), say=print, sleep=time.sleep):
    """Carries out a flow: the outputs by step."""
    try:
        validate(flow, json.loads(connector.call("manifest")))
    except (KeyError, TypeError, AttributeError) as error:
        raise FlowError(f"a flow has a list of steps, each with id and action: {error!r}") from None
    outputs = {"input": flow.get("input", {}) | dict(given)}
    for step in flow["steps"]:
        try:
            output = run_step(connector, step, resolve(step.get("parameters", {}), outputs), say, sleep)
        except Stopped as stopped:
            raise Stopped(f"step {step['id']} ({step['action']}): {stopped}") from None
        if output is not None:
            outputs[step["id"]] = output
            say(f"{step['id']}: {json.dumps(output, ensure_ascii=False)}")
    return outputs


if __name__ == "__main__":
    if len(sys.argv) < 3 or any("=" not in argument for argument in sys.argv[3:]):
        sys.exit(__doc__)
    try:
        flow = read(sys.argv[2])
        run(flow, Connector(sys.argv[1], os.environ), [pair.split("=", 1) for pair in sys.argv[3:]])
    except (FlowError, Stopped, WasmtimeError, OSError) as reason:
        print(f"engine: {' '.join(str(reason).split())}", file=sys.stderr)
        sys.exit(1 if isinstance(reason, Stopped) else 2)
