"""Made-up names: two words, the same for a reader in a lesson, and no thread from one lesson to the next."""

import re

from lessons.names import ADJECTIVES, NOUNS, names

READERS = [f"reader{number}" for number in range(300)]


def test_there_are_a_hundred_words_of_each_kind_and_none_twice() -> None:
    for words in (ADJECTIVES, NOUNS):
        assert len(words) >= 100
        assert len(set(words)) == len(words)
        assert all(re.fullmatch(r"[a-z]{3,12}", word) for word in words)
    assert set(ADJECTIVES).isdisjoint(NOUNS)


def test_a_name_is_an_adjective_and_a_noun() -> None:
    for reader in READERS:
        adjective, noun = names("secret", reader, "crashes")[0].split()
        assert adjective.lower() in ADJECTIVES
        assert adjective[0].isupper()
        assert noun in NOUNS


def test_a_reader_keeps_her_names_in_a_lesson_and_has_others_elsewhere() -> None:
    assert names("secret", "reader", "crashes") == names("secret", "reader", "crashes")
    same = [names("secret", reader, "crashes")[0] == names("secret", reader, "retries")[0] for reader in READERS]
    assert sum(same) <= 2


def test_without_the_secret_a_name_cannot_be_worked_out() -> None:
    same = [names("secret", reader, "crashes")[0] == names("another", reader, "crashes")[0] for reader in READERS]
    assert sum(same) <= 2


def test_few_readers_share_a_name_and_there_is_another_one_for_who_does() -> None:
    assert len({names("secret", reader, "crashes")[0] for reader in READERS}) >= 280
    assert len(set(names("secret", "reader", "crashes"))) >= 4
