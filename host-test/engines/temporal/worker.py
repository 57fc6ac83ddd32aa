"""A worker: it holds the connections, and runs activities and workflows. Start it on as many machines as you like.

python worker.py [--language zh]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from datetime import timedelta
from typing import get_args

from temporalio.worker import Worker
from wecom_connector import AsyncWeComConnector, ComponentError

from connections import ConnectionsError, read_connections
from service import connect, leave
from wecom_activities import Language, WeComActivities
from workflows import TASK_QUEUE, Approval, CallAction, NewHire


async def work(language: Language) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    connections = read_connections()
    async with AsyncWeComConnector(language=language) as connector:
        activities = WeComActivities(connector, connections, language).all()
        worker = Worker(
            await connect(),
            task_queue=TASK_QUEUE,
            workflows=[Approval, CallAction, NewHire],
            activities=activities,
            # A worker that is lost holds its workflows up for so long.
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
            # Calls that are under way end by themselves, and are waited for.
            graceful_shutdown_timeout=timedelta(minutes=10),
        )
        async with worker:
            print(
                f"worker {os.getpid()}: {len(activities)} activities, connections: {', '.join(connections)}", flush=True
            )
            await ended.wait()


def main() -> str | None:
    """What went wrong, if anything did."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--language", choices=get_args(Language), default="en", help="of errors")
    given = parser.parse_args()
    try:
        asyncio.run(work(given.language))
    except (ComponentError, ConnectionsError, RuntimeError) as error:
        return f"worker: {error}"
    return None


if __name__ == "__main__":
    leave(main())
