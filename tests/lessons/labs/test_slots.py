"""The bench of lesson 1 sets the slots, lets the customers come, keeps a run of each kind, and compares the two."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from lessons.labs import record, slots
from lessons.labs.slots import AT_MOST, RunForm, held_against
from tests.lessons.labs.crowds import crowd
from tests.workers.back_of_house import BackOfHouse
from workers import commitments, events, floods, sandboxes
from workers.database import begin
from workers.errors import OverLimit
from workers.tables import event_log
from workers.tables import floods as flood_rows

NOW, LATER = RunForm(slots=2), RunForm(slots=1, checkout="later", customers=4)


def happens(house: BackOfHouse, *happened: events.Event) -> None:
    events.append(house.sandbox, *happened)


def customer_is_served(house: BackOfHouse, order: int, checkout: str, waited_s: float = 0.0) -> None:
    happens(house, events.CheckoutStarted(order=order, checkout=checkout))
    told = events.CustomerAnswered(order=order, checkout=checkout, outcome="success", waited_s=waited_s)
    happens(house, told)


def flood_ends(house: BackOfHouse, placed: int = 1) -> None:
    """No customer is left, and the next flood may begin."""
    happens(house, events.FloodEnded(placed=placed, refused=0))
    with begin() as db:
        db.execute(flood_rows.delete())


def runs(house: BackOfHouse, wanted: RunForm, order: int = 1001) -> None:
    """A whole run, with one customer."""
    slots.run(house.sandbox, wanted)
    customer_is_served(house, order, wanted.checkout)
    flood_ends(house)


@pytest.mark.parametrize("typed", [{"customers": "8", "slots": "4", "checkout": "later"}, {}])
def test_the_form_reads_what_a_browser_sends(typed: dict[str, str]) -> None:
    form = RunForm.model_validate(typed)

    assert (form.customers, form.slots, form.checkout) == ((8, 4, "later") if typed else (12, 2, "now"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"customers": 5},
        {"customers": 0},
        {"slots": 3},
        {"slots": 64},
        {"slots": "many"},
        {"checkout": "never"},
        {"a": 1},
    ],
)
def test_the_form_takes_nothing_else(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RunForm.model_validate(wrong)


def test_the_form_says_what_is_allowed() -> None:
    fields = RunForm.model_json_schema()["properties"]

    assert [fields[name]["enum"] for name in ("customers", "slots")] == [[4, 8, 12], [1, 2, 4, 8]]


def test_where_nothing_was_run_there_is_an_empty_bench(house: BackOfHouse) -> None:
    bench = slots.look(None)

    assert (bench.runs, bench.running, bench.version, bench.compared) == ((), False, "", False)
    assert slots.look(house.sandbox) == bench


def test_a_run_sets_the_slots_and_the_speed_and_lets_the_customers_come(house: BackOfHouse) -> None:
    slots.run(house.sandbox, LATER)
    settings = sandboxes.settings_of(house.sandbox)
    bench = slots.look(house.sandbox)

    assert (settings["request_slots"], settings["speed"]) == (1, 4)
    assert house.events("FloodStarted")
    assert bench.newest == bench.later
    assert bench.later is not None
    assert (bench.later.slots, bench.later.expected, bench.running) == (1, 4, True)


def test_a_second_run_waits_for_the_first_and_leaves_its_slots_alone(house: BackOfHouse) -> None:
    slots.run(house.sandbox, NOW)

    with pytest.raises(OverLimit):
        slots.run(house.sandbox, LATER)
    assert sandboxes.settings_of(house.sandbox)["request_slots"] == 2
    assert slots.look(house.sandbox).later is None


def test_a_flood_from_another_page_is_left_alone_too(house: BackOfHouse) -> None:
    floods.start(house.sandbox, 5, 5, "token")

    with pytest.raises(OverLimit):
        slots.run(house.sandbox, NOW)
    assert sandboxes.settings_of(house.sandbox)["request_slots"] == sandboxes.REQUEST_SLOTS
    assert slots.look(house.sandbox).runs == ()


def test_customers_are_shown_as_they_come_until_the_flood_is_over(house: BackOfHouse) -> None:
    slots.run(house.sandbox, NOW)
    customer_is_served(house, 1001, "now")
    happens(house, events.RequestQueued(order=1002))
    during = slots.look(house.sandbox)
    flood_ends(house)
    customer_is_served(house, 1003, "now")
    after = slots.look(house.sandbox)

    assert during.now is not None
    assert [each.state for each in during.now.customers] == ["answered", "in line"]
    assert after.now is not None
    assert [each.order for each in after.now.customers] == [1001, 1002]
    assert (during.running, after.running) == (True, False)


def test_a_new_run_takes_the_place_of_the_last_one_of_its_kind(house: BackOfHouse) -> None:
    for order, wanted in ((1001, NOW), (1002, LATER), (1003, RunForm(slots=8))):
        runs(house, wanted, order)
    bench = slots.look(house.sandbox)

    assert [(run.slots, run.customers[0].order) for run in bench.runs] == [(8, 1003), (1, 1002)]
    assert bench.newest == bench.now
    assert len(commitments.of_lab(house.sandbox, slots.LAB)) == 2


def test_what_happened_before_the_run_is_not_part_of_it(house: BackOfHouse) -> None:
    runs(house, NOW)
    slots.run(house.sandbox, NOW)

    assert [run.customers for run in slots.look(house.sandbox).runs] == [()]


def test_a_long_record_is_read_to_its_end(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "PAGE", 2)
    slots.run(house.sandbox, NOW)
    for order in range(1001, 1006):
        customer_is_served(house, order, "now")
    flood_ends(house)

    assert [(len(run.customers), run.running) for run in slots.look(house.sandbox).runs] == [(5, False)]


def test_a_run_whose_end_was_never_recorded_is_over_after_a_while(house: BackOfHouse) -> None:
    slots.run(house.sandbox, NOW)
    customer_is_served(house, 1001, "now")
    house.age(event_log, AT_MOST.total_seconds() + 1)
    customer_is_served(house, 1002, "now")
    bench = slots.look(house.sandbox)

    assert bench.now is not None
    assert (len(bench.now.customers), bench.running) == (1, False)


def test_a_run_that_is_over_is_not_read_again(house: BackOfHouse) -> None:
    runs(house, NOW)
    first = slots.look(house.sandbox).now
    with begin() as db:
        db.execute(event_log.delete())

    assert first is not None
    assert len(first.customers) == 1
    assert slots.look(house.sandbox).now == first


def test_only_so_many_runs_are_kept_in_memory(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "MOST_KEPT", 1)
    monkeypatch.setattr(slots, "_over", {})
    runs(house, NOW)
    runs(house, LATER, order=1002)

    assert len(slots.look(house.sandbox).runs) == 2
    assert len(slots._over) == 1


def test_another_look_has_another_version_only_when_there_is_something_to_see(house: BackOfHouse) -> None:
    slots.run(house.sandbox, NOW)
    during = slots.look(house.sandbox).version
    flood_ends(house)
    over = slots.look(house.sandbox).version

    assert during != over
    assert slots.look(house.sandbox).version == over


def test_both_runs_are_drawn_on_one_axis(house: BackOfHouse) -> None:
    now, later = crowd("now", 2, 12), crowd("later", 2, 12)

    assert slots.Bench(now, later).axis == slots.Bench(now).axis
    assert slots.Bench(now, later).axis.high == 20
    assert slots.Bench(later=later).axis.high == 1.5


def test_a_run_in_which_nobody_was_answered_says_nothing(house: BackOfHouse) -> None:
    for wanted in (NOW, LATER):
        slots.run(house.sandbox, wanted)
        flood_ends(house)

    assert slots.observe(house.sandbox, "none") is None


def test_there_is_nothing_to_observe_before_a_run_of_each_kind_is_over(house: BackOfHouse) -> None:
    assert slots.observe(house.sandbox, "none") is None
    runs(house, NOW)
    assert slots.observe(house.sandbox, "none") is None
    slots.run(house.sandbox, LATER)
    customer_is_served(house, 1002, "later")
    assert slots.observe(house.sandbox, "none") is None
    flood_ends(house)

    assert slots.observe(house.sandbox, "none") is not None


@pytest.mark.parametrize(
    ("now", "later", "holds", "counted"),
    [
        (("now", 2, 12), ("later", 2, 12), "none", "By then none of the 12"),
        (("now", 8, 12), ("later", 1, 12), "none", "By then none of the 12"),
        (("now", 1, 4), ("now", 1, 12), "all", "By then 4 of the 4"),
        (("now", 1, 12), ("now", 2, 4), "some", "By then 2 of the 12"),
    ],
)
@pytest.mark.parametrize("choice", ["none", "some", "all"])
def test_the_record_says_who_had_an_answer_by_then(
    now: tuple[str, int, int], later: tuple[str, int, int], holds: str, counted: str, choice: str
) -> None:
    found = held_against(crowd(*now), crowd(*later), choice)

    assert found.agrees is (choice == holds)
    assert counted in found.evidence


def test_the_evidence_names_the_slots_and_the_longest_waits_of_these_runs() -> None:
    told = held_against(crowd("now", 8, 12), crowd("later", 1, 12), "none").evidence.replace("\u00a0", " ")

    assert "two steps and 1 slot," in told
    assert "The longest wait was 1.8 s in the one run and 5.7 s in the other." in told
