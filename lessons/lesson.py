"""What a lesson is: its front matter, its lab, and all that a page of it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from markupsafe import Markup
from pydantic import Field, StringConstraints

from lessons.lab_tasks import Task
from lessons.quiz import Question
from lessons.toml_files import Id, Schema, Text


class FrontMatter(Schema):
    title: Text
    minutes: Annotated[int, Field(strict=True, ge=1, le=30)]
    goal: Annotated[str, StringConstraints(pattern="^You can ")]
    out_of_scope: Text
    needs: tuple[Id, ...]
    recap: Text
    next: Text


class Choice(Schema):
    id: Id
    text: Text


class Asked(Schema):
    """A question that is never scored."""

    prompt: Text
    options: Annotated[tuple[Choice, ...], Field(min_length=2, max_length=4)]


class Lab(Schema):
    """What to try, what to predict before it and what to look for after it."""

    title: Text
    kind: Literal[
        "race",
        "slots",
        "sort",
        "scale",
        "crash",
        "outbox",
        "repeat",
        "pool",
        "cache",
        "drill",
        "flood",
        "wall",
        "narrow",
        "retries",
    ]
    link: Text = "/"
    prediction: Asked
    tasks: Annotated[tuple[Task, ...], Field(min_length=1)]
    observation: Asked


@dataclass(frozen=True)
class LessonLab:
    """A lab at its place in a lesson; the first one has no name, and goes by the lesson's slug alone."""

    slug: str
    name: str
    content: Lab

    @property
    def id(self) -> str:
        """What predictions, observations and the record call it."""
        return f"{self.slug}-{self.name}" if self.name else self.slug

    @property
    def element(self) -> str:
        """The id of its element on the lesson's page."""
        return f"lesson-lab-{self.name}" if self.name else "lesson-lab"

    @property
    def address(self) -> str:
        return f"/lessons/{self.slug}#{self.element}"


@dataclass(frozen=True)
class Block:
    """A piece of the page: "prose", "figure", "source", "lab" or "check", and what it shows."""

    kind: str
    content: Any


@dataclass(frozen=True)
class Link:
    """An address that a file of the lesson links to, and where."""

    path: str
    line: int
    address: str


@dataclass(frozen=True)
class Lesson:
    number: int
    slug: str
    front: FrontMatter
    blocks: tuple[Block, ...]
    questions: tuple[Question, ...]
    labs: tuple[LessonLab, ...]  # the one without a name first
    hints: Markup
    anchors: frozenset[str]
    links: tuple[Link, ...]
    path: str  # of its lesson.md

    @property
    def address(self) -> str:
        return f"/lessons/{self.slug}"

    @property
    def lab(self) -> LessonLab:
        """The one without a name, which every lesson has."""
        return self.labs[0]

    def named_lab(self, name: str) -> LessonLab | None:
        return next((lab for lab in self.labs if lab.name == name), None)

    def question(self, question_id: str) -> Question | None:
        return next((question for question in self.questions if question.id == question_id), None)
