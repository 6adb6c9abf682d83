"""All that can come between two deliveries, for each strategy: what holds in every schedule, and what does not."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.idempotency import interleavings
from workers.idempotency.interleavings import Counts, Move, World, count, counter_example, moves, replay, schedules
from workers.idempotency.keys import KEYS
from workers.idempotency.strategies import STRATEGIES

PAIRS = [(strategy, key) for strategy in STRATEGIES for key in KEYS]
# Two deliveries of one message, at most one crash, at most one claim that ends early.
COUNTED = {
    "off": Counts(repeated=56),
    "check_then_mark": Counts(right=134, repeated=1460),
    "claim_first": Counts(right=116, lost=20),
    "claim_with_lease": Counts(right=598, repeated=14_720),
    "receiver": Counts(right=56),
}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_counts_that_the_page_shows(strategy: str) -> None:
    assert count(strategy) == COUNTED[strategy]


@pytest.mark.parametrize(("strategy", "key"), PAIRS)
def test_only_a_receiver_with_a_stable_key_of_the_order_is_never_wrong(strategy: str, key: str) -> None:
    found = count(strategy, key)

    assert (found.wrong == 0) == ((strategy, key) == ("receiver", "order"))
    assert (counter_example(strategy, key) is None) == (found.wrong == 0)
    assert found.total > 50


def test_a_sender_alone_chooses_which_error_it_makes() -> None:
    assert count("claim_first").repeated == 0
    assert count("claim_first").lost > 0
    assert count("check_then_mark").lost == count("claim_with_lease").lost == 0
    assert count("claim_with_lease", early_ends=0).repeated > 0, "a death between the work and the mark"
    assert count("claim_with_lease", crashes=0, early_ends=0).wrong == 0
    assert count("claim_first", crashes=0).wrong == 0


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_repeat_with_a_random_key_is_ever_recognised(strategy: str) -> None:
    assert count(strategy, "random").right == 0


@pytest.mark.parametrize("strategy", ["claim_first", "receiver"])
def test_with_the_address_as_the_key_the_second_order_is_always_swallowed(strategy: str) -> None:
    found = count(strategy, "email_address")

    assert (found.right, found.repeated) == (0, 0)


def test_with_the_address_as_the_key_one_after_the_other_is_swallowed_whoever_looks() -> None:
    for strategy in ("check_then_mark", "claim_with_lease"):
        one_by_one = [s for s in schedules(strategy, "email_address") if in_one_piece(s.moves)]
        assert {schedule.outcome for schedule in one_by_one} == {"lost"}


def in_one_piece(played: tuple[Move, ...]) -> bool:
    """One delivery is over before the other begins."""
    names = [name for name, _ in played]
    return names == sorted(names) or names == sorted(names, reverse=True)


@pytest.mark.parametrize(("strategy", "key"), PAIRS)
def test_the_shortest_counter_example_replays_to_its_outcome(strategy: str, key: str) -> None:
    found = counter_example(strategy, key)
    if found:
        world = replay(strategy, key, found.moves)

        assert not list(moves(strategy, key, world)), "nobody has anything left to do"
        assert world.outcome == found.outcome != "right"
        shorter = [s for s in schedules(strategy, key) if len(s.moves) < len(found.moves)]
        assert {schedule.outcome for schedule in shorter} <= {"right"}


@pytest.mark.parametrize(("strategy", "key"), PAIRS)
def test_the_list_of_schedules_agrees_with_the_count(strategy: str, key: str) -> None:
    listed = schedules(strategy, key)

    assert sum((Counts(**{schedule.outcome: 1}) for schedule in listed), Counts()) == count(
        strategy, key, crashes=0, early_ends=0
    )
    assert len({schedule.moves for schedule in listed}) == len(listed)
    assert "crash" not in {what for schedule in listed for _, what in schedule.moves}


def test_a_strategy_is_checked_in_well_under_a_second() -> None:
    count.cache_clear()
    began = time.process_time()

    count("claim_with_lease")

    assert time.process_time() - began < 0.8


@given(data=st.data(), pair=st.sampled_from(PAIRS))
def test_whatever_happens_nobody_acts_after_its_end_and_every_message_is_acknowledged(
    data: st.DataObject, pair: tuple[str, str]
) -> None:
    world, played = interleavings.beginning(pair[1]), []
    while ways := list(moves(*pair, world)):
        move, then = data.draw(st.sampled_from(ways))
        assert then != world
        assert by_its_budget(world, then)
        played.append(move)
        world = then

    ended = Counter(delivery.ended for delivery in world.deliveries)
    assert ended["acknowledged"] == 2, "each of the two deliveries, or the one that came again for it"
    assert ended["crashed"] == 1 - world.crashes
    assert not [value for _, value in world.memory if value != interleavings.DONE], "no claim is left"
    effects = sum(what == "in" for _, what in played)
    assert sum(world.effects) == effects or pair[0] == "receiver"


def by_its_budget(before: World, then: World) -> bool:
    return 0 <= then.crashes <= before.crashes and 0 <= then.early_ends <= before.early_ends
