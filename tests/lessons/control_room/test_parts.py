"""The control room's view model: what stands on the tiles, what is sent again, and what is drawn only once."""

from __future__ import annotations

import gzip
import random
import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask

from lessons.charts.drawing import BEFORE_S
from lessons.control_room import facts, gather, numbers, parts, sections, tiles
from lessons.control_room.facts import Crew, Facts, Told
from lessons.control_room.numbers import Figures
from lessons.control_room.past import History
from tests.lessons.recorded import START, at
from workers.ongoing import Ongoing
from workers.snapshot import Ledger, WorkerView
from workers.watch.timeline import TEN_MINUTES_S, Act, Sample

BUSY = WorkerView(
    "w1", 4242, "busy", at(0), order=1042, step="pdf", step_since=at(1), heartbeat_age_s=0.1, heartbeat_at=at(1)
)
SERIES = tuple(Sample(int(START.timestamp()) + second, depth=second, alive=2, busy=1) for second in range(60))
FIGURES = Figures(depth=1234, oldest_at=at(2), in_per_s=12, out_per_s=4.14, busy=1, alive=2, lost=1)
ROOM = Facts(
    at=at(5),
    figures=FIGURES,
    history=History(int(at(60).timestamp()), SERIES, (Act(at(30), "crash", "w1 killed"),)),
    ledger=Ledger(placed=3, done=1, waiting=1, lost=1),
    crew=Crew((BUSY,), 2, 12, True),
    ongoing=(Ongoing("freeze", "w1", at(20)),),
    alerts=(Told("WorkerDied", at(4)), Told("QueueGrowing", at(1), at(3))),
)


LONGEST_S = TEN_MINUTES_S + BEFORE_S
MEASURED = {"depth": 999, "oldest_age_s": 99, "came_in": 50, "went_out": 50, "busy": 9, "dead": 99, "wait_now_s": 20}


@pytest.fixture
def app() -> Iterator[Flask]:
    app = Flask("app", template_folder="templates", root_path=".")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    with app.app_context():
        yield app


def test_tiles_say_their_number_and_what_it_means() -> None:
    shown = tiles.tiles(ROOM)

    assert list(shown) == list(tiles.TITLES)
    assert (shown["depth"].value, shown["flow"].value, shown["workers"].value) == ("1,234", "12.0 / 4.1", "1 of 2")
    assert shown["depth"].note.startswith("will not drain")
    assert (shown["oldest"].since_ms, shown["oldest"].age_s) == (int(at(2).timestamp() * 1000), 3)
    assert (shown["lost"].bad, shown["duplicated"].bad) == (True, False)
    assert [line.path[:1] for line in tiles.sparks(ROOM)["flow"]] == ["M", "M"]


def test_what_only_grows_older_is_not_sent_again(app: Flask) -> None:
    before = sections.board(ROOM)
    older = replace(BUSY, heartbeat_age_s=0.6)
    later = sections.board(replace(ROOM, at=at(5.5), crew=Crew((older,), 2, 12, True)))

    assert later.tag == before.tag
    assert later.since(before.tag).html == ""
    assert 'data-since="' in before.sections["tile-oldest"].html


def test_what_changed_is_sent_and_nothing_else(app: Flask) -> None:
    before = sections.board(ROOM)
    after = sections.board(replace(ROOM, figures=replace(FIGURES, duplicated=1)))

    poll = after.since(before.tag)
    assert poll.html.count("<hx-partial") == 1
    assert '<hx-partial id="room-tile-duplicated" hx-swap="innerMorph">' in poll.html
    assert poll.tag == after.tag
    assert after.since("").html.count("<hx-partial") == len(after.sections)


def test_a_poll_of_the_busiest_room_is_at_most_two_kilobytes_and_nothing_waits_for_long(app: Flask) -> None:
    boards = list(busy_seconds(60))
    has, waits = boards[0].tag, dict.fromkeys(boards[0].sections, 0)
    sizes, longest = [], 0

    for board in boards[1:]:
        poll = board.since(has)
        has = poll.tag
        sizes.append(len(gzip.compress(poll.html.encode(), sections.GZIP_LEVEL)))
        for (name, section), seen in zip(board.sections.items(), has.split("."), strict=True):
            waits[name] = 0 if seen == section.tag else waits[name] + 1
            longest = max(longest, waits[name])

    assert max(sizes) <= sections.MOST_BYTES
    assert longest <= 5, "seconds, in which each of twelve workers does something else every second"


