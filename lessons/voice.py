"""The reader's voice: whether a lesson helped, and the discussion under it; all of it plain text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from lessons.lesson import Lesson
from lessons.names import names
from workers import posts, remarks, reports
from workers.posts import Post
from workers.remarks import Remark
from workers.settings import current

REMARK_AT_MOST = 1000
POST_AT_MOST = 2000
PAGE = 50
LETTERS_A_PAGE = 30_000


@dataclass(frozen=True)
class Said:
    """One post as one reader sees it."""

    post: Post
    mine: bool
    reported: bool


@dataclass(frozen=True)
class Discussion:
    """Some posts, newest last; `earlier` is where the ones before them end, and `name` what the reader is called."""

    posts: tuple[Said, ...]
    name: str | None
    earlier: int | None
    later: bool


@dataclass(frozen=True)
class Voice:
    """All that a lesson's page shows of what its readers say; no discussion where it is turned off."""

    remark: Remark | None
    discussion: Discussion | None


def of_lesson(reader: str | None, lesson: Lesson) -> Voice:
    remark = remarks.of_reader(reader, lesson.slug) if reader else None
    return Voice(remark, discussion(reader, lesson) if current().discussion else None)


def discussion(reader: str | None, lesson: Lesson, before: int | None = None) -> Discussion:
    """The newest page of a discussion, or the one before a post."""
    found = posts.of_lesson(lesson.slug, reader, before, PAGE + 1)
    shown = _that_fit(found[-PAGE:])
    reported = reports.reported_by(reader, shown) if reader else set()
    said = tuple(Said(post, post.sandbox == reader, post.id in reported) for post in shown)
    earlier = shown[0].id if len(found) > len(shown) else None
    return Discussion(said, _name(reader, lesson), earlier, before is not None)


def post(reader: str, lesson: Lesson, text: str) -> Post:
    """Put up a post. Raises OverLimit when the discussion is full."""
    return posts.add(reader, lesson.slug, names(current().secret_key, reader, lesson.slug), text)


def _that_fit(found: list[Post]) -> list[Post]:
    """The newest of a page that make it no book; one at least."""
    letters = list(accumulate(len(post.text) for post in reversed(found)))
    return found[-max(1, sum(so_far <= LETTERS_A_PAGE for so_far in letters)) :]


def _name(reader: str | None, lesson: Lesson) -> str | None:
    if reader is None:
        return None
    return posts.name_of(reader, lesson.slug) or names(current().secret_key, reader, lesson.slug)[0]
