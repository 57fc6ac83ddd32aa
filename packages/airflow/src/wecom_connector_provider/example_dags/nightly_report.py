"""A report is written each night, uploaded, and sent to a group chat of the application. The connection is
`wecom_application_default`.

With more than one worker, let `folder` be one that all of them see: a shared disk, or `s3://…` with Airflow's provider
for it.
"""

from __future__ import annotations

from airflow.sdk import DAG, ObjectStoragePath, Param, task

from wecom_connector_provider.operators import WeComPushFileMessageToGroupChatOperator, WeComUploadMediaOperator

with DAG(
    "wecom_nightly_report",
    schedule="0 22 * * *",
    catchup=False,
    tags=["wecom"],
    params={
        "chat_id": Param("SIMCHAT1", type="string", description="The group chat, made by the action create-group-chat"),
        "folder": Param("/tmp", type="string"),  # noqa: S108
    },
) as report:

    @task
    def write_report(folder: str, day: str) -> str:
        path = ObjectStoragePath(folder) / f"日报-{day}.csv"
        path.write_text("部门,订单\n华东,128\n", encoding="utf-8")
        return str(path)

    upload = WeComUploadMediaOperator(
        task_id="upload",
        kind="file",
        content_path=write_report("{{ params.folder }}", "{{ dag_run.run_after | ds }}"),
    )
    upload >> WeComPushFileMessageToGroupChatOperator(
        task_id="send",
        chat_id="{{ params.chat_id }}",
        media_id="{{ ti.xcom_pull('upload')['media_id'] }}",
        retries=2,
    )
