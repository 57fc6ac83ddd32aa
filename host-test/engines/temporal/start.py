"""Starts a workflow, waits for its end and prints it.

python start.py new-hire chenyu 陈雨 13900000000 --department 2 --leader LiSi
python start.py approval order-17 "Purchase order 17" "1,200 CNY" --approver zhangsan
python start.py call push-text-message '{"to_user": ["zhangsan"], "content": "hello"}'
"""

from __future__ import annotations

import argparse
import asyncio
import json
import uuid
from typing import Any

from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError, TemporalError

from service import connect, leave
from workflows import TASK_QUEUE, Approval, Call, CallAction, Colleague, NewHire, Question


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connection", default="environment", help="its name at the workers")
    kinds = parser.add_subparsers(dest="kind", required=True)
    hire = kinds.add_parser("new-hire")
    for name in ("user_id", "name", "mobile"):
        hire.add_argument(name)
    hire.add_argument("--department", type=int, required=True)
    hire.add_argument("--leader", required=True)
    approval = kinds.add_parser("approval")
    for name in ("id", "title", "description"):
        approval.add_argument(name)
    approval.add_argument("--approver", action="append", required=True)
    approval.add_argument("--days", type=float, default=3)
    call = kinds.add_parser("call")
    call.add_argument("action")
    call.add_argument("parameters", type=json.loads)
    return parser.parse_args()


async def run(given: argparse.Namespace) -> Any:
    temporal = await connect()
    connection = given.connection
    if given.kind == "new-hire":
        new = Colleague(given.user_id, given.name, given.mobile, given.department, given.leader, connection)
        return await temporal.execute_workflow(NewHire.run, new, id=f"new-hire-{given.user_id}", task_queue=TASK_QUEUE)
    if given.kind == "approval":
        question = Question(given.title, given.description, given.approver, given.days, connection)
        return await temporal.execute_workflow(Approval.run, question, id=given.id, task_queue=TASK_QUEUE)
    call = Call(given.action, given.parameters, connection)
    return await temporal.execute_workflow(CallAction.run, call, id=f"call-{uuid.uuid4()}", task_queue=TASK_QUEUE)


def said(error: WorkflowFailureError) -> str:
    cause = error.cause
    if isinstance(cause, ActivityError) and isinstance(cause.cause, ApplicationError):
        return f"{cause.cause.type}: {cause.cause.message}"
    return str(cause)


def main() -> str | None:
    """What went wrong, if anything did."""
    try:
        print(json.dumps(asyncio.run(run(arguments())), ensure_ascii=False))
    except WorkflowFailureError as failure:
        return said(failure)
    except (TemporalError, RuntimeError) as trouble:
        return str(trouble)
    return None


if __name__ == "__main__":
    leave(main())
