"""Which dead letters somebody means, and asking her whether she does, with how many they are."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template
from werkzeug.wrappers import Response

from lessons import problems, requests
from lessons.letters import Question
from workers import dead_letters, deletions
from workers.chosen import Chosen
from workers.errors import CountChanged


def question() -> Question:
    """What the address asks for. Raises Invalid."""
    asked = requests.asked(requests.LettersAsked)
    return Question(asked.group or None, asked.search, asked.page)


def chosen(wanted: requests.LettersForm) -> Chosen:
    """Exactly one of the three ways to choose. Raises Invalid."""
    named = [wanted.all, wanted.group, wanted.messages]
    if sum(each is not None for each in named) != 1:
        allowed = {"one of": ["all", "group", "messages"]}
        raise problems.Invalid([{"field": "all", "problem": "name all, a group or messages", "allowed": allowed}])
    return Chosen(bool(wanted.all), wanted.group, tuple(wanted.messages or ()), wanted.search)


def ask_again(sandbox: str, act: str, wanted: requests.LettersForm, changed: CountChanged) -> Response:
    """A person is asked once more, with the new number; a script is told it."""
    if problems.wants_json() or wanted.messages:
        raise changed
    return ask(sandbox, act, Question(wanted.group, wanted.search), told=wanted.expected)


def ask(sandbox: str, act: str, question: Question, told: int | None = None) -> Response:
    """The page that says how many letters an act is about; `told` is the number that was wrong."""
    count = dead_letters.count(sandbox, question.chosen)
    page = rendered("dead_letters/confirm.html", sandbox, act=act, question=question, count=count, told=told)
    page.status_code = 200 if told is None else 409
    return page


def rendered(template: str, sandbox: str, **what: Any) -> Response:
    """A template of the dead letters with what all of them need."""
    return make_response(render_template(template, sandbox_id=sandbox, undo_for_s=deletions.UNDO_FOR_S, **what))
