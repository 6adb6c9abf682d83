"""The labs in the lessons: predicted, run, watched and observed, by scripts and by forms."""

from __future__ import annotations

from typing import Any

import pytest

from lessons.course import course
from lessons.lesson import Lesson
from tests.product import Sandbox, eventually
from tests.routes.asking import Visitor, problem, wrong_fields

LABS = [lesson for lesson in course().lessons if lesson.lab.content.kind != "race"]
SCALE = "/lessons/the-queue"


def test_the_first_three_lessons_have_their_lab_on_the_page() -> None:
    assert [lesson.lab.content.kind for lesson in course().lessons[:3]] == ["slots", "sort", "scale"]


@pytest.mark.parametrize("slug", [lesson.slug for lesson in course().lessons])
def test_every_lab_keeps_a_prediction(resting: Sandbox, slug: str) -> None:
    choice = course().lesson(slug).lab.content.prediction.options[-1].id

    answer = resting.http.post("/predictions", json={"lab": slug, "choice": choice})

    assert (answer.status_code, answer.json()) == (200, {"lab": slug, "choice": choice})
    assert resting.http.get(f"/lessons/{slug}/lab").json()["prediction"] == choice


@pytest.mark.parametrize("part", ["/predictions", "/observations"])
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lab": "maze", "choice": "same"}, "lab"),
        ({"lab": "the-queue", "choice": "perhaps"}, "choice"),
        ({"lab": "race", "choice": "perhaps"}, "choice"),
        ({"lab": "", "choice": "same"}, "lab"),
        ({"lab": "the-queue", "choice": "x" * 41}, "choice"),
        ({"lab": "the-queue"}, "choice"),
    ],
)
def test_what_a_lab_does_not_ask_is_refused(resting: Sandbox, part: str, body: dict[str, str], field: str) -> None:
    answer = resting.http.post(part, json=body)

    assert answer.status_code == 422
    assert wrong_fields(answer) == {field}


@pytest.mark.parametrize("lesson", LABS, ids=lambda lesson: lesson.slug)
def test_an_observation_needs_a_run(resting: Sandbox, lesson: Lesson) -> None:
    slug, choice = lesson.slug, lesson.lab.content.observation.options[0].id

    problem(resting.http.post("/observations", json={"lab": slug, "choice": choice}), 409)


def test_a_run_with_a_wrong_field_names_it(resting: Sandbox) -> None:
    answer = resting.http.post(f"{SCALE}/runs", json={"workers": 3})

    assert answer.status_code == 422
    assert wrong_fields(answer) == {"workers"}


def test_more_workers_do_more_orders_at_once_and_none_of_them_faster(sandbox: Sandbox) -> None:
    for workers in (4, 10):
        started = sandbox.http.post(f"{SCALE}/runs", json={"workers": workers})
        assert (started.status_code, started.json()["links"]["self"]) == (202, f"{SCALE}/lab")
        eventually(lambda: not lab(sandbox)["running"], 60, "all twenty orders are done")

    few, many = lab(sandbox)["runs"]
    assert (few["workers"], many["workers"]) == (4, 10)
    assert few["placed"] == many["placed"] == 20
    assert many["took"] < few["took"]
    told = sandbox.http.post("/observations", json={"lab": "the-queue", "choice": "less"}).json()
    assert not told["agrees"]
    assert "4 workers" in told["evidence"]


def lab(sandbox: Sandbox) -> dict[str, Any]:
    found: dict[str, Any] = sandbox.http.get(f"{SCALE}/lab").json()["bench"]
    return found


def test_a_script_reads_what_its_design_did(sandbox: Sandbox) -> None:
    sandbox.http.post("/lessons/now-or-later/runs", json={"email": "later", "card": "declined"})

    [run] = sandbox.http.get("/lessons/now-or-later/lab").json()["bench"]["runs"]
    assert (run["later"], run["card"], run["outcome"], run["over"]) == (["email"], "declined", "declined", True)


def test_a_script_reads_who_stood_in_line(sandbox: Sandbox) -> None:
    address = "/lessons/synchronous-trap"
    sandbox.http.post(f"{address}/runs", json={"customers": 4, "slots": 2, "checkout": "later"})

    eventually(lambda: not sandbox.http.get(f"{address}/lab").json()["bench"]["running"], 30, "all are answered")
    [run] = sandbox.http.get(f"{address}/lab").json()["bench"]["runs"]
    assert (run["slots"], run["answered"], len(run["customers"])) == (2, 4, 4)
    assert run["longest"] > 0.225


def test_a_form_comes_back_to_the_lab_and_shows_what_was_said(visitor: Visitor) -> None:
    visitor.move_in(speed=10)

    answer = visitor.send("/predictions", lab="the-queue", choice="same")

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{SCALE}#lesson-lab")
    assert "You predicted" in visitor.open(SCALE)


def test_a_poll_of_an_unchanged_lab_is_304_without_a_body(visitor: Visitor) -> None:
    visitor.move_in(speed=10)
    first = visitor.http.get(f"{SCALE}/lab", headers={"HX-Request": "true", "Accept": "text/html"})

    again = visitor.http.get(
        f"{SCALE}/lab", headers={"HX-Request": "true", "Accept": "text/html", "HX-PTag": first.headers["HX-PTag"]}
    )

    assert first.status_code == 200
    assert (again.status_code, again.content) == (304, b"")
    assert "Set-Cookie" not in again.headers
