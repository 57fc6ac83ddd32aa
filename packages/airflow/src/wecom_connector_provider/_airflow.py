"""What moved between Airflow 3.0 and 3.3."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException
    from airflow.sdk.execution_time.context import NEVER_EXPIRE
    from airflow.sdk.log import mask_secret
else:
    try:
        from airflow.sdk import BaseHook
    except ImportError:
        from airflow.hooks.base import BaseHook
    try:
        from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException
    except ImportError:
        from airflow.exceptions import AirflowFailException, AirflowNotFoundException
    try:
        from airflow.sdk.log import mask_secret
    except ImportError:
        from airflow.sdk.execution_time.secrets_masker import mask_secret
    try:
        from airflow.sdk import NEVER_EXPIRE
    except ImportError:
        # Nothing keeps anything there.
        NEVER_EXPIRE = None

__all__ = ["NEVER_EXPIRE", "AirflowFailException", "AirflowNotFoundException", "BaseHook", "mask_secret"]
