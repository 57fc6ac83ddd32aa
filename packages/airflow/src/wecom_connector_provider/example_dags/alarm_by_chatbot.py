"""A group is told by its chatbot when a task has failed. The connection is `wecom_chatbot_default`."""

from __future__ import annotations

from airflow.sdk import dag, task

from wecom_connector_provider.notifier import WeComNotifier

ALARM = WeComNotifier(
    content="{{ ti.dag_id }} 的任务 {{ ti.task_id }} 失败：{{ exception | default('见日志') }}\n运行：{{ run_id }}",
    mentioned_list=["@all"],
)


@dag(schedule=None, tags=["wecom"], default_args={"on_failure_callback": ALARM})
def wecom_alarm_by_chatbot() -> None:
    @task
    def reconcile() -> None:
        raise ValueError("3 笔订单对不上")

    reconcile()


alarm = wecom_alarm_by_chatbot()
