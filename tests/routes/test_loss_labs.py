"""The labs of loss run by scripts: what each scenario promises is what real workers do, and what was received."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.product import Product, Sandbox, eventually
from tests.routes.asking import problem, wrong_fields
from workers.idempotency.interleavings import counter_example

CRASHES, REPEATS, OUTBOX = "/lessons/crashes", "/lessons/idempotency", "/lessons/crashes/labs/outbox"
SCENARIOS: dict[str, dict[str, str]] = {
    "late": {"trouble": "kill", "place": "in:pdf", "acknowledge": "late"},
    "early": {"trouble": "kill", "place": "in:pdf", "acknowledge": "early"},
    "slow": {"trouble": "slow"},
    "frozen": {"trouble": "freeze", "fencing": "off"},
    "fenced": {"trouble": "freeze", "fencing": "on"},
}
STRATEGIES = ("off", "check_then_mark", "claim_first", "claim_with_lease")
# Whether there is an order, a message for it, and how many e-mails arrive.
HANDED = {
    "commit_then_enqueue": (True, False, 0),
    "enqueue_then_commit": (False, True, 0),
    "outbox": (True, True, 1),
}
EMAILS = {"off": 2, "check_then_mark": 2, "claim_first": 0, "claim_with_lease": 2}


def run_of(sandbox: Sandbox, lesson: str) -> dict[str, Any]:
    """The newest run, when it is over."""

    def over() -> Any:
        runs = sandbox.http.get(f"{lesson}/lab").json()["bench"]["runs"]
        return runs[0] if runs and runs[0]["over"] else None

    found: dict[str, Any] = eventually(over, 60, "the run is over")
    return found


def crash(product: Product, scenario: str) -> dict[str, Any]:
    sandbox = product.new_sandbox()
    answer = sandbox.http.post(f"{CRASHES}/runs", json=SCENARIOS[scenario])
    assert answer.status_code == 202, answer.text
    found = run_of(sandbox, CRASHES)
    found["observed"] = sandbox.http.post("/observations", json={"lab": "crashes", "choice": "first"}).json()
    sandbox.leave()
    return found


def repeat(product: Product, strategy: str) -> dict[str, Any]:
    sandbox = product.new_sandbox()
    begun = sandbox.http.post(f"{REPEATS}/runs", json={"strategy": strategy, "script": "counter"})
    played = sandbox.http.post(f"{REPEATS}/acts", json={"act": "all"})
    assert (begun.status_code, played.status_code) == (202, 202), (begun.text, played.text)
    found = run_of(sandbox, REPEATS)
    found["inbox"] = len(sandbox.inbox())
    sandbox.leave()
    return found


def hand_over(product: Product, handover: str) -> dict[str, Any]:
    """One order whose checkout is killed between its two writes."""
    sandbox = product.new_sandbox()
    answer = sandbox.http.post(f"{OUTBOX}/runs", json={"handover": handover, "scene": "killed"})
    assert (answer.status_code, answer.json()["links"]["self"]) == (202, OUTBOX), answer.text

    def over() -> Any:
        runs = sandbox.http.get(OUTBOX).json()["bench"]["runs"]
        return runs[0] if runs and runs[0]["over"] else None

    found: dict[str, Any] = eventually(over, 60, "the run is over")
    found["inbox"] = len(sandbox.inbox())
    sandbox.leave()
    return found


@pytest.fixture(scope="module")
def runs(product: Product) -> dict[str, dict[str, Any]]:
    """Every scenario once, each in a sandbox of its own, several at a time."""
    with ThreadPoolExecutor(6) as pool:
        begun = {name: pool.submit(crash, product, name) for name in SCENARIOS}
        begun |= {name: pool.submit(repeat, product, name) for name in STRATEGIES}
        begun |= {name: pool.submit(hand_over, product, name) for name in HANDED}
    return {name: run.result() for name, run in begun.items()}


def test_late_repeats_the_email_and_loses_nothing(runs: dict[str, dict[str, Any]]) -> None:
    effects = runs["late"]["effects"]

    assert (effects["email"], runs["late"]["lost"]) == (2, False)
    assert {effects[step] for step in effects if step != "email"} == {1}


def test_early_loses_the_rest_of_the_order(runs: dict[str, dict[str, Any]]) -> None:
    effects = runs["early"]["effects"]

    assert (effects["email"], runs["early"]["lost"], runs["early"]["complete_s"]) == (1, True, None)
    assert {effects[step] for step in effects if step != "email"} == {0}


@pytest.mark.parametrize("scenario", ["slow", "frozen"])
def test_who_is_slow_or_stands_still_does_everything_twice(runs: dict[str, dict[str, Any]], scenario: str) -> None:
    assert set(runs[scenario]["effects"].values()) == {2}


def test_with_a_token_only_what_was_done_before_is_there_twice(runs: dict[str, dict[str, Any]]) -> None:
    effects = runs["fenced"]["effects"]

    assert effects["email"] == 2
    assert {effects[step] for step in effects if step != "email"} == {1}
    assert any("its write was refused" in sentence for sentence in runs["fenced"]["told"])


@pytest.mark.parametrize("scenario", ["late", "slow", "frozen", "fenced"])
def test_a_second_worker_begins_with_the_first_step(runs: dict[str, dict[str, Any]], scenario: str) -> None:
    assert runs[scenario]["observed"]["agrees"]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_shortest_way_to_go_wrong_goes_wrong(runs: dict[str, dict[str, Any]], strategy: str) -> None:
    run, schedule = runs[strategy], counter_example(strategy)
    assert schedule
    script = [list(move) for move in schedule.moves]

    assert run["script"] == script
    assert run["moves"] == [move for move in script if move[1] != "lease ends"]
    assert run["inbox"] == EMAILS[strategy]


def test_two_buttons_pressed_at_once_let_nobody_run_past_the_next_place(product: Product) -> None:
    sandbox = product.new_sandbox()
    sandbox.http.post(f"{REPEATS}/runs", json={"strategy": "check_then_mark"})

    def press(letter: str) -> int:
        return sandbox.http.post(f"{REPEATS}/acts", json={"act": "step", "delivery": letter}).status_code

    with ThreadPoolExecutor(2) as pool:
        for letters in ("A", "B", "A", "B", "A", "AB", "B"):  # together: A acknowledges, and B marks the key as done
            assert set(pool.map(press, letters)) == {202}
    run = run_of(sandbox, REPEATS)

    assert run["moves"][-1] == ["B", "ack"]
    assert len(sandbox.inbox()) == 2
    sandbox.leave()


def test_a_button_pressed_again_after_it_has_moved_somebody_moves_nobody(product: Product) -> None:
    sandbox = product.new_sandbox()
    sandbox.http.post(f"{REPEATS}/runs", json={"strategy": "off"})
    seen_by_all = {"act": "step", "delivery": "A", "moves": 0}

    presses = [sandbox.http.post(f"{REPEATS}/acts", json=seen_by_all).status_code for _ in range(3)]
    played = sandbox.http.post(f"{REPEATS}/acts", json={"act": "all", "moves": 0}).status_code

    assert [*presses, played] == [202] * 4
    [run] = sandbox.http.get(f"{REPEATS}/lab").json()["bench"]["runs"]
    assert run["moves"] == [["A", "in"]]
    sandbox.leave()


@pytest.mark.parametrize("handover", HANDED)
def test_who_dies_between_two_writes_leaves_the_first_alone(runs: dict[str, dict[str, Any]], handover: str) -> None:
    run = runs[handover]

    assert (run["has_order"], run["has_message"], run["inbox"]) == HANDED[handover]
    assert run["complete"] is (handover == "outbox")


def test_what_a_bench_does_not_know_is_refused_by_name(resting: Sandbox) -> None:
    assert wrong_fields(resting.http.post(f"{CRASHES}/runs", json={"place": "before:payment"})) == {"place"}
    assert wrong_fields(resting.http.post(f"{REPEATS}/runs", json={"script": "-1"})) == {"script"}
    assert wrong_fields(resting.http.post(f"{OUTBOX}/runs", json={"handover": "by-hand"})) == {"handover"}
    assert wrong_fields(resting.http.post(f"{REPEATS}/acts", json={"act": "jump"})) == {"act"}


def test_nobody_can_be_moved_before_there_is_a_run(resting: Sandbox) -> None:
    problem(resting.http.post(f"{REPEATS}/acts", json={"act": "step", "delivery": "A"}), 409)


def test_a_lab_that_is_only_watched_has_no_buttons(resting: Sandbox) -> None:
    problem(resting.http.post(f"{CRASHES}/acts", json={"act": "step"}), 409)


def test_a_lab_that_a_lesson_does_not_have_is_not_there(resting: Sandbox) -> None:
    problem(resting.http.get(f"{CRASHES}/labs/spoon"), 404)
