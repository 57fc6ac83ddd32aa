"""The mark that keeps a call from being made twice.

A worker that dies takes with it whether WeCom was called. So a mark is left in Airflow's task state store before a call
that must not happen twice; whoever finds it on the next try does not call again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .errors import ExecutionFailed

if TYPE_CHECKING:
    from wecom_connector import WeComError

    from .operator import Action

KEY = "wecom_call"
MARGIN = 300
"""Seconds of `duplicate_check_interval` that stay unused: clocks of two workers differ, and a call takes its time: a
token and a push may each take minutes before they are given up."""

log = logging.getLogger(__name__)


def now() -> datetime:
    return datetime.now(timezone.utc)


def is_done_once(since: str, interval: float) -> bool:
    """Whether WeCom still drops a repetition of a call that was begun then."""
    age = (now() - datetime.fromisoformat(since)).total_seconds()
    # A call that is yet to begin was begun by another clock.
    return 0 <= age < interval - MARGIN


def lost(action: str, since: str, tried: int) -> ExecutionFailed:
    """The end of a try that finds the mark of another one."""
    from wecom_connector import Localized

    begun = since[:19].replace("T", " ")
    hint = Localized(
        f"try {tried} began this at {begun} UTC and broke off, so it may or may not have happened. Look in WeCom. "
        "If it has not happened, clear the task: it is then done again.",
        f"第{tried}次尝试在{begun}（UTC）开始执行后中断，操作可能已生效，也可能没有。请先在企业微信里确认。"
        "如果没有生效，请清除该任务的状态（Clear），它会重新执行。",
    )
    return ExecutionFailed(action, hint)


class Mark:
    """The mark of a call of a task."""

    def __init__(self, context: Mapping[str, Any], action: Action, interval: float, is_first: bool = False) -> None:
        self._store = None if action.is_repeatable else context.get("task_state_store")
        self._ti = context["ti"]
        self._action = action
        self._interval = interval
        self.is_first = is_first
        """Whether no earlier try has left a mark: then a call that fails has told everything there is to know."""
        self.earlier: str | None = None
        """When an earlier try began the call that WeCom still drops a repetition of."""

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
        # Whoever clears a task has decided that it is done again, and Airflow then grants it more tries.
        if isinstance(left, dict) and left["max_tries"] == self._ti.max_tries:
            if not is_done_once(left["since"], self._interval):
                raise lost(self._action.id, left["since"], left["try_number"])
            self.earlier = left["since"]
            log.info(
                "%s: try %s was lost; WeCom drops this call if it has that one", self._action.id, left["try_number"]
            )
            return
        mark = {
            "action": self._action.id,
            "since": now().isoformat(),
            "try_number": self._ti.try_number,
            "max_tries": self._ti.max_tries,
        }
        self._store.set(KEY, mark)
        self.is_first = True

    def settle(self, error: WeComError) -> None:
        """Takes the mark away where it is certain that the call did not happen."""
        if self._is_certain(error):
            self.take_away()

    def take_away(self) -> None:
        """Takes the mark away, unless an earlier try left it."""
        if self._store is not None and self.is_first:
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
