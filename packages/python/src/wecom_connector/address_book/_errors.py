"""What can be wrong before anything is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .._component import Localized
from .._errors import Language, WeComError
from ._steps import Step

SHOWN = 20


class AddressBookError(Exception):
    """The address book cannot be brought into step. Each kind says what was changed until then."""

    def __init__(self, message: Localized, language: Language = "en") -> None:
        # All arguments: an exception is pickled by them.
        super().__init__(message, language)
        self.message, self.language = message, language

    def __str__(self) -> str:
        return self.message.zh if self.language == "zh" else self.message.en


@dataclass(frozen=True)
class SourceFault:
    """What is wrong with one row of the source."""

    place: str
    """The row: `members.csv:7`, by its line, or `members:7`, by its number, where the rows come from no file."""
    message: Localized


class SourceError(AddressBookError):
    """Rows of the source are wrong. Nothing was changed."""

    faults: Sequence[SourceFault]
    """The first faults that were found."""

    def __init__(self, faults: Sequence[SourceFault], total: int, language: Language) -> None:
        shown = faults[:SHOWN]
        more = total - len(shown)
        en = [f"{fault.place}: {fault.message.en}" for fault in shown]
        zh = [f"{fault.place}：{fault.message.zh}" for fault in shown]
        if more:
            en.append(f"and {more} more")
            zh.append(f"另有{more}处")
        super().__init__(Localized("\n".join(en), "\n".join(zh)), language)
        self.args = (faults, total, language)
        self.faults = faults


class TooManyDeletions(AddressBookError):
    """More would be deleted than is allowed. Nothing was changed."""


class TooManyFailures(AddressBookError):
    """So many steps were refused that something is wrong with all of them. The others before are done."""

    def __init__(self, failures: Sequence[Failure], language: Language) -> None:
        most, last = len(failures) - 1, failures[-1]
        en = f"more than {most} steps were refused, the last one: {last}"
        super().__init__(Localized(en, f"被拒绝的步骤超过{most}个，最后一个：{last}"), language)
        self.args = (failures, language)
        self.failures = failures


@dataclass(frozen=True)
class Failure:
    """A step that WeCom refused. The others were done."""

    step: Step
    error: WeComError

    def __str__(self) -> str:
        return f"{self.step}: {self.error}"


class JournalError(AddressBookError):
    """The journal is in use, damaged, or another enterprise's: nothing was changed. Or it, or a temporary file, cannot
    be read or written any more, where a disk is full: what was done until then is done, and the next run goes on."""
