"""Calls of WeCom within its limits, repeated where that is harmless."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from typing import Any

import anyio

from .._actions import Application
from .._connector import AsyncWeComConnector
from .._errors import OutcomeUnknown, Retryable
from ._pace import HOUR, Pace

_ATTEMPTS = 8
_LONGEST_WAIT = 60.0
# A limit of an hour has passed by then.
_PATIENCE = HOUR + 2 * _LONGEST_WAIT


class PacedCalls:
    """The calls of a run."""

    def __init__(self, wecom: AsyncWeComConnector, application: Application | None, pace: Pace) -> None:
        self._wecom, self._application, self._pace = wecom, application, pace
        self.count: Counter[str] = Counter()
        """How many there were of each action, with those that were repeated."""

    async def call(self, action: str, parameters: Mapping[str, Any], *, is_repeatable: bool = True) -> dict[str, Any]:
        """Calls until there is an answer. One that is not repeatable is repeated while nothing happened only."""
        limited_since: float | None = None
        for attempt in itertools.count(1):
            await self._pace.turn()
            self.count[action] += 1
            try:
                return await self._wecom.invoke(action, parameters, self._application)
            except Retryable as error:
                wait = error.retry_after_seconds or min(_LONGEST_WAIT, 2.0 ** (attempt - 1))
                if error.category == "limit":
                    # Of the enterprise, and so of all calls.
                    limited_since = limited_since or anyio.current_time()
                    if anyio.current_time() - limited_since > _PATIENCE:
                        raise
                    self._pace.pause(wait)
                    continue
                if attempt >= _ATTEMPTS:
                    raise
                await anyio.sleep(wait)
            except OutcomeUnknown:
                if not is_repeatable or attempt >= _ATTEMPTS:
                    raise
                await anyio.sleep(min(_LONGEST_WAIT, 2.0 ** (attempt - 1)))
        raise AssertionError("the attempts do not end")
