"""The bench of lesson 2 places the order that was designed, keeps three designs, and knows when she was answered."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from lessons.labs import designs, sort
from lessons.labs.designs import Design
from lessons.labs.sort import RunForm, held_against
from tests.lessons.labs.designed_runs import SEVEN, later_than, ran
from tests.workers.back_of_house import BackOfHouse
from workers import commitments, sandboxes
from workers.checkout import ORDER, PAYMENT, STEPS
from workers.errors import OverLimit
from workers.sandboxes import CAPS

RIGHT = RunForm(**dict.fromkeys(SEVEN, "later"))  # type: ignore[arg-type]
DECLINED = RIGHT.model_copy(update={"card": "declined"})


def test_the_form_has_a_field_for_each_step_and_leaves_everything_in_the_request() -> None:
    assert set(RunForm.model_fields) == {step.name for step in STEPS} | {"card"}
    assert RunForm().later == ()


def test_the_form_names_the_later_steps_in_the_story_s_order() -> None:
    assert RIGHT.later == SEVEN
    assert RunForm(loyalty="later", payment="later").later == ("payment", "loyalty")


@pytest.mark.parametrize("wrong", [{"payment": "never"}, {"card": "gold"}, {"refund": "now"}, {"email": None}])
def test_the_form_takes_nothing_else(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        RunForm.model_validate(wrong)


def test_without_a_sandbox_there_is_an_empty_bench() -> None:
    bench = sort.look(None)

    assert (bench.run, bench.running, bench.version) == (None, False, "")


def test_the_order_that_was_designed_is_placed_and_its_customer_waits(house: BackOfHouse) -> None:
    sort.run(house.sandbox, RIGHT)
    run = sort.look(house.sandbox).run

    assert run is not None
    assert (run.order, run.outcome, run.design.later) == (1001, "success", SEVEN)
    assert run.waited_s >= 0.9
    assert [row.state for row in run.rows if row.tone == "customer"] == ["done", "done"]


def test_it_runs_until_the_message_is_acknowledged(house: BackOfHouse) -> None:
    sort.run(house.sandbox, RIGHT)

    assert sort.look(house.sandbox).running
    assert sort.observe(house.sandbox, "between") is None


def test_a_declined_card_is_an_answer(house: BackOfHouse) -> None:
    sort.run(house.sandbox, DECLINED)
    bench = sort.look(house.sandbox)

    assert bench.run is not None
    assert bench.run.outcome == "declined"
    assert not bench.running
    assert designs.kept(house.sandbox)[0].order == 1001


def test_the_last_three_designs_are_kept_the_newest_first(house: BackOfHouse) -> None:
    for _ in range(4):
        sort.run(house.sandbox, DECLINED)

    assert [run.order for run in sort.look(house.sandbox).runs] == [1004, 1003, 1002]
    assert len(commitments.of_lab(house.sandbox, designs.LAB)) == 3


def test_a_run_that_was_refused_leaves_nothing(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CAPS, "checkouts_later", 0)

    with pytest.raises(OverLimit):
        sort.run(house.sandbox, RIGHT)
    assert sort.look(house.sandbox).run is None
    assert designs.kept(house.sandbox) == []


def test_a_run_that_has_not_its_number_yet_is_found_by_the_order_that_began_after_it(house: BackOfHouse) -> None:
    sort.run(house.sandbox, DECLINED)
    design = designs.kept(house.sandbox)[0]

    began = designs.record_of(house.sandbox, Design(SEVEN, after=design.after))

    assert began[0].order == 1001


def test_the_lab_runs_at_four_times_the_story_s_speed(house: BackOfHouse) -> None:
    sort.run(house.sandbox, DECLINED)

    assert sandboxes.settings_of(house.sandbox)["speed"] == sort.look(house.sandbox).speed == 4


def test_another_look_has_another_version_only_when_there_is_something_to_see(house: BackOfHouse) -> None:
    nothing = sort.look(house.sandbox).version
    sort.run(house.sandbox, DECLINED)
    something = sort.look(house.sandbox).version

    assert nothing != something
    assert sort.look(house.sandbox).version == something


def test_a_design_is_kept_in_forty_characters_and_read_back() -> None:
    design = Design(later_than(PAYMENT, ORDER), "declined", 123456789, 12345678, "key")

    assert len(design.encode()) <= 40
    assert Design.decode("key", design.encode()) == design


@pytest.mark.parametrize(
    ("later", "card", "holds", "counted"),
    [
        (later_than(), "good", "before", "no steps ended before she was answered at 0.00 s, and nine steps after it"),
        (SEVEN, "good", "between", "two steps ended before she was answered at 0.9 s, and seven steps after it"),
        ((), "good", "after", "nine steps ended before she was answered at 12.8 s, and no steps after it"),
        ((), "declined", "after", "one step ended before she was answered at 0.8 s, and no steps after it"),
    ],
)
@pytest.mark.parametrize("choice", ["before", "between", "after"])
def test_the_record_says_when_she_was_answered(
    later: tuple[str, ...], card: str, holds: str, counted: str, choice: str
) -> None:
    found = held_against(ran(later, card).record, choice)

    assert found.agrees is (choice == holds)
    assert counted in found.evidence.replace("\u00a0", " ")
