"""The call of an operator that waits without a worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent
from asgiref.sync import sync_to_async

from .errors import to_data
from .hooks import HOOKS
from .mark import KEY, is_done_once, now


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
        earlier: str | None = None,
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
        self._is_repeatable, self._interval, self._earlier = is_repeatable, interval, earlier

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{type(self).__module__}.{type(self).__qualname__}", self._given

    async def run(self) -> AsyncIterator[TriggerEvent]:
        yield TriggerEvent(await self._event())  # type: ignore[no-untyped-call] # Airflow's

    async def _event(self) -> dict[str, Any]:
        from wecom_connector import WeComError

        try:
            # Airflow answers a trigger only from a thread.
            wecom = await sync_to_async(self._hook.get_async_conn)()
        except Exception as error:
            return {"broken": str(error)}
        async with wecom:
            if not self._is_repeatable:
                begun = await sync_to_async(self._begun)()
                # WeCom counts from the first of all, which another try may have begun.
                since = self._earlier or begun
                if since is not None and not is_done_once(since, self._interval):
                    return {"lost": since}
            try:
                return {"output": await wecom.invoke(self._action, self._parameters)}
            except WeComError as error:
                return {"error": to_data(error)}

    def _begun(self) -> str | None:
        """When another triggerer has begun this call. If none has, this one does now."""
        from airflow.sdk.execution_time.xcom import XCom

        mark = XCom.get_one(key=KEY, **self._task)
        if isinstance(mark, dict) and mark.get("call") == self._call:
            since: str = mark["since"]
            return since
        XCom.set(KEY, {"call": self._call, "since": now().isoformat()}, **self._task)
        return None
