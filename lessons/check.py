"""`make lessons`: is every file of the course and of the practice as it should be?"""

from __future__ import annotations

import sys

from lessons import course, practice


def main() -> int:
    """Say whether all is fine, or what is wrong and where; the exit status."""
    found = course.read(course.ROOT)
    faults = [*found.faults, *practice.faults([lesson.slug for lesson in found.lessons])]
    if faults:
        print(*faults, _count(len(faults), "fault") + ".", sep="\n", file=sys.stderr)
        return 1
    scenarios = practice.practice().questions
    questions = [question for lesson in found.lessons for question in lesson.questions]
    options = sum(len(question.options) for question in (*questions, *scenarios))
    counts = [(len(found.lessons), "lesson"), (len(questions), "quick check"), (len(scenarios), "scenario")]
    print(", ".join(_count(*each) for each in (*counts, (options, "option"))) + ": fine")
    return 0


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


if __name__ == "__main__":
    sys.exit(main())
