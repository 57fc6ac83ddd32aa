"""The mark that keeps a call from being made twice."""

from __future__ import annotations

import json
import logging
import socket
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from conftest import ApiServer, Away, Store, connect, context, raising
from support import Simulator, ok, read_request, serving
from wecom_connector import InvalidParameters, OutcomeUnknown, Rejected, Retryable

from wecom_connector_provider import mark
from wecom_connector_provider._airflow import NEVER_EXPIRE, AirflowFailException
from wecom_connector_provider.errors import ExecutionFailed
from wecom_connector_provider.operators import (
    WeComListDepartmentsOperator,
    WeComPushTextMessageOperator,
    WeComUpdateDepartmentOperator,
)


def push(**given: Any) -> WeComPushTextMessageOperator:
    return WeComPushTextMessageOperator(**{"task_id": "task", "to_user": ["zhangsan"], "content": "完成", **given})


class Killed(BaseException):
    """What ends a worker."""


def kill(patch: pytest.MonkeyPatch) -> None:
    """Lets workers end once WeCom has the message."""
    from wecom_connector import WeComConnector

    invoke = WeComConnector.invoke

    def end(self: WeComConnector, *arguments: Any) -> Any:
        invoke(self, *arguments)
        raise Killed

    patch.setattr(WeComConnector, "invoke", end)


