"""Many things at once, and not more than that many."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

import anyio
import anyio.lowlevel

T = TypeVar("T")

# So many rows take some twenty milliseconds.
_TURN = 100


async def in_turns(items: Iterable[T]) -> AsyncIterator[T]:
    """The items, with a turn for other tasks now and then."""
    for number, item in enumerate(items, 1):
        yield item
        if number % _TURN == 0:
            await anyio.lowlevel.checkpoint()


async def each(do: Callable[[T], Awaitable[None]], items: Iterable[T], at_once: int) -> None:
    """Does something with each item, taking them one by one. The first error ends all, and is raised as it is."""
    rest = iter(items)
    first: list[Exception] = []

    async def work() -> None:
        for item in rest:
            try:
                await do(item)
            except Exception as error:
                first.append(error)
                crew.cancel_scope.cancel()
                return

    async with anyio.create_task_group() as crew:
        for _ in range(at_once):
            crew.start_soon(work)
    if first:
        raise first[0]
