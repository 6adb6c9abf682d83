"""A failure is told by the kind of error at its step."""

import pytest

from workers.attempts import Attempt
from workers.errors import StepUnavailable
from workers.failures import Failure
from workers.messages import CompleteOrder


@pytest.mark.parametrize(
    ("error", "step", "group"),
    [
        (StepUnavailable("…", "mail server answered 550"), "email", "email: mail server answered 550"),
        (StepUnavailable("…", "time-out"), "webhook", "webhook: time-out"),
        (ZeroDivisionError("division by zero"), "pdf", "pdf: ZeroDivisionError"),
        (MemoryError(), None, "MemoryError"),
    ],
)
def test_letters_are_grouped_by_the_kind_of_error_at_its_step(error: Exception, step: str | None, group: str) -> None:
    failure = Failure(CompleteOrder("s", 1), Attempt("worker", 10, "off", step=step), error)

    assert failure.group == group
    assert failure.text
