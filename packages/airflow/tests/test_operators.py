"""Every action by its operator, against the simulator; and what an operator refuses."""

from __future__ import annotations

import base64
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG, BaseOperator
from conftest import Store, connect, context, raising
from samples import run_all
from support import Simulator
from wecom_connector import InvalidParameters, Rejected, WeComConnector

from generate_operators import TAKEN
from wecom_connector_provider._airflow import AirflowFailException
from wecom_connector_provider.operators import (
    OPERATORS,
    WeComCreateGroupChatOperator,
    WeComDownloadMediaOperator,
    WeComPushFileMessageToGroupChatOperator,
    WeComPushTextMessageOperator,
    WeComUploadMediaOperator,
)


def manifest() -> dict[str, Any]:
    with WeComConnector() as wecom:
        return wecom.manifest()


def test_every_action(connections: Simulator) -> None:
    def run(action: dict[str, Any], given: dict[str, Any]) -> Any:
        kind = OPERATORS[action["id"]]
        names = {parameter: attribute for attribute, parameter in kind.action.parameters.items()}
        operator = kind(task_id="task", **{names[name]: value for name, value in given.items()})
        try:
            return operator.execute(context(Store()))
        except AirflowFailException as error:
            raise error.__cause__ or error from None

    run_all(manifest()["actions"], run)


def test_operators_say_what_the_manifest_says() -> None:
    actions = {action["id"]: action for action in manifest()["actions"]}
    assert set(OPERATORS) == set(actions)
    for id_, kind in OPERATORS.items():
        action = actions[id_]
        assert set(kind.action.parameters.values()) == set(action["parameters"]["properties"])
        assert kind.action.is_repeatable == (action["idempotent"] or action["effect"] == "read")
        assert kind.action.idempotent_with == action.get("idempotent_with")
        assert kind.action.connection_type == action["connection_type"]
        assert action["doc_url"] in (kind.__doc__ or "")
        assert action["label"]["zh"] in (kind.__doc__ or "")
        given = set(inspect.signature(kind.__init__).parameters) - {"self", "kwargs", "deferrable"}
        assert set(kind.template_fields) == given


def test_no_parameter_means_something_else_to_airflow() -> None:
    parameters = {name for kind in OPERATORS.values() for name in kind.action.parameters.values()}
    airflows = {*dir(BaseOperator), *inspect.signature(BaseOperator.__init__).parameters}
    assert parameters & airflows == TAKEN


def test_what_airflow_sets_for_all_tasks_is_not_for_wecom(connections: Simulator) -> None:
    operator = WeComCreateGroupChatOperator(
        task_id="task",
        name="值班",
        user_list=["zhangsan", "LiSi"],
        owner_="LiSi",
        default_args={"owner": "airflow", "email": "ops@example.com"},
    )
    assert operator.owner == "airflow"
    operator.execute(context(Store()))
    [request] = connections.at("appchat/create")
    assert '"owner":"LiSi"' in request["body"].replace(" ", "")


def render(operator: BaseOperator, **values: Any) -> None:
    operator.render_template_fields(context() | values)


def test_all_parameters_are_templates(connections: Simulator) -> None:
    operator = WeComPushTextMessageOperator(
        task_id="task",
        to_user=["{{ oncall }}"],
        to_party="{{ party }}",
        content="{{ what }}已完成",
        duplicate_check_interval="{{ seconds }}",
    )
    render(operator, oncall="zhangsan", what="对账", party="2", seconds="1800")
    output = operator.execute(context(Store()))
    assert output["invalid_user"] == []
    [request] = connections.at("message/send")
    body = request["body"].replace(" ", "")
    assert '"touser":"zhangsan"' in body
    assert '"toparty":"2"' in body
    assert '"content":"对账已完成"' in body
    assert '"duplicate_check_interval":1800' in body


def test_a_template_that_renders_to_a_wrong_type(connections: Simulator) -> None:
    operator = WeComPushTextMessageOperator(
        task_id="task", to_party="{{ party }}", content="完成", duplicate_check_interval="{{ seconds }}"
    )
    render(operator, party="sales", seconds="soon")
    with raising(InvalidParameters) as caught:
        operator.execute(context(Store()))
    assert {fault.pointer for fault in caught.value.faults} == {"/to_party/0", "/duplicate_check_interval"}
    assert "duplicate_check_interval must be a whole number" in str(caught.value)
    assert connections.at("message/send") == []


