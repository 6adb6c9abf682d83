"""Reading: a lesson that is opened counts as read, for a reader of whom anything is kept at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from lessons.course import Course
from lessons.lesson import Lesson
from workers import lessons_read


def mark(sandbox: str | None, lesson: Lesson) -> None:
    """She has the lesson on her screen now; for somebody without a sandbox nothing is kept."""
    if sandbox:
        lessons_read.mark(sandbox, lesson.slug)


def of_reader(sandbox: str | None) -> Mapping[str, datetime]:
    """When each lesson was opened first, by slug."""
    return lessons_read.of_sandbox(sandbox) if sandbox else {}


def next_unread(course: Course, read: Mapping[str, datetime]) -> Lesson | None:
    """Where to go on: the first lesson that she has not opened; None when she has seen all."""
    return next((lesson for lesson in course.lessons if lesson.slug not in read), None)
