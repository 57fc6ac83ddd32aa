"""What Airflow repeats, and when."""

from __future__ import annotations

import importlib
import sys
from datetime import datetime, timedelta, timezone

import pytest
from conftest import ApiServer, Store, context
from support import Simulator
from wecom_connector import (
    Failure,
    InvalidParameter,
    InvalidParameters,
    Localized,
    OutcomeUnknown,
    Rejected,
    Retryable,
    WeComError,
)

from wecom_connector_provider import errors
from wecom_connector_provider._airflow import AirflowFailException
from wecom_connector_provider.errors import ExecutionFailed, from_data, to_data
from wecom_connector_provider.operators import WeComPushTextMessageOperator

pytest.importorskip("airflow.sdk.definitions.retry_policy", reason="Airflow before 3.3 has no retry policies")

from airflow.sdk import RetryAction, RetryDecision

from wecom_connector_provider import retry
from wecom_connector_provider.retry import WeComRetryPolicy

TEXT = Localized("wait", "请稍候")


def failure(seconds: int | None = None) -> Failure:
    return Failure(
        "limit", 45009, "api freq out of limit", TEXT, "https://example.com", seconds, None, "message/send", None
    )


REJECTED = Rejected("push-text-message", "en", failure())
UNKNOWN = OutcomeUnknown("push-text-message", "en", failure())
INVALID = InvalidParameters("push-text-message", "en", [InvalidParameter("parameters", "/content", TEXT)])
RETRYABLE = Retryable("push-text-message", "en", failure())
LATER = Retryable("push-text-message", "en", failure(60))


@pytest.mark.parametrize(
    ("error", "decision"),
    [
        (REJECTED, RetryDecision.fail("permanent-rejected")),
        (UNKNOWN, RetryDecision.fail("permanent-outcome-unknown")),
        (INVALID, RetryDecision.fail("permanent-invalid-parameters")),
        (RETRYABLE, RetryDecision.retry(None, "retryable")),
        (LATER, RetryDecision.retry(timedelta(seconds=60), "retryable")),
        (ConnectionError("the API server does not answer"), RetryDecision.default()),
    ],
)
def test_each_case(error: Exception, decision: RetryDecision) -> None:
    assert WeComRetryPolicy().evaluate(error, try_number=1, max_tries=3) == decision


@pytest.mark.parametrize("ahead", [-3600, 0, 3600], ids=["behind", "alike", "ahead"])
def test_the_wait_is_that_of_the_scheduler(ahead: int, api_server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which adds it to the time that the worker says."""
    monkeypatch.setattr(retry, "now", lambda: datetime.now(timezone.utc) + timedelta(seconds=ahead))
    delay = WeComRetryPolicy().evaluate(LATER, try_number=1, max_tries=3).retry_delay
    assert delay is not None
    assert 0 <= delay.total_seconds() - (60 - ahead) < retry.TOLERANCE.total_seconds(), (
        "a try that comes too early is refused again"
    )


def test_what_was_lost_is_never_repeated() -> None:
    assert issubclass(ExecutionFailed, AirflowFailException)


def test_every_operator_has_the_policy_unless_it_is_given_another() -> None:
    class Mine(WeComRetryPolicy):
        pass

    assert isinstance(WeComPushTextMessageOperator(task_id="task", content="完成").retry_policy, WeComRetryPolicy)
    given = WeComPushTextMessageOperator(task_id="task", content="完成", default_args={"retry_policy": Mine()})
    assert isinstance(given.retry_policy, Mine)
    assert isinstance(WeComRetryPolicy.deserialize(WeComRetryPolicy().serialize()), WeComRetryPolicy)


def test_a_limit_of_wecom_waits_as_long_as_wecom_says(connections: Simulator) -> None:
    import httpx

    fault = {"errcode": 45009, "errmsg": "api freq out of limit"}
    httpx.post(f"{connections.base_url}/simulator/faults", json=[fault]).raise_for_status()
    operator = WeComPushTextMessageOperator(task_id="task", to_user=["zhangsan"], content="完成")
    with pytest.raises(Retryable) as caught:
        operator.execute(context(Store()))
    seconds = caught.value.retry_after_seconds
    assert seconds
    decision = WeComRetryPolicy().evaluate(caught.value, 1, 3)
    assert (decision.action, decision.retry_delay) == (RetryAction.RETRY, timedelta(seconds=seconds))


@pytest.mark.parametrize("error", [REJECTED, UNKNOWN, INVALID, RETRYABLE, LATER])
def test_an_error_comes_whole_from_the_triggerer(error: WeComError) -> None:
    copy = from_data(to_data(error))
    assert (type(copy), str(copy), copy.__dict__) == (type(error), str(error), error.__dict__)


@pytest.mark.parametrize("error", [REJECTED, UNKNOWN, INVALID])
def test_an_airflow_without_policies_fails_at_once(error: WeComError, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "HAS_RETRY_POLICY", False)
    raised = errors.raised(error)
    assert isinstance(raised, AirflowFailException)
    assert str(raised) == f"{error.case}: {error}"
    assert raised.__cause__ is error
    assert errors.raised(RETRYABLE) is RETRYABLE


def test_the_policy_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    import airflow.sdk

    monkeypatch.delitem(sys.modules, "wecom_connector_provider.retry")
    monkeypatch.setitem(airflow.sdk.__dict__, "__getattr__", lambda name: (_ for _ in ()).throw(AttributeError(name)))
    for name in ("RetryDecision", "RetryPolicy"):
        monkeypatch.delitem(airflow.sdk.__dict__, name, raising=False)
    with pytest.raises(ImportError, match=r"WeComRetryPolicy needs the retry policies of Airflow 3\.3"):
        importlib.import_module("wecom_connector_provider.retry")
