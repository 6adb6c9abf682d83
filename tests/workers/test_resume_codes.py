"""Resume codes: one a reader, for 90 days, and only as digests."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.workers.back_of_house import BackOfHouse
from workers import resume_codes, sandboxes, tables
from workers.database import read, utc_now


def test_a_code_leads_to_its_reader(house: BackOfHouse) -> None:
    assert resume_codes.keep(house.sandbox, "a" * 64)

    assert resume_codes.sandbox_of("a" * 64) == house.sandbox
    assert resume_codes.sandbox_of("b" * 64) is None


def test_a_new_code_ends_the_older_one_of_the_same_reader_only(house: BackOfHouse) -> None:
    other = sandboxes.create(awake=False)
    resume_codes.keep(other, "c" * 64)
    resume_codes.keep(house.sandbox, "a" * 64)

    resume_codes.keep(house.sandbox, "b" * 64)

    found = [resume_codes.sandbox_of(letter * 64) for letter in "abc"]
    assert found == [None, house.sandbox, other]


def test_nobody_gets_a_code_that_somebody_else_has(house: BackOfHouse) -> None:
    other = sandboxes.create(awake=False)
    resume_codes.keep(other, "a" * 64)

    assert resume_codes.keep(house.sandbox, "a" * 64) is None
    assert resume_codes.sandbox_of("a" * 64) == other


def test_a_code_is_good_for_90_days_and_then_makes_room(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = resume_codes.keep(house.sandbox, "a" * 64)
    assert kept
    assert kept.expires_at - kept.made_at == timedelta(days=90)
    assert resume_codes.standing(house.sandbox) == kept

    let_pass(monkeypatch, timedelta(days=90) - timedelta(minutes=1))
    assert resume_codes.sandbox_of("a" * 64) == house.sandbox
    let_pass(monkeypatch, timedelta(days=90))
    assert resume_codes.sandbox_of("a" * 64) is None
    assert resume_codes.standing(house.sandbox) is None
    assert resume_codes.keep(sandboxes.create(awake=False), "a" * 64), "an old code is in nobody's way"
    assert codes_kept() == 1


def test_a_revoked_code_leads_nowhere(house: BackOfHouse) -> None:
    resume_codes.keep(house.sandbox, "a" * 64)

    resume_codes.revoke(house.sandbox)

    assert resume_codes.sandbox_of("a" * 64) is None
    assert resume_codes.standing(house.sandbox) is None


def test_a_code_goes_with_its_sandbox(house: BackOfHouse) -> None:
    resume_codes.keep(house.sandbox, "a" * 64)

    sandboxes.delete(house.sandbox)

    assert codes_kept() == 0


def let_pass(monkeypatch: pytest.MonkeyPatch, time: timedelta) -> None:
    """From now on it is so much later."""
    later = utc_now() + time
    monkeypatch.setattr(resume_codes, "utc_now", lambda: later)


def codes_kept() -> int:
    with read() as db:
        return int(db.execute(select(func.count()).select_from(tables.resume_codes)).scalar_one())
