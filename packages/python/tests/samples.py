"""The samples of the manifest, as the simulator takes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from support import REPOSITORY

from wecom_connector import Rejected

# What the simulator has, by action, where the sample names something else: one table for all packages.
IN_THE_SIMULATOR: dict[str, dict[str, Any]] = json.loads(
    (REPOSITORY / "packages" / "js" / "test" / "support" / "samples.json").read_text(encoding="utf-8")
)


def runnable(action: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """The sample, with IDs that the simulator has."""
    given = {**action["sample_parameters"], **IN_THE_SIMULATOR.get(action["id"], {})}
    if "msg_id" in given:
        given["msg_id"] = known.get("msg_id", given["msg_id"])
    return given


Run = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]


def run_all(actions: list[dict[str, Any]], run: Run) -> None:
    """Runs all. A sample may need what another brings forth: what is refused comes again after the others."""
    known: dict[str, Any] = {}
    # What one takes away others may need.
    waiting = sorted(actions, key=lambda action: bool(action["effect"] == "delete"))
    while waiting:
        refused: list[dict[str, Any]] = []
        errors: dict[str, str] = {}
        for action in waiting:
            try:
                output = run(action, runnable(action, known))
            except Rejected as error:
                refused.append(action)
                errors[action["id"]] = str(error)
                continue
            required = action["output"].get("required", [])
            assert set(required) <= set(output) <= set(action["output"]["properties"]), action["id"]
            known.update(output)
        assert len(refused) < len(waiting), errors
        waiting = refused