def test_the_next_press_of_a_button_comes_with_the_number_of_workers_however_much_else_there_is(app: Flask) -> None:
    for before, after in pairwise(busy_seconds(10)):
        crew = replace(after.facts.crew or Crew((), 0, 12, True), wished=7)
        more = replace(after.facts, figures=replace(FIGURES, alive=7), crew=crew)

        poll = sections.board(more).since(before.tag)

        assert "of 7" in poll.html
        assert re.search(r'name="workers" value="8"[^>]* id="add-worker"', poll.html)


def busy_seconds(count: int) -> Iterator[sections.Board]:
    """Second by second what changes most and compresses worst: chance, on twelve workers."""
    chance, start = random.Random(7), int(at(0).timestamp())
    series = tuple(
        Sample(second, **{name: chance.randrange(most) for name, most in MEASURED.items()})
        for second in range(start - 800, start + count)
    )
    acts = tuple(Act(at(-100 * number), "crash", f"w{number} killed") for number in range(6))
    for second in range(count):
        until = gather.epoch(start + second)
        history = History(until, tuple(each for each in series if until - LONGEST_S < each.second <= until), acts)
        figures = replace(FIGURES, depth=chance.randrange(999), busy=chance.randrange(9), dead=chance.randrange(99))
        crew = tuple(
            replace(BUSY, name=f"w{number}", order=chance.randrange(9999), step_since=at(second - chance.random()))
            for number in range(12)
        )
        yield sections.board(
            replace(ROOM, at=at(second), figures=figures, history=history, crew=Crew(crew, 12, 12, True))
        )


def test_who_was_away_gets_all_of_it_at_once(app: Flask) -> None:
    *_, last = busy_seconds(2)

    assert last.since("of another day").tag == last.tag
    assert last.since(".".join("none" for _ in last.sections)).tag == last.tag


def test_a_part_that_is_larger_than_a_poll_is_sent_alone() -> None:
    large, parcel = secrets.token_hex(sections.MOST_BYTES), sections.Parcel()

    assert parcel.takes(large)
    assert not parcel.takes("and one more")


def test_a_view_says_the_same_in_every_process() -> None:
    told = [repr(view) for view in parts.sections(ROOM).values()]

    assert not any(" at 0x" in each for each in told)


def test_a_section_is_drawn_once_for_all_who_look(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    first = sections.board(ROOM)
    monkeypatch.setattr("lessons.control_room.sections.render_template", lambda name, **_: str(drawn.append(name)))  # type: ignore[func-returns-value]

    sections.board(replace(ROOM, at=at(5.2), ledger=Ledger(placed=1, done=1)), None, first.sections)

    assert drawn == ["control_room/_spoken.html", "control_room/_ledger.html"]


def test_it_says_aloud_what_is_wrong_and_nothing_else() -> None:
    quiet = replace(ROOM, alerts=(), ledger=Ledger())
    wrong = replace(ROOM, alerts=(), ledger=Ledger(placed=2, done=1))

    assert parts.sections(ROOM)["spoken"].text == "Alert: A worker died. 1 lost."
    assert parts.sections(quiet)["spoken"].text == ""
    assert parts.sections(wrong)["spoken"].text == "The ledger does not add up."


def test_a_shared_view_is_the_same_facts_and_stands_still(app: Flask) -> None:
    kept = facts.from_json(facts.as_json(ROOM))

    assert kept == replace(ROOM, live=False, history=replace(ROOM.history, live=False))
    page = "".join(section.html for section in sections.board(kept).sections.values())
    assert "data-since" not in page
    assert "data-until" not in page
    assert "<button" not in page


def test_a_moment_that_all_processes_show_alike_moves_every_five_seconds() -> None:
    until = [gather.epoch(second) for second in range(101, 112)]

    assert until == [100] * 5 + [105] * 5 + [110]


def test_where_the_past_was_not_measured_it_says_so() -> None:
    empty = Facts(datetime(2026, 1, 1, tzinfo=UTC), numbers.of_series((), 5), History(0), live=False)

    assert {(tile.value, tile.note) for tile in tiles.tiles(empty).values()} == {("–", "was not measured")}
    last = SERIES[-1].second
    assert numbers.of_series(SERIES, last + 7) is None
    past = numbers.of_series(SERIES, last + 6)
    assert past is not None
    assert (past.depth, past.alive, past.oldest_at) == (59, 2, None)
    aged = numbers.of_series((replace(SERIES[0], oldest_age_s=3.0),), SERIES[0].second)
    assert aged is not None
    assert aged.oldest_at == SERIES[0].at - timedelta(seconds=3)
