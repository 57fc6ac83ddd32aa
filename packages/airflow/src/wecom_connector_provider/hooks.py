"""From a connection of Airflow to WeCom."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar

from ._airflow import AirflowNotFoundException, BaseHook, mask_secret
from .errors import WrongConnection
from .language import language, said

if TYPE_CHECKING:
    from airflow.sdk import Connection
    from wecom_connector import Application, AsyncWeComConnector, Chatbot, WeComConnector


class WeComHook(BaseHook, ABC):
    """Calls WeCom from a task: `get_conn()` has a method for each action, `get_async_conn()` the same to await."""

    conn_name_attr: ClassVar = "wecom_conn_id"
    conn_type: ClassVar[str]
    default_conn_name: ClassVar[str]
    hook_name: ClassVar[str]

    def __init__(self, wecom_conn_id: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.wecom_conn_id = wecom_conn_id or self.default_conn_name

    @staticmethod
    @abstractmethod
    def kind() -> type[Application] | type[Chatbot]:
        """What the connection becomes."""

    def connection(self) -> Application | Chatbot:
        """The connection, as wecom-connector has it."""
        try:
            found = self.get_connection(self.wecom_conn_id)
        except AirflowNotFoundException:
            raise WrongConnection(
                f'there is no connection "{self.wecom_conn_id}": make one, of the type {self.conn_type}'
            ) from None
        if found.conn_type != self.conn_type:
            raise self._wrong(f'is of the type "{found.conn_type}", and this needs {self.conn_type}')
        return self._made_of(found)

    def _made_of(self, found: Connection) -> Application | Chatbot:
        kind = self.kind()
        known = {field.name: field for field in fields(kind)}
        secrets = [name for name, field in known.items() if not field.repr]
        given = self._extra(found.extra)
        # A type with one secret has it where Airflow has passwords.
        if found.password and len(secrets) == 1:
            given = {**given, secrets[0]: found.password}
        for name in secrets:
            if given.get(name):
                mask_secret(given[name])
        unknown = [name for name in given if name not in known]
        if unknown:
            raise self._wrong(f"has no field {', '.join(unknown)}: its fields are {', '.join(known)}")
        # A form of Airflow keeps what is left empty.
        values = {name: value for name, value in given.items() if value not in (None, "")}
        missing = [name for name in kind.REQUIRED if name not in values]
        if missing:
            raise self._wrong(f"lacks {', '.join(missing)}")
        return kind(**values)

    def _extra(self, extra: str | None) -> dict[str, Any]:
        try:
            given = json.loads(extra or "{}")
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise self._wrong("has an extra that is no JSON object")
        return given

    def _wrong(self, what: str) -> WrongConnection:
        return WrongConnection(f'the connection "{self.wecom_conn_id}" {what}')

    def get_conn(self) -> WeComConnector:
        """For a task. Close it, or use it with `with`."""
        from wecom_connector import WeComConnector

        return WeComConnector(**self._arguments())

    def get_async_conn(self) -> AsyncWeComConnector:
        """For an event loop; this call itself may block. Close it, or use it with `async with`."""
        from wecom_connector import AsyncWeComConnector

        return AsyncWeComConnector(**self._arguments())

    def _arguments(self) -> dict[str, Any]:
        connection = self.connection()
        return {connection.TYPE: connection, "language": language()}

    def test_connection(self) -> tuple[bool, str]:
        """What Airflow's button Test asks. Sends no message."""
        from wecom_connector import WeComError

        try:
            with self.get_conn() as wecom:
                report = wecom.test_connection()
        except (WeComError, WrongConnection) as error:
            return False, str(error)
        errors = [str(check.error) for check in report.checks if check.error]
        return not errors, " ".join(errors or [said(check.detail) for check in report.checks])


class WeComApplicationHook(WeComHook):
    """A self-built application."""

    conn_type = "wecom_application"
    default_conn_name = "wecom_application_default"
    hook_name = "WeCom Application"

    @staticmethod
    def kind() -> type[Application]:
        from wecom_connector import Application

        return Application


class WeComChatbotHook(WeComHook):
    """A chatbot of a group."""

    conn_type = "wecom_chatbot"
    default_conn_name = "wecom_chatbot_default"
    hook_name = "WeCom Chatbot"

    @staticmethod
    def kind() -> type[Chatbot]:
        from wecom_connector import Chatbot

        return Chatbot


HOOKS: dict[str, type[WeComHook]] = {"application": WeComApplicationHook, "chatbot": WeComChatbotHook}
"""By the type that the connector calls them."""