def test_a_file_by_its_path(connections: Simulator, tmp_path: Path) -> None:
    report = tmp_path / "日报.csv"
    report.write_text("a,b\n1,2\n", encoding="utf-8")
    upload = WeComUploadMediaOperator(task_id="upload", kind="file", content_path=f"{tmp_path}/{{{{ name }}}}.csv")
    render(upload, name="日报")
    output = upload.execute(context(Store()))
    assert "日报.csv" in connections.at("media/upload")[0]["body"]
    copy = tmp_path / "copy.csv"
    download = WeComDownloadMediaOperator(task_id="download", media_id=output["media_id"], content_path=copy)
    written = download.execute(context(Store()))
    assert copy.read_bytes() == report.read_bytes()
    assert written == {"file_name": "日报.csv", "content_path": str(copy)}
    download = WeComDownloadMediaOperator(task_id="download", media_id=output["media_id"])
    assert base64.b64decode(download.execute(context(Store()))["content"]) == report.read_bytes()


def test_a_file_as_bytes(connections: Simulator) -> None:
    upload = WeComUploadMediaOperator(task_id="upload", kind="file", content=b"a,b\n1,2\n", file_name="a.csv")
    assert upload.execute(context(Store()))["media_id"]


def test_a_file_that_is_not_there(connections: Simulator, tmp_path: Path) -> None:
    upload = WeComUploadMediaOperator(task_id="upload", kind="file", content_path=tmp_path / "none.csv")
    with pytest.raises(
        FileNotFoundError, match=r"upload-media: content_path: .*none\.csv cannot be read: No such file"
    ):
        upload.execute(context(Store()))
    assert connections.at("media/upload") == []


def test_a_file_is_given_once() -> None:
    with pytest.raises(ValueError, match="content and content_path are left out, and one is required"):
        WeComUploadMediaOperator(task_id="upload", kind="file")
    with pytest.raises(ValueError, match="content and content_path are given, and only one may be"):
        WeComUploadMediaOperator(task_id="upload", kind="file", content=b"abcdef", content_path="a")


def test_a_required_parameter_is_missing() -> None:
    with pytest.raises(TypeError, match="missing keyword argument 'content'"):
        WeComPushTextMessageOperator(task_id="task", to_user=["zhangsan"])  # type: ignore[call-arg]


def test_the_output_of_a_task_is_a_parameter_of_the_next() -> None:
    with DAG("dag", schedule=None):
        upload = WeComUploadMediaOperator(task_id="upload", kind="file", content=b"abcdef", file_name="a.csv")
        media_id = upload.output["media_id"]  # type: ignore[index] # XComArg says it only of its subclasses
        send = WeComPushFileMessageToGroupChatOperator(task_id="send", chat_id="1", media_id=media_id)
    assert send.upstream_task_ids == {"upload"}


def test_a_refusal_says_what_to_do_and_no_secret(connections: Simulator) -> None:
    operator = WeComPushTextMessageOperator(task_id="task", to_user=["nobody"], content="完成")
    with raising(Rejected) as caught:
        operator.execute(context(Store()))
    assert "81013" in str(caught.value)
    assert not any(secret in f"{caught.value!r} {operator.__dict__}" for secret in connections.secrets())


def test_the_language_is_a_setting_of_airflow(connections: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    operator = WeComPushTextMessageOperator(task_id="task", to_user=["nobody"], content="完成")
    monkeypatch.setenv("AIRFLOW__WECOM_CONNECTOR__LANGUAGE", "zh")
    with raising(Rejected) as caught:
        operator.execute(context(Store()))
    assert caught.value.hint.zh in str(caught.value)
    monkeypatch.setenv("AIRFLOW__WECOM_CONNECTOR__LANGUAGE", "fr")
    with pytest.raises(ValueError, match=re.escape("[wecom_connector] language must be one of en, zh, not 'fr'")):
        operator.execute(context(Store()))


def test_a_worker_without_the_component(connections: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    from wecom_connector import ComponentError, _calls, _component

    def missing(component: object) -> Any:
        return _component.Instance("/nowhere/wecom_connector_stepwise.wasm")

    monkeypatch.setattr(_calls, "Instance", missing)
    store = Store()
    operator = WeComPushTextMessageOperator(task_id="task", to_user=["zhangsan"], content="完成")
    with pytest.raises(ComponentError, match="install wecom-connector again"):
        operator.execute(context(store))
    # The next worker may have it.
    assert store.kept == {}


def test_a_deferrable_file_is_refused() -> None:
    with pytest.raises(ValueError, match="upload-media: deferrable would keep the file in Airflow's database"):
        WeComUploadMediaOperator(task_id="upload", kind="file", content=b"abcdef", file_name="a", deferrable=True)


def test_connections_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, "mine", "http")
    operator = WeComPushTextMessageOperator(task_id="task", content="完成", wecom_conn_id="mine")
    with pytest.raises(
        Exception, match='the connection "mine" is of the type "http", and this needs wecom_application'
    ):
        operator.execute(context(Store()))
