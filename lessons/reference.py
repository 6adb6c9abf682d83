"""The reference pages as data: the cheat sheet, the plan for Monday, and what this place is."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from lessons import toml_files
from lessons.markdown import inline
from lessons.toml_files import AnySchema, Id, Schema, Text

FOLDER = Path(__file__).resolve().parent / "reference"
Slugs = Annotated[tuple[Id, ...], Field(min_length=1)]


class Item(Schema):
    """One line of the cheat sheet, with the word or the choice that it is about, if it has one."""

    term: str = ""
    text: Text


class Part(Schema):
    """One box of the cheat sheet, and the lessons that explain it."""

    id: Id
    title: Text
    lead: str = ""
    lessons: Slugs
    items: Annotated[tuple[Item, ...], Field(min_length=1)]


class CheatSheet(Schema):
    title: Text
    lead: Text
    sections: tuple[Part, ...]


class Thing(Schema):
    what: Text
    why: Text


class ReadNext(Schema):
    lesson: Id
    why: Text


class Reader(Schema):
    """Whom a list is for, what to do, and what to read after it."""

    id: Id
    who: Text
    lead: Text
    things: Annotated[tuple[Thing, ...], Field(min_length=4, max_length=6)]
    next: Annotated[tuple[ReadNext, ...], Field(min_length=1)]


class Monday(Schema):
    title: Text
    lead: Text
    readers: tuple[Reader, ...]


class Chapter(Schema):
    id: Id
    title: Text
    text: Annotated[tuple[Text, ...], Field(min_length=1)]


class About(Schema):
    title: Text
    lead: Text
    sections: tuple[Chapter, ...]


@cache
def cheat_sheet() -> CheatSheet:
    return load("cheat-sheet", CheatSheet)


@cache
def monday() -> Monday:
    return load("monday", Monday)


@cache
def about() -> About:
    return load("about", About)


def load(name: str, schema: type[AnySchema]) -> AnySchema:
    """A file of the reference folder. Raises Faulty, with file, line, key and remedy."""
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    return toml_files.read(f"lessons/reference/{name}.toml", text, schema).content


def plain(text: str) -> str:
    """A line as it reads on paper, without its marks."""
    return inline(text).striptags()
