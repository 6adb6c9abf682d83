"""What a person does who reads, answers and takes her progress along, and what is kept of her."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import httpx

from lessons.course import course
from tests.product import Product
from tests.routes.asking import Visitor, found_in
from tests.routes.reading import words

FIRST, SECOND = course().lessons[:2]
QUESTION = FIRST.questions[0]
RIGHT = next(option for option in QUESTION.options if option.right)
WRONG = next(option for option in QUESTION.options if not option.right)


def answer_one(visitor: Visitor, option: str = RIGHT.id, confidence: str = "certain") -> None:
    sent = visitor.send(f"{FIRST.address}/answers", question=QUESTION.id, option=option, confidence=confidence)
    assert sent.status_code == 303


def make_code(visitor: Visitor) -> str:
    """A new resume code, read from the page that shows it once."""
    return code_in(visitor.send("/progress/codes"))


def code_in(made: httpx.Response) -> str:
    assert made.status_code == 201, made.text
    assert made.headers["Cache-Control"] == "no-store"
    return words(found_in(made.text, r'(?s)<p class="progress-fresh">(.*?)</p>').replace("</span>", " "))


def rows_of(product: Product, table: str, sandbox: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{product.data_dir}/ticketwheel.sqlite3?mode=ro", uri=True)) as db:
        return db.execute(f"SELECT * FROM {table} WHERE sandbox = ?", (sandbox,)).fetchall()
