"""What a reader can take along: every table that knows her is in it, or is named as machinery."""

from typing import Any

import pytest
from sqlalchemy import insert, select

from tests.workers.back_of_house import BackOfHouse
from workers import events, kept, sandboxes, tables
from workers.database import begin, read, utc_now

NOW = utc_now()
ROWS: dict[str, dict[str, Any]] = {
    "lessons_read": {"lesson": "crashes"},
    "answers": {"lesson": "crashes", "question": "q", "option": "o", "confidence": "certain", "correct": True},
    "practice_rounds": {"questions": ["a", "b"], "started_at": NOW},
    "commitments": {"lab": "race", "kind": "prediction", "choice": "6"},
    "remarks": {"lesson": "crashes", "helpful": False, "remark": "<b>Too short</b>"},
    "posts": {"lesson": "crashes", "name": "Copper Ladle", "text": "Why? \u202e"},
    "post_reports": {"post": 7},
    "resume_codes": {"digest": "a" * 64, "made_at": NOW, "expires_at": NOW},
    "orders": {"number": 1, "checkout": "now", "email": "ada@example.com", "placed_at": NOW, "waited_s": 12.8},
    "emails": {"order": 1, "recipient": "ada@example.com", "subject": "s", "body": "b", "message_id": "m"},
    "crashes": {"victim": "any", "place": "now", "state": "done", "wished_at": NOW},
    "floods": {"per_second": 1, "seconds": 2, "token": "t", "placed": 2, "refused": 0, "started_at": NOW},
}


def test_every_table_that_knows_a_reader_is_taken_along_or_is_machinery() -> None:
    knows = {name for name, table in tables.metadata.tables.items() if "sandbox" in table.c}
    taken = {table.name for table, _ in kept.SECTIONS.values()}

    assert taken | kept.MACHINERY == knows
    assert taken & kept.MACHINERY == set()
    assert set(ROWS) == taken


@pytest.mark.parametrize("section", kept.SECTIONS)
def test_a_section_holds_the_readers_rows_and_nobody_elses(house: BackOfHouse, section: str) -> None:
    table, names = kept.SECTIONS[section]
    add(table.name, house.sandbox)

    mine, others = kept.everything(house.sandbox)[section], kept.everything(sandboxes.create(awake=False))[section]

    assert others == []
    with read() as db:
        rows = [dict(row) for row in db.execute(select(table)).mappings()]
    assert mine == [{name: plain(row[column]) for column, name in names.items()} for row in rows]
    assert len(mine) == 1


@pytest.mark.parametrize("section", kept.SECTIONS)
def test_what_is_left_out_of_a_section_is_no_word_of_the_readers(section: str) -> None:
    table, names = kept.SECTIONS[section]

    left_out = {column.name for column in table.c} - names.keys() - {"sandbox", "id"}
    assert left_out <= {"digest", "token", "stop_at", "pid"}


def test_deleting_a_sandbox_leaves_no_row_of_its_reader(house: BackOfHouse) -> None:
    for name in ROWS:
        add(name, house.sandbox)

    sandboxes.delete(house.sandbox)

    assert {section: rows for section, rows in kept.everything(house.sandbox).items() if rows} == {}


def test_events_are_counted_by_their_type(house: BackOfHouse) -> None:
    placed, crashed = events.OrderPlaced(order=1, checkout="now"), events.WorkerCrashed(pid=1, signal="SIGKILL")
    events.append(house.sandbox, placed, placed, crashed)

    types = ("OrderPlaced", "WorkerCrashed", "FloodStarted")
    assert kept.happened(house.sandbox, *types) == {"OrderPlaced": 2, "WorkerCrashed": 1, "FloodStarted": 0}
    assert kept.happened("nobody", "OrderPlaced") == {"OrderPlaced": 0}


def add(name: str, sandbox: str) -> None:
    """One row of a table, of this reader."""
    table = tables.metadata.tables[name]
    moment = {"at": NOW} if "at" in table.c else {}
    with begin() as db:
        db.execute(insert(table).values(sandbox=sandbox, **moment, **ROWS[name]))


def plain(value: Any) -> Any:
    return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03}Z" if hasattr(value, "tzinfo") else value
