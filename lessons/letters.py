"""What is looked at of the dead letters, and all that is shown of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from workers import dead_letters, deletions, replays
from workers.chosen import Chosen
from workers.dead_letters import Group, LetterPage
from workers.replays import Progress


@dataclass(frozen=True)
class Question:
    """What is looked at: the letters of a group or of all, that a search finds, and which page of them."""

    group: str | None = None
    search: str = ""
    page: int = 1

    @property
    def chosen(self) -> Chosen:
        return Chosen(all=self.group is None, group=self.group, search=self.search)

    @property
    def choice(self) -> dict[str, str]:
        """The same as the fields of an act on all of these letters."""
        chosen = {"all": "true"} if self.group is None else {"group": self.group}
        return chosen | ({"search": self.search} if self.search.strip() else {})

    @property
    def narrow(self) -> bool:
        """Whether something is left out."""
        return self.group is not None or bool(self.search.strip())

    def at(self, page: int) -> dict[str, str | int]:
        """The address's part for another page of the same."""
        return {name: value for name, value in self.choice.items() if name != "all"} | {"page": page}


@dataclass(frozen=True)
class View:
    """All that the page shows."""

    question: Question
    count: int
    oldest_age_s: float | None
    groups: tuple[Group, ...]
    found: LetterPage
    undo: int  # how many deleted letters can still be brought back
    replay: Progress | None


def view(sandbox: str, question: Question) -> View:
    """Read everything that is shown."""
    return View(
        question=question,
        count=dead_letters.count(sandbox),
        oldest_age_s=dead_letters.oldest_age_s(sandbox),
        groups=dead_letters.groups(sandbox, question.search),
        found=dead_letters.page(sandbox, question.group, question.search, question.page),
        undo=deletions.count_undoable(sandbox),
        replay=replays.progress(sandbox),
    )


def tag(sandbox: str, question: Question) -> str:
    """Changes when the page does; much cheaper than to read it."""
    state = (dead_letters.newest(sandbox), deletions.count_undoable(sandbox), replays.progress(sandbox))
    return hashlib.sha256(repr((question, *state)).encode()).hexdigest()[:16]
