"""The calls that are under way in an instance of the component."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Concatenate, Generic, ParamSpec, TypeVar

import wasmtime

from ._component import Instance, Localized, Step

P = ParamSpec("P")
Pause = TypeVar("Pause")
"""What a call waits in at an open step, and what can end that wait."""


class Lost(Exception):
    """The component has no answer to a call any more."""

    def __init__(self, why: Localized) -> None:
        super().__init__(why.en)
        self.why = why


DROPPED = Localized("the answer came long after the deadline", "应答远远晚于截止时间")
INTERRUPTED = Localized("the connector was interrupted", "连接器被打断")


class _Served(Generic[Pause]):
    """An instance, and its open steps by their numbers."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.open: dict[int, Pause] = {}
        self.waiting: set[int] = set()
        """Those of them that wait for another call."""
        self.ended: Localized | None = None
        """Why it is of no use any more."""


class Call(Generic[Pause]):
    """Where a call stands."""

    def __init__(self) -> None:
        self.served: _Served[Pause] | None = None
        self.open: int | None = None
        self.pause: Pause


class Calls(Generic[Pause]):
    """All calls of a connector. They share an instance; after a trap, new ones share another."""

    def __init__(
        self,
        component: str | os.PathLike[str] | None,
        pause: Callable[[], Pause],
        end: Callable[[Pause], object],
    ) -> None:
        self._component = component
        self._pause = pause
        self._end = end
        self._newest: _Served[Pause] = _Served(Instance(component))
        # One thread at a time is in the instance; none holds the lock while it waits for the network. What a
        # signal handler calls while its thread is in the instance gets another one: `_inside` has marked the first.
        self._lock = threading.RLock()

    def manifest(self) -> str:
        with self._lock, self._inside(self._serving()) as instance:
            return instance.manifest()

    def advance(
        self,
        call: Call[Pause],
        enter: Callable[Concatenate[Instance, P], Step | None],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> Step:
        """Begins a call or goes on with it. Its open step, where there is one, is waited for in `call.pause`."""
        with self._lock:
            served = call.served = call.served or self._serving()
            with self._inside(served) as instance:
                step = enter(instance, *arguments, **named)
                self._close(call, served)
                if step and step[0] in ("send", "wait"):
                    call.open = step[1].call
                    call.pause = served.open[call.open] = self._pause()
                    if step[0] == "wait":
                        served.waiting.add(call.open)
        if not step:
            raise Lost(DROPPED)
        return step

    def leave(self, call: Call[Pause]) -> None:
        """Drops a call that has not ended."""
        served, number = call.served, call.open
        if served is None or number is None:
            return
        with self._lock:
            self._close(call, served)
            if not served.ended:
                with self._inside(served) as instance:
                    instance.cancel(number)

    @staticmethod
    def _close(call: Call[Pause], served: _Served[Pause]) -> None:
        if call.open is not None:
            served.open.pop(call.open, None)
            served.waiting.discard(call.open)
            call.open = None

    def _serving(self) -> _Served[Pause]:
        if self._newest.ended:
            self._newest = _Served(Instance(self._component))
        return self._newest

    @contextmanager
    def _inside(self, served: _Served[Pause]) -> Iterator[Instance]:
        if served.ended:
            raise Lost(served.ended)
        # Whatever leaves this before its end, a trap or Control-C, leaves the instance in a state that nobody knows.
        served.ended = INTERRUPTED
        try:
            yield served.instance
            if served.waiting:
                for number in served.instance.woken():
                    self._end(served.open[number])
            served.ended = None
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            # The lines before say where in the component.
            reason = str(error).strip().rpartition("\n")[2].strip()
            served.ended = Localized(f"the connector broke down ({reason})", f"连接器意外终止（{reason}）")
            raise Lost(served.ended) from None
        finally:
            if served.ended:
                for pause in served.open.values():
                    self._end(pause)
