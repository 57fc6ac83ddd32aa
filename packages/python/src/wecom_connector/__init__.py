"""WeCom (企业微信) actions: messages and cards by an application or a group chatbot, departments, members, tags,
group chats, customers, linked enterprises and files.
"""

from ._actions import *  # noqa: F403 - outputs and connections, by their __all__
from ._actions import __all__ as _generated
from ._component import AccessToken, ComponentError, InvalidParameter, Localized
from ._connector import AsyncWeComConnector, ConnectionCheck, ConnectionReport, WeComConnector
from ._errors import InvalidParameters, OutcomeUnknown, Rejected, Retryable, WeComError

__all__ = [
    "AccessToken",
    "AsyncWeComConnector",
    "ComponentError",
    "ConnectionCheck",
    "ConnectionReport",
    "InvalidParameter",
    "InvalidParameters",
    "Localized",
    "OutcomeUnknown",
    "Rejected",
    "Retryable",
    "WeComConnector",
    "WeComError",
    *_generated,
]
