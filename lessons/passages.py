"""What can be found by searching, paragraph by paragraph, with the address of the nearest anchor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lessons import decide, reference
from lessons.course import course
from lessons.lesson import Lesson
from lessons.paragraphs import HEADINGS, Paragraphs
from lessons.reference import plain


@dataclass(frozen=True)
class Passage:
    """One paragraph: the page that it is on, the heading that it stands under, and where that is."""

    title: str
    heading: str
    address: str
    text: str


def of_everything() -> Iterator[Passage]:
    for lesson in course().lessons:
        yield from of_lesson(lesson)
    yield from of_reference()


def of_lesson(lesson: Lesson) -> Iterator[Passage]:
    """Its text, its figures' words and its recap; neither quick checks nor the lab, whose answers come later."""
    front, heading, anchor = lesson.front, "", ""
    yield Passage(front.title, "", lesson.address, plain(front.goal))
    for block in lesson.blocks:
        if block.kind == "prose":
            for kind, name, text in Paragraphs.of(block.content):
                if kind in HEADINGS:
                    heading, anchor = text, f"#{name}"
                else:
                    yield Passage(front.title, heading, lesson.address + anchor, text)
        elif block.kind == "figure":
            figure = block.content
            yield Passage(front.title, figure.title, f"{lesson.address}#figure-{figure.id}", plain(figure.words))
    yield Passage(front.title, "Worth remembering", f"{lesson.address}#lesson-recap", plain(front.recap))


def of_reference() -> Iterator[Passage]:
    sheet, monday, about = reference.cheat_sheet(), reference.monday(), reference.about()
    for page, address in ((sheet, "/cheat-sheet"), (monday, "/monday"), (about, "/about")):
        yield Passage(page.title, "", address, plain(page.lead))
    for part in sheet.sections:
        for item in part.items:
            text = plain(f"{item.term}: {item.text}" if item.term else item.text)
            yield Passage(sheet.title, part.title, f"/cheat-sheet#{part.id}", text)
    for reader in monday.readers:
        for thing in reader.things:
            yield Passage(monday.title, reader.who, f"/monday#{reader.id}", plain(f"{thing.what} {thing.why}"))
    for chapter in about.sections:
        for text in chapter.text:
            yield Passage(about.title, chapter.title, f"/about#{chapter.id}", plain(text))
    asked = " ".join(question.text for question in decide.helper().questions)
    yield Passage("Now or later: the decision helper", "", "/decide", asked)
