"""What readers say of a lesson: the last word of each is kept, and counted."""

from tests.workers.back_of_house import BackOfHouse
from workers import remarks, sandboxes
from workers.remarks import Tally


def test_the_last_word_is_kept(house: BackOfHouse) -> None:
    remarks.keep(house.sandbox, "crashes", True, "Clear.")
    remarks.keep(house.sandbox, "crashes", False, None)

    word = remarks.of_reader(house.sandbox, "crashes")

    assert word
    assert (word.lesson, word.helpful, word.remark) == ("crashes", False, None)
    assert remarks.of_reader(house.sandbox, "retries") is None
    assert remarks.tallies() == {"crashes": Tally(helped=0, of=1)}


def test_a_word_is_taken_back_or_goes_with_its_reader(house: BackOfHouse) -> None:
    remarks.take_back(house.sandbox, "crashes")
    for lesson in ("crashes", "retries"):
        remarks.keep(house.sandbox, lesson, True, None)

    remarks.take_back(house.sandbox, "crashes")
    assert set(remarks.tallies()) == {"retries"}
    sandboxes.delete(house.sandbox)
    assert remarks.tallies() == {}


def test_readers_are_counted_by_lesson_and_their_texts_listed_newest_first(house: BackOfHouse) -> None:
    for lesson, helpful, text in (("crashes", True, "one"), ("crashes", False, None), ("retries", True, "two")):
        remarks.keep(sandboxes.create(awake=False), lesson, helpful, text)

    assert remarks.tallies() == {"crashes": Tally(1, 2), "retries": Tally(1, 1)}
    assert [word.remark for word in remarks.newest(9)] == ["two", "one"]
    assert [word.remark for word in remarks.newest(1)] == ["two"]
