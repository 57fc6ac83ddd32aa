"""The language of what a person reads in a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from airflow.configuration import conf

if TYPE_CHECKING:
    from wecom_connector import Localized

SECTION = "wecom_connector"
LANGUAGES = ("en", "zh")


def language() -> Literal["en", "zh"]:
    """`[wecom_connector] language` of Airflow's settings: `en` or `zh`."""
    value = conf.get(SECTION, "language", fallback="en")
    if value not in LANGUAGES:
        raise ValueError(f"[{SECTION}] language must be one of {', '.join(LANGUAGES)}, not {value!r}")
    return cast("Literal['en', 'zh']", value)


def said(text: Localized) -> str:
    """The text in that language."""
    return text.zh if language() == "zh" else text.en
