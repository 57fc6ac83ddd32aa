"""The mark that keeps a call from being made twice.

A worker that dies takes with it whether WeCom was called. So a mark is left in Airflow's task state store before a call
that must not happen twice; whoever finds it on the next try does not call again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ._airflow import NEVER_EXPIRE
from .clock import now, server_time
from .errors import ExecutionFailed

if TYPE_CHECKING:
    from wecom_connector import WeComError

    from .operator import Action

KEY = "wecom_call"
MARGIN = 300
"""Seconds of `duplicate_check_interval` that stay unused: a call takes its time. A token and a push may each take
minutes before they are given up."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Begun:
    """When a call was begun."""

    since: str
    """By the clock of the machine, for a person."""
    server_time: str | None
    """By the clock of the API server, which the next machine asks, too."""

    @classmethod
    def just_now(cls, interval: float) -> Begun:
        """The server is asked only where the answer counts."""
        told = server_time() if interval > MARGIN else None
        if interval > MARGIN and told is None:
            log.warning("the API server does not say what time it is: if this call is lost, the next try sends nothing")
        return cls(since=now().isoformat(), server_time=told.isoformat() if told else None)

    def is_done_once(self, interval: float) -> bool | None:
        """Whether WeCom still drops a repetition. None where nobody can tell how much time went by."""
        if interval <= MARGIN:
            return False
        today = server_time()
        if today is None or self.server_time is None:
            return None
        age = (today - datetime.fromisoformat(self.server_time)).total_seconds()
        # A clock that was set back says nothing about how much time went by.
        return None if age < 0 else age < interval - MARGIN


def lost(action: str, since: str, tried: int, *, is_age_known: bool = True) -> ExecutionFailed:
    """The end of a try that finds the mark of another one."""
    from wecom_connector import Localized

    begun = since[:19].replace("T", " ")
    clock = Localized("", "")
    if not is_age_known:
        clock = Localized(
            "WeCom's duplicate check cannot be relied on: the clock of Airflow's API server was set back, or could "
            "not be asked. ",
            "无法依靠企业微信的重复消息检查：Airflow API server的时钟被调回，或无法获取其时间。",
        )
    hint = Localized(
        f"try {tried} began this at {begun} UTC by its machine's clock and broke off, so it may or may not have "
        f"happened. {clock.en}Look in WeCom. If it has not happened, clear the task: it is then done again.",
        f"第{tried}次尝试在{begun}（UTC，以其所在机器的时钟为准）开始执行后中断，操作可能已生效，也可能没有。{clock.zh}"
        "请先在企业微信里确认。如果没有生效，请清除该任务的状态（Clear），它会重新执行。",
    )
    return ExecutionFailed(action, hint)


@contextmanager
def _not_instead() -> Iterator[None]:
    """Lets no error of the store take the place of what came of the call. The mark that stays is on the safe side."""
    try:
        yield
    except Exception as error:
        log.warning(
            "Airflow did not take what came of the call. Also if the task is cleared, the next try sends nothing: %s",
            type(error).__name__,
        )


class Mark:
    """The mark of a call of a task."""

    def __init__(
        self,
        context: Mapping[str, Any],
        action: Action,
        interval: float,
        *,
        is_first: bool = False,
    ) -> None:
        self._store = None if action.is_repeatable else context.get("task_state_store")
        self._ti = context["ti"]
        self._action = action
        self._interval = interval
        self.is_first = is_first
        """Whether no earlier try has left a mark: then a call that fails has told everything there is to know."""
        self.earlier: Begun | None = None
        """The call of an earlier try that WeCom still drops a repetition of."""

    def leave(self) -> None:
        """Leaves the mark, or ends the task where it is there already and WeCom would do the call again."""
        if self._action.is_repeatable:
            return
        if self._store is None:
            log.warning(
                "%s: this Airflow keeps nothing between tries (that came with 3.3): if the worker is lost during the "
                "call, the next try does it again.%s",
                self._action.id,
                f" Set {self._action.idempotent_with}, and WeCom drops the second one."
                if self._action.idempotent_with
                else "",
            )
            return
        left = self._store.get(KEY)
        if isinstance(left, dict) and self._counts(left):
            self._go_on(left)
            return
        mark = {
            "action": self._action.id,
            **asdict(Begun.just_now(self._interval)),
            "try_number": self._ti.try_number,
            "max_tries": self._ti.max_tries,
        }
        # As long as the run itself is kept: Airflow would count its days by the clock of this machine.
        self._store.set(KEY, mark, retention=NEVER_EXPIRE)
        self.is_first = True

    def _counts(self, left: Mapping[str, Any]) -> bool:
        """Whether nobody has decided since that it is done again. Whoever clears a task that has told its end has.

        Airflow grants a cleared task more tries, whether it had ended, ran, was deferred or waited for its next try.
        One whose worker was lost on its last try looks like one that was cleared while it ran, so it has to tell first.
        """
        return left["max_tries"] == self._ti.max_tries or not left.get("is_told")

    def tell(self) -> None:
        """Notes that the task ends, and that whoever looks at it sees what came of the call. Whoever clears it then has
        decided.
        """
        if self._store is None:
            return
        with _not_instead():
            left = self._store.get(KEY)
            if isinstance(left, dict):
                # Should the end be lost all the same, the next try of this task is not one that was cleared.
                told = {**left, "max_tries": self._ti.max_tries, "is_told": True}
                self._store.set(KEY, told, retention=NEVER_EXPIRE)

    def tell_success(self, output: Mapping[str, Any]) -> None:
        """The same where the call has happened. Airflow may lose the output after that, so the log says it before."""
        if self._action.is_repeatable:
            return
        message = output.get("msg_id")
        log.info("%s: WeCom has taken it%s", self._action.id, f", msg_id {message}" if message else "")
        self.tell()

    def _go_on(self, left: Mapping[str, Any]) -> None:
        """Ends the task where WeCom would do again what an earlier try has begun."""
        begun = Begun(since=left["since"], server_time=left.get("server_time"))
        is_done_once = begun.is_done_once(self._interval)
        if not is_done_once:
            self.tell()
            raise lost(self._action.id, begun.since, left["try_number"], is_age_known=is_done_once is not None)
        self.earlier = begun
        log.info("%s: try %s was lost; WeCom drops this call if it has that one", self._action.id, left["try_number"])

    def settle(self, error: WeComError) -> None:
        """Takes the mark away where it is certain that the call did not happen."""
        if self._is_certain(error):
            self.take_away()
        if not error.may_repeat or self._ti.try_number > self._ti.max_tries:
            self.tell()

    def take_away(self) -> None:
        """Takes the mark away, unless an earlier try left it."""
        if self._store is not None and self.is_first:
            with _not_instead():
                self._store.delete(KEY)

    def _is_certain(self, error: WeComError) -> bool:
        from wecom_connector import OutcomeUnknown, Retryable, WeComConnector

        if not isinstance(error, Retryable):
            return not isinstance(error, OutcomeUnknown)
        # With the duplicate check, what may have happened may be repeated, too.
        if not self._interval or (error.api or "").endswith("gettoken"):
            return True
        with WeComConnector() as wecom:
            codes = {code["code"]: code["outcome"] for code in wecom.manifest()["error_codes"]}
        return codes.get(error.errcode) == "retryable"
