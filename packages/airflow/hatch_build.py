"""What a build takes from the repository: operators and connections of the manifest, the version, the licence.

An sdist holds all of that, so that it can be built without the repository.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
MANIFEST = REPOSITORY / "schemas" / "manifest.json"
BUILD = (
    *sorted(path.name for path in HERE.glob("*.py")),
    "pyproject.toml",
    "README.md",
    "requirements-dev.txt",
    "../python/generate.py",
    "../../LICENSE",
    "../../schemas/manifest.json",
)
"""What makes a package, beside what is in `src`."""


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
        from generate_operators import connections, operators

        package = HERE / "src" / "wecom_connector_provider"
        manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
        (package / "_operators.py").write_text(operators(manifest), encoding="utf-8")
        forms = json.dumps(connections(manifest), ensure_ascii=False, indent=1)
        (package / "_connections.json").write_text(forms + "\n", encoding="utf-8")
        shutil.copyfile(REPOSITORY / "LICENSE", HERE / "LICENSE")
        # What tells a release whether a package is of these files, as `sha256sum` writes it.
        sums = (f"{hashlib.sha256((HERE / path).read_bytes()).hexdigest()}  {path}\n" for path in BUILD)
        (package / "sources.sha256").write_text("".join(sums), encoding="utf-8")
        (HERE / "VERSION").write_text(manifest["version"] + "\n", encoding="utf-8")
