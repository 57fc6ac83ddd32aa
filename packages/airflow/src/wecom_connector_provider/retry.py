"""Retries by what became of the call."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

try:
    from airflow.sdk import RetryDecision, RetryPolicy
except ImportError as error:
    raise ImportError(
        "WeComRetryPolicy needs the retry policies of Airflow 3.3. Before that the operators fail at once by "
        "themselves where repeating is useless, and wait for retry_delay otherwise."
    ) from error

from .clock import now, server_time

if TYPE_CHECKING:
    from airflow.sdk import Context


TOLERANCE = timedelta(seconds=5)
"""The server says its time to the second, and an answer takes its time."""


def _ahead() -> timedelta:
    """By how much the clock of this machine is ahead of the API server's. Airflow adds the delay to the time of this
    machine, and the scheduler compares that with its own. Never more than it is: a try would come too early.
    """
    asked, told = now(), server_time()
    # It tells the second that has begun.
    ahead = asked - told - timedelta(seconds=1) if told else timedelta()
    return ahead if abs(ahead) > TOLERANCE else timedelta()


class WeComRetryPolicy(RetryPolicy):
    """Repeats what did not happen, not before WeCom allows it, and nothing else. Every operator of this package has it;
    a task of your own that calls the hook can be given it, too.
    """

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None
    ) -> RetryDecision:
        """Errors that are not WeCom's are repeated as Airflow does by itself."""
        from wecom_connector import WeComError

        if not isinstance(exception, WeComError):
            return RetryDecision.default()
        if not exception.may_repeat:
            return RetryDecision.fail(reason=exception.case)
        seconds = exception.retry_after_seconds
        delay = None if seconds is None else timedelta(seconds=seconds) - _ahead()
        return RetryDecision.retry(delay=delay, reason=exception.case)

    def serialize(self) -> dict[str, Any]:
        return {}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> WeComRetryPolicy:
        return cls()
