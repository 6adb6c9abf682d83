"""The course: its lessons in order, found in their folders and checked."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from lessons import lesson_files, prose, quiz
from lessons.faults import Fault
from lessons.lesson import Lesson, LessonLab
from workers.errors import UnknownLesson

LONGEST_ID = 40  # as the table of commitments has it
ROOT = Path(__file__).resolve().parent
log = logging.getLogger("lessons.course")


@dataclass(frozen=True)
class Course:
    """All lessons that can be shown, and what is wrong in their files."""

    lessons: tuple[Lesson, ...]
    faults: tuple[Fault, ...]

    def lesson(self, slug: str) -> Lesson:
        """Raises UnknownLesson, with the likeliest other slug."""
        found = self.find(slug)
        if found is None:
            meant = get_close_matches(slug, [lesson.slug for lesson in self.lessons], 1)
            hint = f" Did you mean /lessons/{meant[0]}?" if meant else ""
            raise UnknownLesson(f"There is no lesson at this address.{hint}")
        return found

    def find(self, slug: str) -> Lesson | None:
        return next((lesson for lesson in self.lessons if lesson.slug == slug), None)

    def lab(self, lab_id: str) -> LessonLab | None:
        """The lab that the record and a reader's commitments call so."""
        return next((lab for lesson in self.lessons for lab in lesson.labs if lab.id == lab_id), None)

    def before(self, lesson: Lesson) -> Lesson | None:
        place = self.lessons.index(lesson)
        return self.lessons[place - 1] if place else None

    def after(self, lesson: Lesson) -> Lesson | None:
        return next(iter(self.lessons[self.lessons.index(lesson) + 1 :]), None)


@cache
def course() -> Course:
    """The course that this process shows; what is wrong in it is logged once."""
    found = read(ROOT)
    for fault in found.faults:
        log.error("%s", fault)
    return found


def read(root: Path) -> Course:
    """Read every folder whose name begins with a digit."""
    folders = sorted(path for path in root.iterdir() if path.is_dir() and path.name[:1].isdigit())
    found = [lesson_files.read(folder) for folder in folders]
    lessons = [lesson for lesson, _ in found if lesson]
    faults = [fault for _, of_lesson in found for fault in of_lesson]
    if not folders:
        faults.append(Fault(root.name, 0, "the course", "has no lesson", "Add a folder such as 01-synchronous-trap."))
    return Course(tuple(lessons), (*faults, *_faults_between(lessons)))


def _faults_between(lessons: Sequence[Lesson]) -> Iterator[Fault]:
    """What one lesson alone cannot show."""
    known = {lesson.address: set(lesson.anchors) for lesson in lessons}
    for place, lesson in enumerate(lessons):
        yield from _faults_of_order(lesson, lessons[:place])
        for link in lesson.links:
            here = known | {"": set(lesson.anchors)}
            yield from prose.faults_of_link(link.path, link.line, link.address, here)
    yield from _faults_of_labs(lessons)
    yield from quiz.faults_of_all((lesson.slug, question) for lesson in lessons for question in lesson.questions)


def _faults_of_labs(lessons: Sequence[Lesson]) -> Iterator[Fault]:
    """A lab's id is its lesson's slug and its name, which could make another lab's id, or a long one."""
    labs = [(lesson, lab) for lesson in lessons for lab in lesson.labs if lab.name]
    known = Counter(lab.id for lesson in lessons for lab in lesson.labs)
    for lesson, lab in labs:
        path, remedy = f"{Path(lesson.path).parent.as_posix()}/lab-{lab.name}.toml", "Name the file differently."
        if known[lab.id] > 1:
            yield Fault(path, 0, lab.id, "is the id of another lab, too", remedy)
        if len(lab.id) > LONGEST_ID:
            yield Fault(path, 0, lab.id, f"is longer than {LONGEST_ID} characters", remedy)


def _faults_of_order(lesson: Lesson, earlier: Sequence[Lesson]) -> Iterator[Fault]:
    numbers, slugs = [each.number for each in earlier], [each.slug for each in earlier]
    if lesson.number in numbers or lesson.slug in slugs:
        yield Fault(lesson.path, 0, "the folder", "has the number or the slug of another", "Give it its own.")
    for slug in lesson.front.needs:
        if slug not in slugs:
            remedy = f"It can need {', '.join(slugs) or 'none'}."
            yield Fault(lesson.path, 1, f"needs {slug}", "names no earlier lesson", remedy)
