"""WeCom (企业微信) actions: messages and cards by an application or a group chatbot, departments, members, tags,
group chats, customers, linked enterprises and files; and callbacks, with which WeCom tells what happens.
"""

from ._actions import *  # noqa: F403 - outputs and connections, by their __all__
from ._actions import __all__ as _generated
from ._callbacks import MAX_BODY_BYTES, EncryptedReply, Event, decrypt_message, encrypt_reply, verify_url
from ._component import AccessToken, ComponentError, Failure, InvalidParameter, Localized
from ._connector import AsyncWeComConnector, ConnectionCheck, ConnectionReport, WeComConnector, seconds_done_once
from ._errors import CallbackRefused, InvalidParameters, OutcomeUnknown, Rejected, Retryable, WeComError

__all__ = [
    "MAX_BODY_BYTES",
    "AccessToken",
    "AsyncWeComConnector",
    "CallbackRefused",
    "ComponentError",
    "ConnectionCheck",
    "ConnectionReport",
    "EncryptedReply",
    "Event",
    "Failure",
    "InvalidParameter",
    "InvalidParameters",
    "Localized",
    "OutcomeUnknown",
    "Rejected",
    "Retryable",
    "WeComConnector",
    "WeComError",
    "decrypt_message",
    "encrypt_reply",
    "seconds_done_once",
    "verify_url",
    *_generated,
]
