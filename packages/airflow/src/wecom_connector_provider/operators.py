"""An operator for each action: `WeComPushTextMessageOperator` for `push-text-message`."""

from __future__ import annotations

from ._operators import *  # noqa: F403 - by its __all__
from ._operators import OPERATORS
from ._operators import __all__ as _generated
from .operator import WeComOperator

__all__ = ["OPERATORS", "WeComOperator", *_generated]
