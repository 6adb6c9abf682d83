"""Claims: parsed with an error that names the part, judged in three values, and quoted as people write figures."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.experiments import claims

FOUND = {"email": 0.0, "orders": 2.0, "pace@before": 8.0, "pace@after": 9.0, "untold": None}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("email = 0", True),
        ("email != 0", False),
        ("orders >= 2 and email < 1", True),
        ("pace@after <= 1.2 * pace@before", True),
        ("pace@after <= 1.1 * pace@before", False),
        ("2 <= orders", True),
        ("untold > 1", None),
        ("orders = 2 and untold > 1", None),
        ("orders = 3 and untold > 1", False),  # whatever the rest is
    ],
)
def test_a_claim_holds_or_not_or_cannot_be_told(text: str, holds: bool | None) -> None:
    assert claims.parse(text).holds(FOUND.get) is holds


@pytest.mark.parametrize("text", ["", "email", "email == 0", "email = ", "= 0", "email = 0 or orders = 1", "1 +1 = 2"])
def test_what_is_no_comparison_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is no comparison"):
        claims.parse(text)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_claims(text: str) -> None:
    with suppress(ValueError):
        claims.parse(text)


def test_a_claim_names_its_measures_once() -> None:
    assert claims.parse("a = 1 and b@x > 2 * a and a < 3").measures == ("a", "b@x")


def test_a_sentence_is_given_its_figures() -> None:
    said = claims.quote("{email} e-mails for {orders} orders, {untold} of {nobody}", FOUND.get)

    assert said == "0 e-mails for 2 orders, ? of ?"


@pytest.mark.parametrize(("count", "said"), [(1, "1 e-mail came"), (0, "0 e-mails came"), (1200, "1,200 e-mails came")])
def test_a_figure_brings_its_word(count: int, said: str) -> None:
    assert claims.quote("{email|e-mail|e-mails} came", {"email": float(count)}.get) == said
    assert claims.quoted("{email|e-mail|e-mails} came") == ("email",)


def test_braces_with_something_else_in_them_are_refused() -> None:
    assert claims.quoted("{email} and {pace@after}, {email}") == ("email", "pace@after")
    with pytest.raises(ValueError, match="quotes no measure"):
        claims.quoted("{1 + 1}")


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, "?"), (0, "0"), (1500, "1,500"), (12.84, "12.8"), (0.2149, "0.21"), (134.6, "135"), (3.0, "3")],
)
def test_a_figure_has_as_many_digits_as_say_something(value: float | None, written: str) -> None:
    assert claims.as_written(value) == written
