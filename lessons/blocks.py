"""The directives of a text, each replaced by what it names; and the rules for their places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from lessons import code
from lessons.faults import Fault
from lessons.figures import Figures
from lessons.lesson import Block, LessonLab
from lessons.markdown import Directive, Document, Prose
from lessons.quiz import Quiz

SOURCE = 'Name a function or class of the workers: {{ source("workers.checkout:check_out_later") }}.'


@dataclass(frozen=True)
class Named:
    """What the directives of one text can name."""

    figures: Figures
    quiz: Quiz
    labs: tuple[LessonLab, ...]
    faulty_labs: tuple[str, ...] = ()  # there is a file, but nothing that could be shown

    @property
    def ids(self) -> dict[str, list[str]]:
        """For each directive that takes an id of this lesson, those that there are."""
        figures = [figure.id for figure in self.figures.figures]
        labs = [lab.name for lab in self.labs if lab.name]
        return {"figure": figures, "check": [question.id for question in self.quiz.questions], "lab": labs}

    def find(self, directive: Directive) -> Any:
        """What it names, or None."""
        finders: Mapping[str, Callable[[str], Any]] = {
            "figure": self.figures.figure,
            "check": self.quiz.question,
            "source": _source,
            "lab": self._lab,
        }
        find = finders.get(directive.name)
        if find is None or (directive.argument is None and directive.name != "lab"):
            return None
        return find(directive.argument or "")

    def _lab(self, name: str) -> LessonLab | None:
        return next((lab for lab in self.labs if lab.name == name), None)


def fill(document: Document, named: Named) -> tuple[Block, ...]:
    """The blocks of the page, without those that name nothing."""
    found = [
        ("prose", block.html) if isinstance(block, Prose) else (block.name, named.find(block))
        for block in document.blocks
    ]
    return tuple(Block(kind, content) for kind, content in found if content is not None)


def faults_of(path: str, document: Document, named: Named) -> Iterator[Fault]:
    """Directives that name nothing, and what is not at exactly one place."""
    directives = [block for block in document.blocks if isinstance(block, Directive)]
    for directive in directives:
        if named.find(directive) is None and not _of_a_faulty_lab(directive, named):
            yield Fault(path, directive.line, _written(directive), *_explain(directive, named))
    wanted = [("lab", None), *((name, one) for name, ids in named.ids.items() for one in ids)]
    for name, argument in wanted:
        lines = [d.line for d in directives if (d.name, d.argument) == (name, argument)]
        if len(lines) != 1:
            said = f"is placed {len(lines)} times" if lines else "is not placed"
            key = _written(Directive(name, argument, 0))
            yield Fault(path, lines[-1] if lines else 0, key, said, "Put it into the text exactly once.")


def _of_a_faulty_lab(directive: Directive, named: Named) -> bool:
    """What is wrong with it is said of its own file."""
    return directive.name == "lab" and (directive.argument or "") in named.faulty_labs


def _source(dotted: str) -> code.CodeSample | None:
    """The running code of that name; only of the back of house, which the lessons are about."""
    if not dotted.startswith("workers.") or ":" not in dotted:
        return None
    try:
        return code.sample(dotted)
    except (ImportError, AttributeError, TypeError, OSError):
        return None


def _explain(directive: Directive, named: Named) -> tuple[str, str]:
    """What is wrong with a directive, and what would be right."""
    name, argument = directive.name, directive.argument
    known = ["figure", "source", "check", "lab"]
    if name not in known:
        return "is an unknown directive", _suggest(name, known)
    if name == "lab":
        others = "".join(f' or {{{{ lab("{known}") }}}}' for known in named.ids["lab"])
        return "names no lab of this lesson", f"Add lab-{argument or 'its-name'}.toml, or write {{{{ lab }}}}{others}."
    if argument is None:
        return "names nothing", f'Write {{{{ {name}("…") }}}}.'
    if name == "source":
        return "names no code that runs", SOURCE
    return f"names no {name} of this lesson", _suggest(argument, named.ids[name])


def _suggest(word: str, known: list[str]) -> str:
    meant = get_close_matches(word, known, 1)
    return f"Did you mean {meant[0]}?" if meant else f"There are {', '.join(known) or 'none'}."


def _written(directive: Directive) -> str:
    argument = "" if directive.argument is None else f'("{directive.argument}")'
    return f"{{{{ {directive.name}{argument} }}}}"