@pytest.fixture
def killing(connections: Simulator, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Workers end once WeCom has the message."""
    kill(monkeypatch)
    return monkeypatch


def restore(killing: pytest.MonkeyPatch, simulator: Simulator, api_server: ApiServer | None = None) -> None:
    """The next worker lives."""
    killing.undo()
    if api_server:
        killing.setenv("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", api_server.url)
    connect(killing, "wecom_application_default", "wecom_application", **asdict(simulator.application()))


def delivered(simulator: Simulator) -> int:
    import httpx

    return len(httpx.get(f"{simulator.base_url}/simulator/messages").json())


def test_a_worker_that_dies_does_not_send_twice(connections: Simulator, killing: pytest.MonkeyPatch) -> None:
    store = Store()
    with pytest.raises(Killed):
        push().execute(context(store))
    restore(killing, connections)
    with pytest.raises(ExecutionFailed) as caught:
        push().execute(context(store, try_number=2))
    assert delivered(connections) == 1
    said = str(caught.value)
    assert said.startswith("push-text-message: execution-failed: try 1 began this at 20")
    assert "Look in WeCom" in said
    assert "clear the task" in said
    assert caught.value.hint.zh


def test_whoever_clears_the_task_has_it_sent_again(connections: Simulator, killing: pytest.MonkeyPatch) -> None:
    store = Store()
    with pytest.raises(Killed):
        push().execute(context(store))
    restore(killing, connections)
    with pytest.raises(ExecutionFailed):
        push().execute(context(store, try_number=2))
    # Airflow then adds the tries of the task to those that were made.
    push().execute(context(store, try_number=3, max_tries=4))
    assert delivered(connections) == 2
    with pytest.raises(ExecutionFailed, match="try 3 began"):
        push().execute(context(store, try_number=4, max_tries=4))


def test_a_task_cleared_while_it_waits_for_its_next_try_sends_nothing(
    connections: Simulator, killing: pytest.MonkeyPatch
) -> None:
    """Nobody has been told what came of the call. Airflow grants it more tries all the same."""
    store = Store()
    with pytest.raises(Killed):
        push().execute(context(store))
    restore(killing, connections)
    with pytest.raises(ExecutionFailed, match="try 1 began"):
        push().execute(context(store, try_number=2, max_tries=3))
    # Should Airflow not hear of that, either.
    with pytest.raises(ExecutionFailed, match="try 1 began"):
        push().execute(context(store, try_number=3, max_tries=3))
    assert delivered(connections) == 1
    push().execute(context(store, try_number=4, max_tries=6))
    assert delivered(connections) == 2


def test_a_last_try_that_is_lost_is_cleared_twice(connections: Simulator, killing: pytest.MonkeyPatch) -> None:
    """Nobody can tell a last try that was cleared while it ran from one that ended since its worker was lost."""
    store = Store()
    with pytest.raises(Killed):
        push().execute(context(store, max_tries=0))
    restore(killing, connections)
    with pytest.raises(ExecutionFailed, match=r"try 1 began .* Look in WeCom"):
        push().execute(context(store, try_number=2, max_tries=1))
    assert delivered(connections) == 1
    push().execute(context(store, try_number=3, max_tries=2))
    assert delivered(connections) == 2


@pytest.mark.parametrize("given", [{}, {"to_user": ["nobody"]}], ids=["sent", "refused"])
def test_a_task_that_has_ended_is_cleared_once(given: Any, connections: Simulator) -> None:
    store = Store()
    with suppress(Rejected, AirflowFailException):
        push(**given).execute(context(store))
    push().execute(context(store, try_number=2, max_tries=3))
    assert delivered(connections) == 2 - len(given)


def test_a_message_that_was_sent_is_no_failure_where_the_store_is_away(
    connections: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, mark.__name__):
        assert push().execute(context(Away()))["msg_id"]
    assert "the next try sends nothing: RuntimeError" in caplog.text
    assert delivered(connections) == 1


@pytest.mark.parametrize("max_tries", [0, 2])
@pytest.mark.parametrize("error", [Rejected, OutcomeUnknown, ExecutionFailed])
def test_what_became_of_a_call_is_told_where_the_store_is_away(
    error: type[Exception],
    max_tries: int,
    connections: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Away()
    given: dict[str, Any] = {}
    if error is Rejected:
        given = {"to_user": ["nobody"]}
    elif error is OutcomeUnknown:
        fault(connections, delay_ms=0)  # of gettoken
        fault(connections, lose="reply")
    else:
        with monkeypatch.context() as patch:
            kill(patch)
            with pytest.raises(Killed):
                push().execute(context(store, max_tries=max_tries))
    fails = pytest.raises(error) if error is ExecutionFailed else raising(error)
    with caplog.at_level(logging.WARNING, mark.__name__), fails:
        push(**given).execute(context(store, try_number=1 + (error is ExecutionFailed), max_tries=max_tries))
    assert "the next try sends nothing: RuntimeError" in caplog.text
    # Whatever was not noted, nothing is sent twice.
    before = delivered(connections)
    with pytest.raises(ExecutionFailed):
        push().execute(context(store, try_number=3, max_tries=max_tries + 3))
    assert delivered(connections) == before


@pytest.mark.parametrize("max_tries", [0, 2])
def test_a_limit_that_is_told_where_the_store_is_away(max_tries: int, connections: Simulator) -> None:
    """It has to wait as long as WeCom says."""
    fault(connections, errcode=45009, errmsg="api freq out of limit")
    with pytest.raises(Retryable):
        push().execute(context(Away(), max_tries=max_tries))


@pytest.mark.parametrize("is_away", [False, True])
def test_the_log_says_that_wecom_has_taken_it(
    is_away: bool, connections: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Airflow may lose the output after that."""
    with caplog.at_level(logging.INFO, mark.__name__):
        output = push(content="绝密").execute(context(Away() if is_away else Store()))
    said = [record.getMessage() for record in caplog.records if record.name == mark.__name__]
    assert said[0] == f"push-text-message: WeCom has taken it, msg_id {output['msg_id']}"
    assert len(said) == 1 + is_away
    assert "绝密" not in caplog.text


CHECKED = 1800
"""The seconds of the duplicate check."""
ONE_HOUR = 3600


@pytest.mark.parametrize("ahead", [-ONE_HOUR, 0, ONE_HOUR], ids=["behind", "alike", "ahead"])
def test_with_the_duplicate_check_the_second_try_goes_through(
    ahead: int, connections: Simulator, api_server: ApiServer, killing: pytest.MonkeyPatch
) -> None:
    """Whatever the clock of the second worker says."""
    store = Store()
    with pytest.raises(Killed):
        push(duplicate_check_interval=f"{CHECKED}").execute(context(store))
    restore(killing, connections, api_server)
    killing.setattr(mark, "now", lambda: datetime.now(timezone.utc) + timedelta(seconds=ahead))
    push(duplicate_check_interval=f"{CHECKED}").execute(context(store, try_number=2))
    assert len(connections.at("message/send")) == 2
    assert delivered(connections) == 1


@pytest.mark.parametrize(
    ("seconds", "is_told"),
    [
        (CHECKED + 1, False),
        (CHECKED - mark.MARGIN + 1, False),
        # The clock of the server was set back. How much time went by, nobody knows.
        (-60, True),
    ],
    ids=["the check is over", "it is over while the call is made", "a clock that was set back"],
)
def test_the_duplicate_check_does_not_hold_for_ever(
    seconds: int, is_told: bool, connections: Simulator, api_server: ApiServer, killing: pytest.MonkeyPatch
) -> None:
    store = Store()
    with pytest.raises(Killed):
        push(duplicate_check_interval=CHECKED).execute(context(store))
    restore(killing, connections, api_server)
    api_server.ahead = seconds
    with pytest.raises(ExecutionFailed) as caught:
        push(duplicate_check_interval=CHECKED).execute(context(store, try_number=2))
    assert ("the clock of Airflow's API server was set back" in str(caught.value)) is is_told
    assert delivered(connections) == 1


@pytest.mark.parametrize("silent", ["first", "second"])
def test_a_server_that_does_not_say_the_time_keeps_it_from_sending_again(
    silent: str,
    connections: Simulator,
    api_server: ApiServer,
    killing: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Store()
    answering = api_server.url
    api_server.url += "nowhere/"
    restored = {"first": (api_server.url, answering), "second": (answering, api_server.url)}[silent]
    killing.setenv("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", restored[0])
    with caplog.at_level(logging.WARNING, mark.__name__), pytest.raises(Killed):
        push(duplicate_check_interval=CHECKED).execute(context(store))
    assert ("the next try sends nothing" in caplog.text) is (silent == "first")
    api_server.url = restored[1]
    restore(killing, connections, api_server)
    with pytest.raises(ExecutionFailed, match=r"could not be asked\. Look in WeCom"):
        push(duplicate_check_interval=CHECKED).execute(context(store, try_number=2))
    assert delivered(connections) == 1


def test_only_the_duplicate_check_asks_for_the_time(connections: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mark, "server_time", lambda: pytest.fail("the API server was asked"))
    push().execute(context(Store()))
    push(duplicate_check_interval=mark.MARGIN).execute(context(Store()))


@pytest.mark.parametrize(
    ("given", "error"),
    [({"to_user": ["nobody"]}, Rejected), ({"content": ""}, InvalidParameters)],
)
def test_what_did_not_happen_leaves_no_mark(given: Any, error: type[Exception], connections: Simulator) -> None:
    store = Store()
    with raising(error):
        push(**given).execute(context(store))
    assert store.kept == {}


def fault(simulator: Simulator, **of: Any) -> None:
    import httpx

    httpx.post(f"{simulator.base_url}/simulator/faults", json=[of]).raise_for_status()


@pytest.mark.parametrize("interval", [None, 1800])
def test_a_limit_leaves_no_mark(interval: int | None, connections: Simulator) -> None:
    store = Store()
    fault(connections, errcode=45009, errmsg="api freq out of limit")
    with pytest.raises(Retryable):
        push(duplicate_check_interval=interval).execute(context(store))
    assert store.kept == {}
    push(duplicate_check_interval=interval).execute(context(store, try_number=2))


@pytest.mark.parametrize(
    ("interval", "max_tries", "error", "has_ended"),
    [(None, 2, OutcomeUnknown, True), (1800, 2, Retryable, False), (1800, 0, Retryable, True)],
    ids=["without", "with duplicate check", "with duplicate check, on the last try"],
)
def test_an_answer_that_is_lost_leaves_the_mark(
    interval: int | None, max_tries: int, error: type[Exception], has_ended: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def close(peer: socket.socket) -> None:
        if b"/message/send" not in read_request(peer):
            peer.sendall(ok(b'{"errcode":0,"errmsg":"ok","access_token":"SIMULATED","expires_in":7200}'))

    store = Store()
    with serving(close) as server:
        connect(
            monkeypatch,
            "wecom_application_default",
            "wecom_application",
            corp_id="ww1",
            app_secret="SIMULATED",
            agent_id=1,
            base_url=server.url,
        )
        with raising(error):
            push(duplicate_check_interval=interval).execute(context(store, max_tries=max_tries))
        kept = json.loads(store.kept[mark.KEY])
        assert (kept["action"], kept.get("is_told", False)) == ("push-text-message", has_ended)
        # It is cleared: sent again where the task has ended, and not where it waits for its next try.
        with raising(error) if has_ended else pytest.raises(ExecutionFailed):
            push(duplicate_check_interval=interval).execute(context(store, try_number=2, max_tries=max_tries + 1))


def test_a_failure_of_a_second_try_tells_nothing_of_the_first(
    connections: Simulator, api_server: ApiServer, killing: pytest.MonkeyPatch
) -> None:
    store = Store()
    with pytest.raises(Killed):
        push(duplicate_check_interval=1800).execute(context(store))
    restore(killing, connections, api_server)
    fault(connections, errcode=45009, errmsg="api freq out of limit")
    with pytest.raises(Retryable):
        push(duplicate_check_interval=1800).execute(context(store, try_number=2))
    assert mark.KEY in store.kept


def test_what_may_be_done_twice_has_no_mark(connections: Simulator) -> None:
    store = Store()
    WeComListDepartmentsOperator(task_id="task").execute(context(store))
    WeComUpdateDepartmentOperator(task_id="task", id=2, name="华东").execute(context(store))
    assert store.kept == {}


def test_a_mark_does_not_expire_by_the_clock_of_a_worker(connections: Simulator) -> None:
    store = Store()
    push().execute(context(store))
    assert set(store.retentions) == {NEVER_EXPIRE}


def test_a_mark_holds_no_secret_and_nothing_of_the_message(connections: Simulator) -> None:
    store = Store()
    push(content="绝密").execute(context(store))
    [kept] = store.kept.values()
    names = {"action", "since", "server_time", "try_number", "max_tries", "is_told"}
    assert set(json.loads(kept)) == names


def test_a_store_that_cannot_be_reached_keeps_it_from_sending(connections: Simulator) -> None:
    class Gone(Store):
        def set(self, key: str, value: Any, *, retention: timedelta | None = None) -> None:
            raise ConnectionError("the API server does not answer")

    with pytest.raises(ConnectionError):
        push().execute(context(Gone()))
    assert connections.at("message/send") == []


def test_an_airflow_that_keeps_nothing_says_so(connections: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, mark.__name__):
        push().execute(context())
    assert "the next try does it again. Set duplicate_check_interval" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING, mark.__name__):
        WeComListDepartmentsOperator(task_id="task").execute(context())
    assert "keeps nothing" not in caplog.text
