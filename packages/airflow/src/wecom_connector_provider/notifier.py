"""A message from a callback of Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier
from asgiref.sync import sync_to_async

from .hooks import HOOKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context


class WeComNotifier(BaseNotifier):
    """Sends a message where something has failed, or gone well: for `on_failure_callback`, `on_success_callback` and
    the like. It is sent once, whether or not it arrives.

    Args:
        action: Any action, by the name that the list of actions has. Default: a text by a chatbot.
        wecom_conn_id: Connection, of the type that the action needs. Default: `wecom_chatbot_default` or
            `wecom_application_default`.
        parameters: What the action takes, for instance `content`. All may be templates.
    """

    template_fields: Sequence[str] = ("wecom_conn_id", "parameters")

    def __init__(
        self, action: str = "push-text-message-by-chatbot", *, wecom_conn_id: str | None = None, **parameters: Any
    ) -> None:
        super().__init__()
        from .operators import OPERATORS

        if action not in OPERATORS:
            raise ValueError(f"WeComNotifier: there is no action {action!r}")
        self.action = action
        self._hook_class = HOOKS[OPERATORS[action].action.connection_type]
        self.wecom_conn_id = wecom_conn_id or self._hook_class.default_conn_name
        self.parameters = parameters

    def notify(self, context: Context) -> None:
        """Called by Airflow in a worker or in the DAG processor."""
        with self._hook_class(self.wecom_conn_id).get_conn() as wecom:
            wecom.invoke(self.action, self.parameters)

    async def async_notify(self, context: Context) -> None:
        """Called by Airflow in the triggerer, for deadlines."""
        async with await sync_to_async(self._hook_class(self.wecom_conn_id).get_async_conn)() as wecom:
            await wecom.invoke(self.action, self.parameters)
