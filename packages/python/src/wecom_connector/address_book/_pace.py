"""How often WeCom is called."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Awaitable, Callable

import anyio

MINUTE = 60.0
HOUR = 3600.0


class Pace:
    """Spreads calls over time: at most `per_minute` in any 60 seconds, and `per_hour` in any hour.

    A call that comes late may be caught up by the next ones, but for a second's worth only: a minute never begins with
    a burst that uses it up.
    """

    def __init__(
        self,
        per_minute: int,
        per_hour: int,
        *,
        clock: Callable[[], float] = anyio.current_time,
        sleep: Callable[[float], Awaitable[object]] = anyio.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        burst = per_minute // 60
        # Of the calls in a minute, one begins it and a burst may be owed from before.
        self._interval = MINUTE / max(per_minute - burst - 1, 1)
        self._owed = burst * self._interval
        self._next = -math.inf
        self._paused_until = -math.inf
        self._per_hour = per_hour
        # How many calls there were in which minute of the last hour: the hour of a call is up to a minute too long.
        self._minutes: deque[tuple[int, int]] = deque()
        self._in_hour = 0

    async def turn(self) -> None:
        """Returns when the next call may be made."""
        while True:
            now = self._clock()
            free = self._free_in_hour(now)
            if free > now:
                await self._sleep(free - now)
                continue
            # Taken before it is waited for, so that calls that wait do so one behind the other.
            at = max(self._next, now - self._owed)
            self._next = at + self._interval
            self._count(max(at, now))
            if at > now:
                await self._sleep(at - now)
            if self._clock() >= self._paused_until:
                return

    def pause(self, seconds: float) -> None:
        """No call for so long, also of those that wait: WeCom has said that there were too many."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)
        self._next = max(self._next, self._paused_until)

    def _free_in_hour(self, now: float) -> float:
        while self._minutes and (self._minutes[0][0] + 1) * MINUTE <= now - HOUR:
            self._in_hour -= self._minutes.popleft()[1]
        if self._in_hour < self._per_hour:
            return now
        return (self._minutes[0][0] + 1) * MINUTE + HOUR

    def _count(self, at: float) -> None:
        minute = int(at // MINUTE)
        if self._minutes and self._minutes[-1][0] == minute:
            self._minutes[-1] = (minute, self._minutes[-1][1] + 1)
        else:
            self._minutes.append((minute, 1))
        self._in_hour += 1
