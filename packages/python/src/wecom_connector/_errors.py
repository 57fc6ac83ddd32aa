"""What becomes of a call that did not end well: an exception for each case of the component's error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from ._component import Category, Credential, ErrorCase, Failure, InvalidParameter, Localized

Language: TypeAlias = Literal["en", "zh"]
Check: TypeAlias = Literal[
    "size",
    "query",
    "envelope",
    "signature",
    "time",
    "base64",
    "blocks",
    "padding",
    "length",
    "utf8",
    "receiver",
    "message",
]


class WeComError(Exception):
    """A call did not end well. The class says what may be done next; `str()` says it to a person.

    The component has a fifth case, `execution-failed`. It never returns it: it is there for engines that lose calls.
    """

    case: ClassVar[str | None] = None
    """The case of the component's error: `permanent-rejected`. A callback that is refused has none."""
    may_repeat: bool = False
    """Whether the call may simply be made again, after `retry_after_seconds`."""
    category: Category | None = None
    """What kind of problem this is."""
    errcode: int | None = None
    """WeCom's code, where WeCom answered."""
    message: str = ""
    """WeCom's own words, or what broke on the way."""
    hint: Localized
    """What a person does now."""
    doc_url: str | None = None
    """WeCom's page on the code, or on the API where there is no code."""
    retry_after_seconds: int | None = None
    """How long to wait before repeating, where that is known."""
    caller_ip: str | None = None
    """The address that WeCom saw the call come from, where it named one."""
    api: str | None = None
    """The API that answered or broke: `message/send`, `gettoken`."""
    credential: Credential | None = None
    """What the call was made with."""
    action: str
    """What was called: `push-text-message`."""
    language: Language
    """The language of `str()`."""

    def _text(self) -> str:
        return self.hint.zh if self.language == "zh" else self.hint.en

    def __str__(self) -> str:
        return f"{self.action}: {self._text()}"


class InvalidParameters(WeComError):
    """A parameter or the connection breaks a rule. Nothing was sent."""

    case = "permanent-invalid-parameters"
    faults: Sequence[InvalidParameter]
    """Every fault that was found, each with its place and the rule."""

    def __init__(self, action: str, language: Language, faults: Sequence[InvalidParameter]) -> None:
        # All arguments: an exception is pickled by them.
        super().__init__(action, language, faults)
        self.action, self.language, self.faults = action, language, faults
        self.hint = Localized(
            "; ".join(f"{_place(fault)} {fault.message.en}" for fault in faults),
            "；".join(f"{_place(fault)}：{fault.message.zh}" for fault in faults),
        )
        self.message = self.hint.en


def _place(fault: InvalidParameter) -> str:
    field = fault.pointer.removeprefix("/").replace("~1", "/").replace("~0", "~")
    if fault.argument == "parameters" and field:
        return field
    return f"{fault.argument} {field}".rstrip()


@dataclass(frozen=True)
class Refusal:
    """Why a callback was not taken. It holds nothing of the request."""

    check: Check
    status: int
    message: Localized


class CallbackRefused(WeComError):
    """A callback is not WeCom's, or not for this receiver. `str()` is a line for the log; who called gets `status`."""

    check: Check
    """Which check it failed."""
    status: int
    """The HTTP status to answer with: 400 or 413 for what is no callback at all, and 403 for everything else, so that
    nobody learns from it what a forged ciphertext decrypts to."""

    def __init__(self, action: str, language: Language, refusal: Refusal) -> None:
        super().__init__(action, language, refusal)
        self.action, self.language = action, language
        self.check, self.status = refusal.check, refusal.status
        self.hint, self.message = refusal.message, refusal.message.en


class _Failed(WeComError):
    """What the three other cases share."""

    def __init__(self, action: str, language: Language, failure: Failure) -> None:
        super().__init__(action, language, failure)
        self.action, self.language = action, language
        self.category = failure.category
        self.errcode = failure.errcode
        self.message = failure.message
        self.hint = failure.hint
        self.doc_url = failure.doc_url
        self.retry_after_seconds = failure.retry_after_seconds
        self.caller_ip = failure.caller_ip
        self.api = failure.api
        self.credential = failure.credential

    def __str__(self) -> str:
        said = self.message if self.errcode is None else f"{self.errcode} {self.message}"
        return f"{super().__str__()} [{self.api}: {said}] {self.doc_url}"


class Rejected(_Failed):
    """No, of WeCom, of a server before it or of httpx itself. Repeating is useless until someone acts."""

    case = "permanent-rejected"


class OutcomeUnknown(_Failed):
    """A write may or may not have happened. Look in WeCom before repeating it."""

    case = "permanent-outcome-unknown"


class Retryable(_Failed):
    """It did not happen, it only read, or WeCom does not do it twice. It may be repeated after a while."""

    case = "retryable"
    may_repeat = True


def error_of(case: ErrorCase, action: str, language: Language) -> WeComError:
    """The exception for an error of the component."""
    name, payload = case
    if name == InvalidParameters.case:
        return InvalidParameters(action, language, payload)
    classes = {kind.case: kind for kind in (Rejected, OutcomeUnknown, Retryable)}
    return classes[name](action, language, payload)


def lost(
    action: str, language: Language, why: Localized, api: str, unknown: bool, within: Localized | None, doc_url: str
) -> OutcomeUnknown | Retryable:
    """The exception for a call to which the component has no answer any more.

    `unknown` is whether a second call could do it twice, `within` says for how long WeCom does not.
    """
    if unknown:
        what = Localized(
            "It may or may not have happened: look in WeCom before you repeat it.",
            "操作可能已生效，也可能没有，重试前请先在企业微信里确认。",
        )
    elif within:
        what = within
    else:
        what = Localized("It did not happen, or it only reads: repeat it.", "操作没有执行，或只读取数据，可以重试。")
    failure = Failure(
        category="unknown",
        errcode=None,
        message=why.en,
        hint=Localized(f"{why.en[0].upper()}{why.en[1:]}. {what.en}", f"{why.zh}。{what.zh}"),
        doc_url=doc_url,
        retry_after_seconds=None,
        caller_ip=None,
        api=api,
        credential=None,
    )
    return (OutcomeUnknown if unknown else Retryable)(action, language, failure)
