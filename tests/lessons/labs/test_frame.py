"""The frame of a lab: what she predicted, whether she has run it, and what the record says to what she saw."""

from __future__ import annotations

import dataclasses

import pytest

from lessons.course import course
from lessons.labs import frame, repeat_runs, scale
from lessons.labs.repeat_runs import Choice
from lessons.labs.scale import RunForm
from lessons.labs.scene import PLAIN
from lessons.lesson import LessonLab
from lessons.problems import Invalid
from tests.workers.back_of_house import BackOfHouse
from workers import commitments, crowds, events, floods, holds, sandboxes, tables
from workers.errors import NothingToObserve, OverLimit

LABS = [lab for lesson in course().lessons for lab in lesson.labs]
QUEUE = course().lesson("the-queue").lab
AT_THE_RACE = dataclasses.replace(QUEUE, content=QUEUE.content.model_copy(update={"kind": "race"}))


def test_before_anything_is_said_a_lab_is_empty() -> None:
    view = frame.view(None, QUEUE)

    assert (view.prediction, view.observation, view.found) == (None, None, None)
    assert not view.begun
    assert not view.ready


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.id)
def test_every_lab_has_a_bench_or_is_at_the_race(lab: LessonLab) -> None:
    view = frame.view(None, lab)

    assert (view.bench is None) is (lab.content.kind == "race")
    assert (view.template is None) is (lab.content.kind == "race")


def test_a_task_ticks_off_when_its_events_have_happened(house: BackOfHouse) -> None:
    assert frame.view(house.sandbox, QUEUE).ticks == (False, False, None, None)

    events.append(house.sandbox, events.LabStarted(lab="the-queue", choices={"workers": 1}))
    events.append(house.sandbox, events.LabStarted(lab="the-queue", choices={"workers": 2}))
    assert frame.view(house.sandbox, QUEUE).ticks == (True, False, None, None)
    quiet = frame.view(house.sandbox, QUEUE).tag

    frame.run(house.sandbox, QUEUE, RunForm(workers=10))
    assert frame.view(house.sandbox, QUEUE).ticks == (True, True, None, None)
    assert frame.view(house.sandbox, QUEUE).tag != quiet


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.id)
def test_every_task_can_tick_off(lab: LessonLab) -> None:
    for happening in (each for task in lab.content.tasks for each in task.done):
        if happening.event == "LabStarted":
            frame.form(lab).model_validate(happening.where)
        else:
            known = {field.name for field in dataclasses.fields(events.Event.kinds[happening.event])}
            assert set(happening.where) <= known | set(sandboxes.DEFAULTS)


def test_a_prediction_can_be_changed_until_a_run_has_begun(house: BackOfHouse) -> None:
    for choice in ("less", "same"):
        frame.predict(house.sandbox, QUEUE, choice)
        view = frame.view(house.sandbox, QUEUE)
        assert (view.prediction and view.prediction.id, view.begun) == (choice, False)

    frame.run(house.sandbox, QUEUE, RunForm(workers=2))

    assert frame.view(house.sandbox, QUEUE).begun


def test_what_a_lab_does_not_offer_is_refused_with_what_it_does(house: BackOfHouse) -> None:
    for say in (frame.predict, frame.observe):
        with pytest.raises(Invalid) as refused:
            say(house.sandbox, QUEUE, "perhaps")
        assert refused.value.fields[0]["allowed"] == {"enum": ["less", "same", "more"]}


def test_there_is_nothing_to_observe_while_a_run_goes_on(house: BackOfHouse) -> None:
    frame.run(house.sandbox, QUEUE, RunForm(workers=2))

    assert not frame.view(house.sandbox, QUEUE).ready
    with pytest.raises(NothingToObserve):
        frame.observe(house.sandbox, QUEUE, "same")


def test_a_lab_at_the_race_has_neither_runs_nor_observations(house: BackOfHouse) -> None:
    with pytest.raises(NothingToObserve):
        frame.form(AT_THE_RACE)
    with pytest.raises(NothingToObserve):
        frame.act_form(QUEUE)
    with pytest.raises(NothingToObserve):
        frame.observe(house.sandbox, AT_THE_RACE, AT_THE_RACE.content.observation.options[0].id)


def test_only_a_run_that_began_forgets_what_was_said_of_the_last_one(house: BackOfHouse) -> None:
    commitments.commit(house.sandbox, QUEUE.id, "observation", "same")
    other = floods.start(house.sandbox, 1, 1, "token")
    with pytest.raises(OverLimit):
        frame.run(house.sandbox, QUEUE, RunForm(workers=2))
    assert commitments.of_lab(house.sandbox, QUEUE.id) == {"observation": "same"}

    end_flood(house, other)
    frame.run(house.sandbox, QUEUE, RunForm(workers=2))

    assert commitments.of_lab(house.sandbox, QUEUE.id) == {}


def test_who_leaves_for_a_race_leaves_nobody_standing(house: BackOfHouse) -> None:
    order = house.place().order
    events.append(house.sandbox, events.MessageTaken(order=order, attempt=1, worker="w1", lease_s=2))
    repeat_runs.keep(house.sandbox, Choice(orders=(order,)))
    sandboxes.change(house.sandbox, {"idempotency": "claim_first"}, by="lab")
    holds.start(house.sandbox, "email", 60)

    frame.leave(house.sandbox)

    assert holds.of_sandbox(house.sandbox) is None
    assert sandboxes.settings_of(house.sandbox)["idempotency"] == "off"


def test_a_hold_that_is_not_the_lab_s_stays(house: BackOfHouse) -> None:
    holds.start(house.sandbox, "email", 60)

    frame.leave(house.sandbox)

    assert holds.of_sandbox(house.sandbox)


def test_a_lab_begins_with_a_shop_that_does_nothing_unusual(house: BackOfHouse) -> None:
    sandboxes.change(house.sandbox, {"handover": "commit_then_enqueue", "acknowledge": "early"}, by="lab")

    frame.run(house.sandbox, QUEUE, RunForm(workers=2))

    settings = sandboxes.settings_of(house.sandbox)
    assert {name: settings[name] for name in PLAIN} == PLAIN


def end_flood(house: BackOfHouse, number: int) -> None:
    row = next(row for row in crowds.running(tables.floods) if (row.sandbox, row.id) == (house.sandbox, number))
    floods._end(row, 0, 0)


def test_a_poll_has_something_new_when_a_run_begins_and_when_something_is_said(house: BackOfHouse) -> None:
    tags = [frame.view(house.sandbox, QUEUE).tag]
    frame.predict(house.sandbox, QUEUE, "same")
    tags.append(frame.view(house.sandbox, QUEUE).tag)
    frame.run(house.sandbox, QUEUE, RunForm(workers=2))
    tags.append(frame.view(house.sandbox, QUEUE).tag)

    assert len(set(tags)) == 3


def test_the_run_is_found_by_the_flood_that_it_began(house: BackOfHouse) -> None:
    events.append(house.sandbox, events.FloodStarted(per_second=3, seconds=1))

    frame.run(house.sandbox, QUEUE, RunForm(workers=4))

    [run] = scale.look(house.sandbox).runs
    assert (run.workers, run.placed, run.over) == (4, 0, False)
