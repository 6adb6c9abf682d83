"""The record: everything that happened, in order, for ever."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.product import Sandbox
from tests.routes.asking import Visitor, wrong_fields

COMMON = {"sequence", "at", "type", "order", "message", "worker", "step", "attempt"}


def test_the_record_tells_an_orders_whole_story_in_order(sandbox: Sandbox) -> None:
    sandbox.wait_for_workers(2)
    order = sandbox.place()["id"]
    sandbox.wait_until_done(1)

    story = [(event["type"], event["step"]) for event in sandbox.events() if event["order"] == order]

    def step(name: str) -> list[tuple[str, str | None]]:
        return [("StepStarted", name), ("StepFinished", name)]

    recorded = [("StepStarted", "order"), ("OrderPlaced", None), ("StepFinished", "order")]
    later = [
        each
        for name in ("email", "pdf", "inventory", "analytics", "webhook", "audit", "loyalty")
        for each in step(name)
    ]
    by_request = [("CheckoutStarted", None), *step("payment"), *recorded]
    # Who is told first, the customer or the record of the enqueueing, is open; so is when the worker takes it.
    told = [("MessageEnqueued", None), ("CustomerAnswered", None)]
    by_worker = [("MessageTaken", None), *later, ("MessageAcknowledged", None)]
    assert [each for each in story if each in by_request] == by_request
    assert [each for each in story if each in by_worker] == by_worker
    assert sorted(story, key=repr) == sorted([*by_request, *told, *by_worker], key=repr)


def test_every_event_has_the_common_fields_a_moment_and_a_type_in_the_past_tense(sandbox: Sandbox) -> None:
    sandbox.wait_for_workers(2)
    sandbox.change(visibility_timeout_s=2)
    sandbox.crash(at="before:pdf")
    sandbox.flood(2, 1)
    sandbox.http.post(sandbox.url("/orders"), json={"checkout": "now", "card": "declined"})
    sandbox.wait_for("FloodEnded")
    sandbox.calm()

    record = sandbox.events()

    assert len({event["type"] for event in record}) > 12
    for event in record:
        assert set(event) >= COMMON
        assert event["type"].endswith(("ed", "Taken")), event["type"]
        assert event["at"].endswith("Z")
        assert abs((datetime.now(UTC) - datetime.fromisoformat(event["at"])).total_seconds()) < 120


def test_the_record_only_grows(sandbox: Sandbox) -> None:
    sandbox.wait_for_workers(2)
    before = sandbox.events()
    sandbox.change(workers=0)
    sandbox.place()
    sandbox.calm()

    after = sandbox.events()

    assert after[: len(before)] == before
    assert len(after) > len(before) + 5
    sequences = [event["sequence"] for event in after]
    assert sequences == sorted(set(sequences))
    moments = [event["at"] for event in after]
    assert moments == sorted(moments)


def test_after_a_sequence_number_comes_only_what_is_newer(resting: Sandbox) -> None:
    resting.place()
    record = resting.events()

    def after(sequence: object) -> list[dict[str, object]]:
        found: list[dict[str, object]] = resting.http.get(
            resting.url("/events"), params={"after": str(sequence)}
        ).json()
        return found

    assert after(0) == record
    assert after(record[2]["sequence"]) == record[3:]
    assert after(record[-1]["sequence"]) == after(10**14) == []


def test_a_place_in_the_record_is_a_number(resting: Sandbox) -> None:
    for wrong in ("-1", "", "x", "1.5", "1e3", "9" * 30, "١"):
        assert wrong_fields(resting.http.get(resting.url("/events"), params={"after": wrong})) == {"after"}


def test_a_sandbox_sees_its_own_events_only(sandbox: Sandbox, resting: Sandbox) -> None:
    sandbox.wait_for_workers(2)
    before = resting.events()
    sandbox.place("now")

    assert resting.events() == before
    assert not {event["sequence"] for event in sandbox.events()} & {event["sequence"] for event in before}


def test_a_person_can_read_the_record_too(visitor: Visitor) -> None:
    here = visitor.move_in(workers=0, speed=10)
    visitor.send(f"{here}/orders", checkout="later")

    page = visitor.open(f"{here}/events")

    for kind in ("SettingsChanged", "OrderPlaced", "MessageEnqueued", "CustomerAnswered"):
        assert kind in page
