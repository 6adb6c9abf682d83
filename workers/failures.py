"""A try that failed, and how it is told."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

from workers.attempts import Attempt
from workers.errors import StepUnavailable
from workers.messages import CompleteOrder

ERROR_AT_MOST, TRACEBACK_AT_MOST = 500, 20_000
_HOUSE = f"{Path(__file__).resolve().parent.parent}/"


@dataclass(frozen=True)
class Failure:
    """A try that failed: which message's, whose (which knows at which step), and why."""

    message: CompleteOrder
    attempt: Attempt
    error: BaseException

    @property
    def group(self) -> str:
        """The kind of error at its step, by which dead letters are listed; never read from the error's text."""
        kind = self.error.kind if isinstance(self.error, StepUnavailable) else type(self.error).__name__
        return f"{self.attempt.step}: {kind}" if self.attempt.step else kind

    @property
    def text(self) -> str:
        return (str(self.error) or type(self.error).__name__)[:ERROR_AT_MOST]

    @property
    def traceback(self) -> str:
        """The last part of it, which says what happened; files are named from the house's own folder."""
        whole = "".join(traceback.format_exception(self.error))
        return whole.replace(_HOUSE, "")[-TRACEBACK_AT_MOST:]
