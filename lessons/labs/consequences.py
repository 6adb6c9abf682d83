"""What a designed checkout did to its customer: sentences whose figures come from the record of its run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workers import events as happened
from workers.checkout import LATER
from workers.events import Event

THINGS = {
    "payment": "the payment",
    "order": "the order",
    "email": "the e-mail",
    "pdf": "the receipt",
    "inventory": "stock",
    "analytics": "analytics",
    "webhook": "the partner",
    "audit": "the audit log",
    "loyalty": "the points",
}
PAPERS = {"email": "an e-mail", "pdf": "a receipt"}
LUCK = "Luck"
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Consequence:
    """One sentence with its state (see templates/_state.html), and in a few words what broke."""

    state: str
    word: str
    text: str
    broke: str = ""


@dataclass(frozen=True)
class Facts:
    """One run in seconds of the story: moments count from the press of the button; None for what did not happen."""

    outcome: str | None
    waited: float
    answered: float
    finished: dict[str, float]
    in_request: dict[str, float]  # what each step of the request took of her time
    unpaid: float | None
    placed: float | None

    @classmethod
    def of(cls, record: Sequence[Event], speed: float) -> Facts:
        """Read them from the order's events; a step that was repeated counts when it was done first."""
        began = record[0].at

        def at(event: Event) -> float:
            return (event.at - began).total_seconds() * speed if event.at and began else 0.0

        answer = next((event for event in record if isinstance(event, happened.CustomerAnswered)), None)
        done = [event for event in record if isinstance(event, happened.StepFinished)]
        failed = (e for e in record if isinstance(e, happened.StepFailed) and e.step == "payment")
        rows = (e for e in record if isinstance(e, happened.OrderPlaced))
        return cls(
            outcome=answer.outcome if answer else None,
            waited=answer.waited_s * speed if answer else 0.0,
            answered=at(answer) if answer else 0.0,
            finished={event.step: at(event) for event in reversed(done) if event.step},
            in_request={e.step: e.seconds * speed for e in done if e.step and e.where == "request"},
            unpaid=next(map(at, failed), None),
            placed=next(map(at, rows), None),
        )


def told(later: Sequence[str], facts: Facts) -> tuple[Consequence, ...]:
    """All that is to be said of a run that is over; the worst comes first."""
    if facts.outcome == "declined":
        return (_refused_in_time(facts),)
    if facts.outcome != "success":
        text = f"A step failed in the request, so after {seconds(facts.waited)} the shop told her that it could not."
        return (Consequence("refused", "Failed", text, "a step failed in the request"),)
    wrong = sorted((*_of_payment(later, facts), *_of_order(later, facts)), key=lambda each: each.word == LUCK)
    return (*(wrong or [_held(later)]), *_of_waiting(facts))


def broke(consequences: Sequence[Consequence]) -> str:
    """What broke, in a few words for a table."""
    lucky = any(each.word == LUCK for each in consequences)
    return "; ".join(each.broke for each in consequences if each.broke) or ("nothing, by luck" if lucky else "nothing")


def seconds(value: float) -> str:
    """Seconds of the story as they are read: with two decimals where one would say nothing."""
    return f"{value:.{1 if value >= 0.095 else 2}f}\u00a0s"


def listed(names: Sequence[str]) -> str:
    """Steps as the things that they are about: the e-mail, the receipt and stock."""
    return " and ".join(", ".join(THINGS[name] for name in names).rsplit(", ", 1))


def _refused_in_time(facts: Facts) -> Consequence:
    text = (
        f"The card was declined; there is no order. She knows it after {seconds(facts.waited)}, "
        "while she can still take out another card, and nothing has to be undone."
    )
    return Consequence("done", "Nothing broke.", text)


def _of_payment(later: Sequence[str], facts: Facts) -> Iterator[Consequence]:
    """She was told success before anybody knew whether she could pay."""
    if "payment" not in later:
        return
    if facts.unpaid is not None:
        others = [name for name in facts.finished if name != "payment"]
        text = f"She was told success; her card was declined {_when(facts.unpaid, facts)}. {_all_the_same(others)}"
        yield Consequence("dead", "Broke", text, "an unpaid order was shipped")
    elif "payment" in facts.finished:
        known = _when(facts.finished["payment"], facts)
        text = f"Her card was good, this time. She was told success, and the shop learned {known} that she could pay."
        yield Consequence("retrying", LUCK, text)
    else:
        yield Consequence("dead", "Broke", "She was told success, and nobody has charged her card.", "nobody was paid")


def _all_the_same(names: Sequence[str]) -> str:
    if not names:
        return "Nothing else was done."
    count = _capital(NUMBERS[len(names)])
    steps = (
        "The other eight steps were"
        if len(names) == 8
        else f"{count} other step{' was' if count == 'One' else 's were'}"
    )
    felt = [name for name in ("email", "inventory") if name in names]
    among = f", {listed(felt)} among them" if felt else ""
    return f"{steps} done all the same{among}. An unpaid order is on its way."


def _of_order(later: Sequence[str], facts: Facts) -> Iterator[Consequence]:
    """She was told success before there was anything that it was about."""
    if "order" not in later:
        return
    if facts.placed is None:
        yield Consequence("dead", "Broke", "She was told success, and there is no order.", "success without an order")
        return
    papers = [name for name in PAPERS if facts.finished.get(name, facts.placed) < facts.placed]
    held = " and ".join(PAPERS[name] for name in papers)
    if papers:
        had = seconds(facts.placed - min(facts.finished[name] for name in papers))
        text = f"For {had} she had {held} for an order that did not exist."
        yield Consequence("dead", "Broke", text, f"{held} for no order")
    text = f"She was told success, and her order was made {_when(facts.placed, facts)}."
    if facts.placed > facts.answered:
        text = f"{text} Until then its page says that there is no such order."
        yield Consequence("dead", "Broke", text, "" if papers else "success before there was an order")
    elif not papers:
        yield Consequence("retrying", LUCK, text)


def _held(later: Sequence[str]) -> Consequence:
    if later:
        return Consequence("done", "Nothing broke:", "what waited can wait.")
    return Consequence("done", "Nothing broke.", "Nothing was left to a worker.")


def _of_waiting(facts: Facts) -> Iterator[Consequence]:
    """Her time that went into work which nobody waits for."""
    unneeded = [step.name for step in LATER if step.name in facts.in_request]
    if unneeded:
        spent = seconds(sum(facts.in_request[name] for name in unneeded))
        text = f"She waited {spent} for work that she does not need: {listed(unneeded)}."
        yield Consequence("waiting", "Slow", text)


def _when(moment: float, facts: Facts) -> str:
    """A moment as it is told of beside her answer."""
    after = moment - facts.answered
    return f"{seconds(after)} later" if after > 0 else f"{seconds(-after)} before that"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
