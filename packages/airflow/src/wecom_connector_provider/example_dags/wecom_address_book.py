"""The address book of WeCom, kept in step with what another system says.

A first run with `apply` off says what it would do, in the log of `dry_run`. The journal has to be where every worker
finds it, or give the tasks a queue of one worker. One run at a time: two would each do what the other one does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from airflow.sdk import Param, dag, task

CONNECTION = "wecom_application_default"


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    tags=["wecom"],
    params={
        "folder": Param("/var/lib/address-book", type="string", description="Files and journal, for every worker"),
        "delete_at_most": Param("2%", type="string", description="A number, or a share; 0 deletes nothing"),
        "keep_members": Param(["admin"], type="array", description="Members that are never deleted"),
        "keep_departments": Param([], type="array", description="Departments that are never deleted"),
        "apply": Param(False, type="boolean", description="Do it"),
    },
    doc_md=__doc__,
)
def wecom_address_book() -> None:
    @task
    def read_source(params: Any = None) -> dict[str, str]:
        """Puts the source into files: it may be large, and XCom is not for that. Yours asks another system."""
        files = {}
        for kind, rows in (("departments", departments()), ("members", members())):
            path = Path(params["folder"]) / f"{kind}.jsonl"
            with path.open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            files[kind] = str(path)
        return files

    @task
    def dry_run(files: Any, params: Any = None) -> dict[str, int]:
        """Prints what there is to do. XCom gets numbers only."""
        return keep_in_step(files, params, apply=False)

    # A run that ended in the middle goes on where it stopped, so that it may be repeated.
    @task(retries=3)
    def apply(files: Any, params: Any = None) -> dict[str, int]:
        if not params["apply"]:
            print("Nothing was changed: the parameter apply does it.")
            return {}
        return keep_in_step(files, params, apply=True)

    files = read_source()
    dry_run(files) >> apply(files)


def departments() -> Iterator[dict[str, Any]]:
    yield {"id": 20, "parent_id": 1, "name": "研发中心"}
    yield {"id": 21, "parent_id": 20, "name": "测试组"}


def members() -> Iterator[dict[str, Any]]:
    yield {"user_id": "chenba", "name": "陈八", "department": [21], "mobile": "13900000008", "position": "工程师"}


def keep_in_step(files: dict[str, str], params: dict[str, Any], *, apply: bool) -> dict[str, int]:
    """Compares, and does what is found. What a person has to correct fails at once, whatever the retries."""
    import anyio
    from wecom_connector import WeComError
    from wecom_connector.address_book import AddressBook, AddressBookError, JournalError, read_rows

    from wecom_connector_provider._airflow import AirflowFailException
    from wecom_connector_provider.hooks import WeComApplicationHook

    async def run() -> dict[str, int]:
        async with WeComApplicationHook(CONNECTION).get_async_conn() as wecom:
            with AddressBook(wecom, journal=Path(params["folder"]) / "address-book.journal") as book:
                plan = await book.compare(
                    read_rows(files["departments"]),
                    read_rows(files["members"]),
                    delete_at_most=params["delete_at_most"],
                    keep_members=params["keep_members"],
                    keep_departments=params["keep_departments"],
                )
                if not apply:
                    for step in plan.steps():
                        print(step)
                    if plan.refusal:
                        print("refused:", plan.refusal)
                    return dict(plan.counts)
                report = await book.apply(plan)
                for failure in report.failures:
                    print(failure)
                if report.failures:
                    raise AirflowFailException(f"WeCom refused {len(report.failures)} steps; the others are done")
                return dict(report.done)

    try:
        return anyio.run(run)
    except JournalError:
        # The run before may not be over: its worker was lost, and its process was not.
        raise
    except AddressBookError as error:
        raise AirflowFailException(str(error)) from None
    except WeComError as error:
        if error.may_repeat:
            raise
        raise AirflowFailException(f"{error.case}: {error}") from error


address_book = wecom_address_book()
