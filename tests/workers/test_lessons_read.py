"""Which lessons a reader has opened: each once, with its first time."""

import pytest

from tests.workers.back_of_house import BackOfHouse
from workers import lessons_read, sandboxes


def test_the_first_time_is_kept_however_often_a_lesson_is_opened(house: BackOfHouse) -> None:
    lessons_read.mark(house.sandbox, "crashes")
    first = lessons_read.of_sandbox(house.sandbox)
    lessons_read.mark(house.sandbox, "crashes")
    lessons_read.mark(house.sandbox, "retries")

    found = lessons_read.of_sandbox(house.sandbox)

    assert list(found) == ["crashes", "retries"]
    assert found["crashes"] == first["crashes"]


def test_opening_a_lesson_again_does_not_wait_for_the_writer(
    house: BackOfHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    lessons_read.mark(house.sandbox, "crashes")

    def nobody_may_write() -> None:
        raise AssertionError("it wrote")

    monkeypatch.setattr(lessons_read, "begin", nobody_may_write)
    lessons_read.mark(house.sandbox, "crashes")
    with pytest.raises(AssertionError, match="it wrote"):
        lessons_read.mark(house.sandbox, "retries")


def test_two_tabs_may_open_the_same_lesson_at_once(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    lessons_read.mark(house.sandbox, "crashes")
    before = lessons_read.of_sandbox(house.sandbox)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(lessons_read, "of_sandbox", lambda sandbox: {})
        lessons_read.mark(house.sandbox, "crashes")

    assert lessons_read.of_sandbox(house.sandbox) == before


def test_what_was_read_belongs_to_one_reader_and_goes_with_her(house: BackOfHouse) -> None:
    lessons_read.mark(house.sandbox, "crashes")

    assert lessons_read.of_sandbox(sandboxes.create(awake=False)) == {}
    sandboxes.delete(house.sandbox)
    assert lessons_read.of_sandbox(house.sandbox) == {}
