"""What a build takes from the repository: the component, the actions of its manifest, the version, the licence.

An sdist holds all of that, so that it can be built without the repository.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
MANIFEST = REPOSITORY / "schemas" / "manifest.json"
COMPONENT = "wecom_connector_stepwise.wasm"
BUILD = (
    *sorted(path.name for path in HERE.glob("*.py")),
    "pyproject.toml",
    "README.md",
    "requirements-dev.txt",
    "../../LICENSE",
    "../../schemas/manifest.json",
)
"""What makes a package, beside the component and what is in `src`."""
BUILT = REPOSITORY / "target" / "wasm32-unknown-unknown" / "release" / COMPONENT


def version() -> str:
    """The version of the connector, in the repository and in an sdist."""
    if MANIFEST.exists():
        return str(json.loads(MANIFEST.read_text(encoding="utf-8"))["version"])
    return (HERE / "VERSION").read_text(encoding="utf-8").strip()


class TakeFromRepository(BuildHookInterface[Any]):
    """Puts what is not in this folder into it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before each build."""
        if not MANIFEST.exists():
            return
        sys.path.insert(0, str(HERE))
        from generate import module

        package = HERE / "src" / "wecom_connector"
        manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
        (package / "_actions.py").write_text(module(manifest), encoding="utf-8")
        component = Path(os.environ.get("WECOM_STEPWISE_COMPONENT") or BUILT)
        if not component.exists():
            raise FileNotFoundError(
                f'no component at {component}: run "cargo xtask stepwise" in the repository\'s root, '
                "or set WECOM_STEPWISE_COMPONENT"
            )
        shutil.copyfile(component, package / COMPONENT)
        shutil.copyfile(REPOSITORY / "LICENSE", HERE / "LICENSE")
        # What tells a release whether a package is of these files, as `sha256sum` writes it.
        sums = (f"{hashlib.sha256((HERE / path).read_bytes()).hexdigest()}  {path}\n" for path in BUILD)
        (package / "sources.sha256").write_text("".join(sums), encoding="utf-8")
        (HERE / "VERSION").write_text(manifest["version"] + "\n", encoding="utf-8")
