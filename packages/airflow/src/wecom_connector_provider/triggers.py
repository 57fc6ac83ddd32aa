"""The call of an operator that waits without a worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent
from asgiref.sync import sync_to_async

from .errors import WrongConnection, to_data
from .hooks import HOOKS
from .mark import KEY, Begun


class WeComTrigger(BaseTrigger):
    """Makes a call in the triggerer. It is kept in Airflow's database with the name of the connection, and no secret.

    When a triggerer dies, another one runs its triggers again. So a trigger leaves a mark, too, before it calls: in an
    XCom of the task, since a triggerer cannot write to the task state store.
    """

    def __init__(
        self,
        *,
        action: str,
        parameters: dict[str, Any],
        connection_type: str,
        wecom_conn_id: str,
        task: dict[str, Any],
        call: str,
        is_repeatable: bool,
        interval: float,
        earlier: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # Airflow's
        self._given = {
            "action": action,
            "parameters": parameters,
            "connection_type": connection_type,
            "wecom_conn_id": wecom_conn_id,
            "task": task,
            "call": call,
            "is_repeatable": is_repeatable,
            "interval": interval,
            "earlier": earlier,
        }
        self._action, self._parameters = action, parameters
        self._hook = HOOKS[connection_type](wecom_conn_id)
        self._task, self._call = task, call
        self._is_repeatable, self._interval = is_repeatable, interval
        self._earlier = Begun(**earlier) if earlier else None

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{type(self).__module__}.{type(self).__qualname__}", self._given

    async def run(self) -> AsyncIterator[TriggerEvent]:
        yield TriggerEvent(await self._event())  # type: ignore[no-untyped-call] # Airflow's

    async def _event(self) -> dict[str, Any]:
        from wecom_connector import WeComError

        try:
            # Airflow answers a trigger only from a thread.
            wecom = await sync_to_async(self._hook.get_async_conn)()
        except WrongConnection as error:
            return {"wrong": str(error)}
        except Exception as error:
            return {"broken": str(error)}
        async with wecom:
            if not self._is_repeatable and (lost := await sync_to_async(self._lost)()):
                return {"lost": lost}
            try:
                return {"output": await wecom.invoke(self._action, self._parameters)}
            except WeComError as error:
                return {"error": to_data(error)}

    def _lost(self) -> dict[str, Any] | None:
        """What another one has begun and WeCom would do again. If nobody has begun it, this one does now."""
        # WeCom counts from the first of all, which another try may have begun.
        begun = self._begun()
        first = self._earlier or begun
        if first is None:
            return None
        is_done_once = first.is_done_once(self._interval)
        return None if is_done_once else {"since": first.since, "is_age_known": is_done_once is not None}

    def _begun(self) -> Begun | None:
        from airflow.sdk.execution_time.xcom import XCom

        mark = XCom.get_one(key=KEY, **self._task)
        if isinstance(mark, dict) and mark.pop("call", None) == self._call:
            return Begun(**mark)
        XCom.set(KEY, {"call": self._call, **asdict(Begun.just_now(self._interval))}, **self._task)
        return None
