"""The clock that all workers and triggerers share: that of Airflow's API server.

Each has a clock of its own, too, and those differ. How long ago another worker began a call can only be told by one
clock that both have asked.
"""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import httpx
from airflow.configuration import conf

PATIENCE = 10
"""Seconds for an answer. What asks for the time does without it afterwards."""

log = logging.getLogger(__name__)


def now() -> datetime:
    """The time by the clock of this machine."""
    return datetime.now(timezone.utc)


def server_time() -> datetime | None:
    """The time by the clock of the API server, to the second. None where it cannot be asked: in `dag.test()`, say."""
    from airflow.sdk.api.client import Client

    try:
        # With Airflow's own client for its certificates, and without its retries, which take minutes.
        with Client(base_url=_address(), token="", timeout=PATIENCE) as client:
            answer = httpx.Client.request(client, "GET", "health")
        return parsedate_to_datetime(answer.headers["date"]).astimezone(timezone.utc)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, KeyError, ValueError) as error:
        log.info("the API server does not say what time it is: %s", type(error).__name__)
        return None


def _address() -> str:
    """Where a worker finds the API server, as Airflow's executors have it."""
    base = conf.get("api", "base_url", fallback="/") or "/"
    if base.startswith("/"):
        base = f"http://localhost:8080{base}"
    return str(conf.get("core", "execution_api_server_url", fallback=f"{base.rstrip('/')}/execution/"))
