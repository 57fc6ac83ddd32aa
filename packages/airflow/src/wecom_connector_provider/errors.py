"""What a task fails with, and how an error comes from the triggerer to a worker."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from ._airflow import AirflowFailException
from .language import language, said

if TYPE_CHECKING:
    from wecom_connector import Localized, WeComError

HAS_RETRY_POLICY = hasattr(BaseOperator, "retry_policy")
"""Since Airflow 3.3."""


class WrongConnection(AirflowFailException):
    """A connection of Airflow is missing, or is none of WeCom. Nothing was sent."""


class ExecutionFailed(AirflowFailException):
    """A call was lost: whether it happened, nobody was told. Airflow does not repeat it."""

    case = "execution-failed"

    def __init__(self, action: str, hint: Localized) -> None:
        super().__init__(f"{action}: {self.case}: {said(hint)}")
        self.action, self.hint = action, hint


def raised(error: WeComError) -> Exception:
    """What a task raises so that Airflow repeats what may be repeated, and nothing else."""
    if error.may_repeat or HAS_RETRY_POLICY:
        return error
    failure = AirflowFailException(f"{error.case}: {error}")
    failure.__cause__ = error
    return failure


def to_data(error: WeComError) -> dict[str, Any]:
    """An error as JSON has it."""
    from wecom_connector import InvalidParameters

    told = error.args[-1]
    data = [asdict(fault) for fault in told] if isinstance(error, InvalidParameters) else asdict(told)
    return {"case": error.case, "action": error.action, "told": data}


def from_data(data: dict[str, Any]) -> WeComError:
    """The same error again."""
    from wecom_connector import (
        Failure,
        InvalidParameter,
        InvalidParameters,
        Localized,
        OutcomeUnknown,
        Rejected,
        Retryable,
    )

    told = data["told"]
    if data["case"] == InvalidParameters.case:
        faults = [InvalidParameter(**{**fault, "message": Localized(**fault["message"])}) for fault in told]
        return InvalidParameters(data["action"], language(), faults)
    kind = {of.case: of for of in (Rejected, OutcomeUnknown, Retryable)}[data["case"]]
    return kind(data["action"], language(), Failure(**{**told, "hint": Localized(**told["hint"])}))
