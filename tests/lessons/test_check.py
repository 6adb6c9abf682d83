"""`make lessons` says how much there is, or what is wrong."""

import pytest

from lessons import check, practice
from lessons.faults import Fault


def test_the_command_says_how_much_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main() == 0
    assert capsys.readouterr().out.startswith("10 lessons, 39 quick checks, 12 scenarios, ")


def test_the_command_names_what_is_wrong(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    fault = Fault("lessons/practice.toml", 7, "right", "is missing", "Write it.")
    monkeypatch.setattr(practice, "faults", lambda lessons: [fault])

    assert check.main() == 1
    assert capsys.readouterr().err.splitlines() == [str(fault), "1 fault."]
