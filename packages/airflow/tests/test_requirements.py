"""What the tests are run with."""

from __future__ import annotations

import re
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
CONSTRAINTS = PACKAGE.parents[1] / "host-test" / "engines" / "airflow" / "constraints.txt"


def names(path: Path) -> set[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {re.split(r"[=\[ ]", line)[0].lower() for line in lines if line[:1].isalnum()}


def test_all_of_it_is_pinned() -> None:
    wanted = names(PACKAGE / "requirements-dev.txt")
    assert "pytest" in wanted
    assert wanted <= names(CONSTRAINTS)
