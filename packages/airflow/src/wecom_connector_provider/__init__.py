"""WeCom (企业微信) for Apache Airflow: an operator for each action, connections with a test, a notifier, retries that
send nothing twice.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def get_provider_info() -> dict[str, Any]:
    """What Airflow's list of providers asks for. Loads neither the operators nor the component."""
    forms = Path(__file__).with_name("_connections.json").read_text(encoding="utf-8")
    return {
        "package-name": "airflow-provider-wecom-connector",
        "name": "WeCom (企业微信)",
        "description": "WeCom (企业微信): messages, cards, files, address book.",
        "connection-types": json.loads(forms),
        "notifications": ["wecom_connector_provider.notifier.WeComNotifier"],
    }
