"""What the operators have in common."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from airflow.configuration import conf
from airflow.sdk import BaseOperator

from .errors import HAS_RETRY_POLICY, WrongConnection, from_data, raised
from .hooks import HOOKS, WeComHook
from .mark import Mark, lost

if TYPE_CHECKING:
    from typing import TypeAlias

    from airflow.sdk import Context, ObjectStoragePath, XComArg

    T = TypeVar("T")
    Templated: TypeAlias = T | str | XComArg
    """A value, a template that renders to it, or the output of another task."""
    FilePath: TypeAlias = str | os.PathLike[str]


@dataclass(frozen=True, kw_only=True)
class Action:
    """What an operator has to know of its action."""

    id: str
    label: str
    connection_type: str
    is_repeatable: bool
    """Whether doing it twice is the same as doing it once."""
    idempotent_with: str | None
    """The parameter that holds for how many seconds WeCom does the same call only once."""
    parameters: Mapping[str, str]
    """Its parameters, by the attributes of the operator."""
    files: Mapping[str, str]
    """The attributes with the paths of parameters that are files."""
    file_name: str | None
    """The parameter with the name of such a file."""
    written: str | None
    """The field of the output that is a file."""


class WeComOperator(BaseOperator):
    """Carries out an action of WeCom. There is an operator for each."""

    action: ClassVar[Action]
    ui_color = "#dcebfb"

    def __init__(self, *, wecom_conn_id: str, deferrable: bool | None = None, **kwargs: Any) -> None:
        # So that `.output["msg_id"]` of an operator is a field of what WeCom answered.
        kwargs.setdefault("multiple_outputs", True)
        super().__init__(**kwargs)
        self.wecom_conn_id = wecom_conn_id
        has_file = bool(self.action.files or self.action.written)
        if deferrable and has_file:
            raise ValueError(
                f"{self.action.id}: deferrable would keep the file in Airflow's database: leave deferrable out"
            )
        if deferrable is None:
            deferrable = not has_file and conf.getboolean("operators", "default_deferrable", fallback=False)
        self.deferrable = deferrable
        if HAS_RETRY_POLICY and self.retry_policy is None:
            from .retry import WeComRetryPolicy

            self.retry_policy = WeComRetryPolicy()

    def check_files(self) -> None:
        """A file is given by its content or by its path."""
        for file, path in self.action.files.items():
            given = [name for name in (file, path) if getattr(self, name) is not None]
            if len(given) != 1:
                what = "are given, and only one may be" if given else "are left out, and one is required"
                raise ValueError(f"{self.action.id}: {file} and {path} {what}")

    def execute(self, context: Context) -> Any:
        """Called by Airflow."""
        from wecom_connector import WeComError

        parameters = self._parameters()
        mark = Mark(context, self.action, self._done_once(parameters))
        if self.deferrable:
            self._hook().connection()
            mark.leave()
            self._defer(context, parameters, mark)
        # What keeps it from calling at all comes before the mark.
        with self._hook().get_conn() as wecom:
            mark.leave()
            try:
                output = wecom.invoke(self.action.id, parameters)
            except WeComError as error:
                mark.settle(error)
                raise raised(error)  # noqa: B904 - it has its cause
            mark.tell_success(output)
        return self._written(output)

    def execute_complete(self, context: Context, event: dict[str, Any], is_first: bool) -> Any:
        """Called by Airflow when the triggerer has made the call."""
        mark = Mark(context, self.action, self._done_once(self._parameters()), is_first=is_first)
        if "output" in event:
            mark.tell_success(event["output"])
            return event["output"]
        if "lost" in event:
            mark.tell()
            raise lost(self.action.id, tried=context["ti"].try_number, **event["lost"])
        if "wrong" in event:
            mark.take_away()
            raise WrongConnection(event["wrong"])
        if "broken" in event:
            mark.take_away()
            raise RuntimeError(f"{self.action.id}: nothing was sent: {event['broken']}")
        error = from_data(event["error"])
        mark.settle(error)
        raise raised(error)

    def _hook(self) -> WeComHook:
        return HOOKS[self.action.connection_type](self.wecom_conn_id)

    def _defer(self, context: Context, parameters: dict[str, Any], mark: Mark) -> None:
        from .triggers import WeComTrigger

        ti = context["ti"]
        trigger = WeComTrigger(
            action=self.action.id,
            parameters=parameters,
            connection_type=self.action.connection_type,
            wecom_conn_id=self.wecom_conn_id,
            task={"dag_id": ti.dag_id, "run_id": ti.run_id, "task_id": ti.task_id, "map_index": ti.map_index},
            call=f"{ti.id}",
            is_repeatable=self.action.is_repeatable,
            interval=self._done_once(parameters),
            earlier=asdict(mark.earlier) if mark.earlier else None,
        )
        self.defer(trigger=trigger, method_name="execute_complete", kwargs={"is_first": mark.is_first})

    def _parameters(self) -> dict[str, Any]:
        """The parameters, with the templates rendered. What they have to be, the connector says."""
        given = {name: getattr(self, attribute) for attribute, name in self.action.parameters.items()}
        parameters = {name: value for name, value in given.items() if value is not None}
        for file, attribute in self.action.files.items():
            path = getattr(self, attribute)
            if path is not None:
                found = self._path(attribute, path)
                parameters[file] = self._read(attribute, found)
                if self.action.file_name:
                    parameters.setdefault(self.action.file_name, found.name)
        return parameters

    def _path(self, attribute: str, path: Any) -> ObjectStoragePath:
        from airflow.sdk import ObjectStoragePath

        if not isinstance(path, str | os.PathLike) or not os.fspath(path):
            raise ValueError(f"{self.action.id}: {attribute} must be a path, not {path!r}")
        return ObjectStoragePath(os.fspath(path))

    def _read(self, attribute: str, path: ObjectStoragePath) -> bytes:
        try:
            content: bytes = path.read_bytes()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise type(error)(f"{self.action.id}: {attribute}: {path} cannot be read: {reason}") from error
        return content

    def _written(self, output: dict[str, Any]) -> dict[str, Any]:
        """The output, whose file is written where a path is given."""
        field = self.action.written
        path = getattr(self, f"{field}_path") if field else None
        if field is None or path is None:
            return output
        content = base64.b64decode(output.pop(field))
        self._path(f"{field}_path", path).write_bytes(content)
        return {**output, f"{field}_path": os.fspath(path)}

    def _done_once(self, parameters: Mapping[str, Any]) -> float:
        """For how many seconds WeCom does this call only once."""
        from wecom_connector import seconds_done_once

        return seconds_done_once(self.action.id, parameters)
