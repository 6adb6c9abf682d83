"""Incident drills over HTTP, in a running product: what comes is found from the figures, and mended by real means."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest

from lessons.drill_words import SIGNS
from tests.on_call import OnCall
from tests.product import Product, Sandbox, eventually
from tests.routes.asking import Visitor, problem, wrong_fields
from tests.workers.witness import adds_up
from workers.drills.kinds import KINDS
from workers.veil import CAUSES

PLACES = ("", "/events", "/control-room", "/drills", "/drills/latest", "/dead-letters", "/inbox", "/deliveries")
# In the normal tests a fault of our own processes; one of the outside world is in the browser's.
NORMAL = ("frozen_workers",)


@pytest.fixture
def on_call(product: Product) -> Iterator[Callable[[str | None], OnCall]]:
    begun: list[OnCall] = []

    def begin(kind: str | None = None) -> OnCall:
        begun.append(OnCall.of(product, kind))
        return begun[-1]

    yield begin
    for each in begun:
        each.leave()


def play(it: OnCall, kind: str) -> None:
    """Look until it shows, say a wrong thing, name it and mend it; then all of it is told, and nothing is left."""
    it.wait_for_trouble(kind)
    expect_no_cause(it)
    wrong = it.guess("broker_wiped")
    it.mend(kind)
    mended = it.wait_until("mended")
    named = it.guess(kind)

    story = it.latest()
    assert (wrong["right"], mended["state"], named["right"], story["state"]) == (False, "mended", True, "over")
    assert (story["kind"], story["how"]) == (kind, "mended")
    assert 0 < story["mended_after_s"] < 60
    assert story["score"] == {"points": 5, "of": 6}
    kinds = [moment["kind"] for moment in story["story"]]
    assert kinds.index("drill") < kinds.index("fault") < kinds.index("sign") < kinds.index("good")
    assert [event["kind"] for event in it.sandbox.events("DrillFaultInjected")] == [kind]
    assert it.room()["ongoing"] == []
    assert it.sandbox.snapshot()["settings"]["partner"] == "up"
    eventually(lambda: len(it.sandbox.living_workers()) == 2, 20, "two workers")
    eventually(lambda: it.sandbox.snapshot()["ledger"]["running"] == 0, 30, "all served")
    assert adds_up(it.sandbox.snapshot()["ledger"])


def expect_no_cause(it: OnCall) -> None:
    """Nothing that can be looked up names the cause: no act, no setting, no state of a process, no fault in force."""
    told = {place: it.sandbox.http.get(it.sandbox.url(place)).json() for place in PLACES}
    told["export"] = it.sandbox.http.get("/progress/export").json()
    assert CAUSES & {event["type"] for event in told["/events"]} == set()
    assert {event["by"] for event in told["/events"] if event["type"] == "SettingsChanged"} <= {"visitor"}
    assert told[""]["settings"] == {"speed": 10}
    assert told["export"]["settings"] == {"speed": 10}
    assert {worker["process"] for worker in told[""]["workers"]} <= {"exists", "gone"}
    assert (told["/control-room"]["ongoing"], told["/control-room"]["crew"]["wished"]) == ([], None)
    assert {"kind", "inject_at", "injected_at", "story", "score"} & told["/drills/latest"].keys() == set()
    shown = json.dumps(told)
    assert re.findall(r'"(?:state|process)": "(?:frozen|stopped)"', shown) == []


@pytest.mark.parametrize("kind", NORMAL)
def test_a_drill_is_found_and_mended(on_call: Callable[[str | None], OnCall], kind: str) -> None:
    play(on_call(kind), kind)


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in NORMAL])
def test_every_other_kind_is_found_and_mended(on_call: Callable[[str | None], OnCall], kind: str) -> None:
    play(on_call(kind), kind)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", KINDS)
def test_the_figure_that_is_to_betray_a_kind_does_so_in_twenty_runs_of_twenty(product: Product, kind: str) -> None:
    for _ in range(20):  # each in a lab of its own, where nothing is left of the one before
        it = OnCall.of(product, kind)
        it.wait_for_trouble(kind)
        expect_shown(it, kind)
        it.leave()


def expect_shown(it: OnCall, kind: str) -> None:
    """Ended without being mended, its story has the promised figure."""
    it.sandbox.http.delete(it.sandbox.url("/drills"))
    story = it.latest()["story"]
    words = {SIGNS[name] for name in KINDS[kind].shown_by}
    assert words & {each["words"] for each in story if each["kind"] == "sign"}, story


def test_two_readers_drills_never_touch_each_other(on_call: Callable[[str | None], OnCall]) -> None:
    mine, hers = on_call("no_workers"), on_call("partner_slow")
    mine.wait_for_trouble("no_workers")

    assert len(hers.sandbox.living_workers()) == 2
    assert mine.step("webhook")["failed"] == 0
    mine.sandbox.calm()

    assert mine.latest()["how"] == "calm"
    assert hers.latest()["state"] == "running"
    hers.wait_for_trouble("partner_slow")


@pytest.mark.soak
def test_a_drill_survives_its_supervisor_and_its_customers_world(product: Product) -> None:
    it = OnCall.of(product, "no_workers")
    for part in ("workers.supervisor", "workers.outside"):
        product.process_of(part).kill()

    it.wait_for_trouble("no_workers")
    placed = it.sandbox.snapshot()["ledger"]["placed"]
    eventually(lambda: it.sandbox.snapshot()["ledger"]["placed"] > placed, 20, "another customer")
    it.mend("no_workers")
    it.wait_until("mended")
    it.leave()


def test_while_on_call_nothing_else_can_be_broken(on_call: Callable[[str | None], OnCall]) -> None:
    it = on_call("flood")
    here = it.sandbox
    for part, body in [
        ("/freezes", {"seconds": 5}),
        ("/outages", {"partner": "down", "seconds": 5}),
        ("/floods", {"per_second": 1, "seconds": 1}),
        ("/duplicates", {"order": 1001}),
        ("/crashes", {"at": "before:pdf"}),
        *((part, {}) for part in ("/wipes", "/poison", "/drills")),
    ]:
        assert "drill" in problem(here.http.post(here.url(part), json=body), 409)["detail"]
    lab = here.http.post("/lessons/the-queue/runs", json={"workers": 1})
    assert "drill" in problem(lab, 409)["detail"]

    assert here.crash()["signal"] == "SIGKILL"  # to kill what is stuck is a way to mend it
    assert here.change(workers=3)["settings"] == {"speed": 10}


def test_what_is_asked_wrongly_is_told_what_is_allowed(resting: Sandbox) -> None:
    drills, guesses = resting.url("/drills"), resting.url("/drills/guesses")

    assert wrong_fields(resting.http.post(drills, json={"kind": "broker_wiped"})) == {"kind"}
    assert wrong_fields(resting.http.post(drills, json={"kind": 1, "x": 2})) == {"kind", "x"}
    assert wrong_fields(resting.http.post(guesses, json={"guess": "x"})) == {"guess"}
    assert wrong_fields(resting.http.post(guesses, json={})) == {"guess"}
    problem(resting.http.post(guesses, json={"guess": "flood"}), 409)
    problem(resting.http.get(resting.url("/drills/latest")), 404)
    problem(resting.http.get(resting.url(f"/drills/{2**70}")), 404)
    assert resting.http.get(drills).json() == []
    assert resting.http.delete(drills).json() is None


def test_without_javascript_from_the_lesson_to_the_score(visitor: Visitor) -> None:
    assert 'action="/drills"' in visitor.open("/lessons/watching")
    begun = visitor.send("/drills", kind="no_workers")
    assert (begun.status_code, begun.headers["Location"]) == (303, "/control-room#drill")
    here = visitor.sandbox()
    assert "You are on call" in visitor.open("/control-room")
    assert "A drill goes on" in visitor.open("/lessons/watching")

    assert visitor.send(f"{here}/drills/guesses", guess="flood").headers["Location"] == "/control-room#drill"
    assert "not it:" in visitor.open("/control-room")
    assert visitor.http.get(f"{here}/drills/latest").headers["Location"] == "/control-room#drill"
    assert visitor.send(f"{here}/drills/end").status_code == 303

    room = visitor.open("/control-room")
    assert "There are no workers." in room
    story = visitor.open(re.findall(r'id="drill-story" href="([^"]+)"', room)[0])
    assert "You asked to see what it was." in story
    assert "of 6 points" in story
    assert "There are no workers" in visitor.open("/progress")
    assert "There are no workers" in visitor.open("/lessons/watching")
