"""What run.py has Airflow do. The answers of WeCom come as late as its gateway wants."""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, task

from wecom_connector_provider.notifier import WeComNotifier
from wecom_connector_provider.operators import WeComPushTextMessageByChatbotOperator, WeComPushTextMessageOperator

TELL = WeComNotifier("push-text-message", to_user=["LiSi"], content="{{ ti.dag_id }}: {{ exception }}")


def push(dag_id: str, **given: Any) -> None:
    with DAG(dag_id, schedule=None, is_paused_upon_creation=False):
        WeComPushTextMessageOperator(
            **{
                "task_id": "push",
                "to_user": ["zhangsan"],
                "content": f"{dag_id}, {{{{ run_id }}}}",
                "retry_delay": timedelta(seconds=1),
                "on_failure_callback": TELL,
                **given,
            }
        )


with DAG("spread", schedule=None, is_paused_upon_creation=False):
    WeComPushTextMessageOperator.partial(task_id="push", to_user=["zhangsan"]).expand(
        content=[f"spread {number}." for number in range(16)]
    )

push("killed", retries=2)
push("checked", retries=2, duplicate_check_interval=1800)
push("invalid", retries=3, duplicate_check_interval=1_000_000)
push("rejected", retries=3, to_user=["nobody"])
push("unknown", retries=3)
# What WeCom says has to count, and not this.
push("limited", retries=1, retry_delay=timedelta(hours=1))
push("frequent", retries=1, retry_delay=timedelta(hours=1))
push("cleared", retries=2)
push("once", retries=0)
push("waiting", retries=2, retry_delay=timedelta(hours=1))
push("deferred", retries=2, deferrable=True)
push("without", retries=0)
push("interrupted", retries=2)

with DAG("chatbot", schedule=None, is_paused_upon_creation=False):
    WeComPushTextMessageByChatbotOperator(task_id="push", content="chatbot, {{ run_id }}")

with DAG("planted", schedule=None, is_paused_upon_creation=False):

    @task(task_id="push")
    def tell(run_id: Any = None) -> Any:
        """What run.py hides in the name of a run, in a log and in an XCom."""
        print(run_id)
        return run_id

    tell()
