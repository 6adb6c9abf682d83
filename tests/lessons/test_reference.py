"""The reference pages' files: they can be read, their links lead somewhere, and their tone is the course's."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessons import reference
from lessons.course import course
from lessons.decide import Helper
from lessons.faults import Faulty
from lessons.prose import HTML, SHOUT
from lessons.reference import About, CheatSheet, Monday
from lessons.toml_files import Schema

FILES: dict[str, type[Schema]] = {"cheat-sheet": CheatSheet, "monday": Monday, "about": About, "decide": Helper}


def texts(value: object) -> list[str]:
    """Every text in a page, wherever it stands."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else ()
    return [text for each in inner for text in texts(each)]


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_read_and_speaks_calmly(name: str) -> None:
    said = texts(reference.load(name, FILES[name]).model_dump())

    assert len(said) > 10
    assert [text for text in said if SHOUT.search(text) or HTML.search(text)] == []


def test_every_lesson_that_a_page_names_is_there() -> None:
    slugs = {lesson.slug for lesson in course().lessons}
    named = [slug for part in reference.cheat_sheet().sections for slug in part.lessons]
    named += [each.lesson for reader in reference.monday().readers for each in reader.next]
    named += [slug for verdict in reference.load("decide", Helper).verdicts for slug in verdict.lessons]

    assert len(named) > 20
    assert set(named) <= slugs


def test_the_cheat_sheet_has_all_five_parts() -> None:
    parts = {part.id: part for part in reference.cheat_sheet().sections}

    assert list(parts) == ["when", "checklist", "backpressure", "tools", "words"]
    assert len(parts["backpressure"].items) == 4
    assert {item.term for item in parts["tools"].items} == {"Redis or Valkey", "Amazon SQS", "RabbitMQ", "Kafka"}
    assert all(item.term for item in parts["words"].items)


def test_monday_has_a_list_for_each_of_three_readers() -> None:
    readers = reference.monday().readers

    assert [reader.id for reader in readers] == ["starting-out", "slow-endpoints", "queues-already"]
    assert all(4 <= len(reader.things) <= 6 for reader in readers)


def test_no_two_places_of_a_page_share_an_address() -> None:
    for ids in (
        [part.id for part in reference.cheat_sheet().sections],
        [reader.id for reader in reference.monday().readers],
        [chapter.id for chapter in reference.about().sections],
    ):
        assert len(set(ids)) == len(ids)


def test_a_mistake_in_a_file_is_told_with_its_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "monday.toml"
    broken.write_text('title = "Monday"\nlede = "Typed in haste."\nreaders = []\n')
    monkeypatch.setattr(reference, "FOLDER", tmp_path)

    with pytest.raises(Faulty) as found:
        reference.load("monday", Monday)
    assert "lessons/reference/monday.toml:2" in str(found.value)
    assert "Did you mean lead?" in str(found.value)
