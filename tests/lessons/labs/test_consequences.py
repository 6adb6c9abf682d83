"""What a design did is said with the figures of its own run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lessons.labs.designed import Run as Designed
from lessons.labs.designs import Design
from tests.lessons.labs.designed_runs import QUICK, SEVEN, later_than, ran, seen
from tests.lessons.recorded import Run
from workers.checkout import LATER, ORDER, PAYMENT, STEPS
from workers.events import CustomerAnswered

EMAIL, PDF = LATER[0], LATER[1]
EVERYTHING = later_than()


def said(run: Designed) -> list[str]:
    return [f"{each.word} {each.text}".replace("\u00a0", " ") for each in run.consequences]


def test_the_design_that_holds_breaks_nothing() -> None:
    assert said(ran(SEVEN)) == ["Nothing broke: what waited can wait."]


def test_the_design_that_holds_tells_her_of_a_declined_card_in_time() -> None:
    assert said(ran(SEVEN, "declined")) == [
        "Nothing broke. The card was declined; there is no order. She knows it after 0.8 s, "
        "while she can still take out another card, and nothing has to be undone."
    ]


def test_everything_now_breaks_nothing_and_makes_her_wait_for_seven_steps() -> None:
    held, slow = said(ran(()))

    assert held == "Nothing broke. Nothing was left to a worker."
    assert slow == (
        "Slow She waited 11.9 s for work that she does not need: the e-mail, the receipt, stock, analytics, "
        "the partner, the audit log and the points."
    )


def test_two_needless_steps_are_named_with_their_measured_seconds() -> None:
    assert said(ran(later_than(PAYMENT, ORDER, EMAIL, LATER[-1])))[1] == (
        "Slow She waited 2.9 s for work that she does not need: the e-mail and the points."
    )


def test_payment_later_ships_an_unpaid_order() -> None:
    assert said(ran(("payment", *SEVEN), "declined")) == [
        "Broke She was told success; her card was declined 0.8 s later. The other eight steps were done all the same, "
        "the e-mail and stock among them. An unpaid order is on its way."
    ]


@pytest.mark.parametrize(
    ("recorded", "words"),
    [
        (2, "0.8 s later. Nothing else was done."),
        (4, "0.8 s later. One other step was done all the same. An unpaid order is on its way."),
        (
            7,
            "Two other steps were done all the same, the e-mail among them. An unpaid order is on its way.",
        ),
    ],
)
def test_a_worker_that_was_sent_home_halfway_has_done_less(recorded: int, words: str) -> None:
    whole = ran(later_than(), "declined", until=600)
    until_then = Designed(whole.design, whole.record[: 4 + recorded], whole.now)

    assert said(until_then)[0].endswith(words)


def test_payment_later_with_a_good_card_is_luck() -> None:
    assert said(ran(("payment", *SEVEN))) == [
        "Luck Her card was good, this time. She was told success, and the shop learned 0.8 s later that she could pay."
    ]


def test_a_payment_that_was_never_tried_is_said_to_be_missing() -> None:
    untaken = ran(("payment", *SEVEN), until=600)
    untaken = type(untaken)(untaken.design, untaken.record[:6], untaken.now)

    assert said(untaken) == ["Broke She was told success, and nobody has charged her card."]


def test_the_order_later_and_the_papers_now_are_a_receipt_for_nothing() -> None:
    about_nothing, too_early = said(ran(later_than(PAYMENT, EMAIL, PDF)))[:2]

    assert about_nothing == "Broke For 3.1 s she had an e-mail and a receipt for an order that did not exist."
    assert too_early.startswith("Broke She was told success, and her order was made 0.1 s later.")


def test_the_receipt_alone_is_called_by_its_name() -> None:
    assert said(ran(later_than(PAYMENT, PDF)))[0] == (
        "Broke For 0.1 s she had a receipt for an order that did not exist."
    )


def test_the_order_later_is_success_before_there_is_one() -> None:
    assert said(ran(later_than(PAYMENT))) == [
        "Broke She was told success, and her order was made 0.1 s later. "
        "Until then its page says that there is no such order."
    ]


def test_an_order_that_was_never_made_is_said_to_be_missing() -> None:
    run = ran(later_than(PAYMENT), until=600)
    untaken = type(run)(run.design, run.record[:5], run.now)

    assert said(untaken) == ["Broke She was told success, and there is no order."]


def test_everything_later_with_a_declined_card_breaks_twice() -> None:
    unpaid, too_early = said(ran(EVERYTHING, "declined"))

    assert unpaid.startswith("Broke She was told success; her card was declined 0.8 s later.")
    assert too_early.startswith("Broke She was told success, and her order was made 0.9 s later.")


def test_what_broke_is_said_before_what_went_well_by_luck() -> None:
    assert [each.word for each in ran(EVERYTHING).consequences] == ["Broke", "Luck"]


def test_an_order_that_was_made_before_she_was_told_was_quick_by_luck() -> None:
    run = ran(later_than(PAYMENT))
    told = next(event for event in run.record if isinstance(event, CustomerAnswered))
    late = [replace(event, at=run.now) if event is told else event for event in run.record]

    assert said(Designed(run.design, tuple(late), run.now))[0].startswith(
        "Luck She was told success, and her order was made"
    )


def test_a_step_that_fails_in_the_request_is_said_to_have_failed() -> None:
    run = seen(Run(1003, "later").begins().does(QUICK[0]).answers("failed"), Design())

    assert said(run) == ["Failed A step failed in the request, so after 0.8 s the shop told her that it could not."]
    assert run.broke == "a step failed in the request"


def test_only_the_payment_later_still_names_what_was_done() -> None:
    assert "The other eight steps were done all the same" in said(ran(("payment",), "declined"))[0]


@pytest.mark.parametrize(
    ("later", "card", "broke"),
    [
        ((), "good", "nothing"),
        (SEVEN, "declined", "nothing"),
        (("payment", *SEVEN), "good", "nothing, by luck"),
        (EVERYTHING, "good", "success before there was an order"),
        (("payment", *SEVEN), "declined", "an unpaid order was shipped"),
        (later_than(PAYMENT), "good", "success before there was an order"),
        (later_than(PAYMENT, PDF), "good", "a receipt for no order"),
        (EVERYTHING, "declined", "an unpaid order was shipped; success before there was an order"),
    ],
)
def test_the_table_says_what_broke_in_a_few_words(later: tuple[str, ...], card: str, broke: str) -> None:
    assert ran(later, card).broke == broke


def test_only_the_right_design_has_one_good_sentence_with_either_card() -> None:
    """All 512 designs: whoever leaves payment or order for later hears of it, and so does who waits needlessly."""
    names = [step.name for step in STEPS]
    for bits in range(2 ** len(names)):
        later = [name for place, name in enumerate(names) if bits >> place & 1]
        spotless = all(
            [each.state for each in ran(later, card).consequences] == ["done"] for card in ("good", "declined")
        )
        assert spotless is (sorted(later) == sorted(SEVEN)), later
