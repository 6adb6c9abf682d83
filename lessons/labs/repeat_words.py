"""What a run of the repeat lab came to, and why, in words with the moves of this run."""

from __future__ import annotations

from collections.abc import Iterator

from lessons.labs.repeat_runs import Run
from lessons.labs.trial_words import TIMES

NAMES = {
    "off": "no care at all",
    "check_then_mark": "check, then mark",
    "claim_first": "claim first",
    "claim_with_lease": "claim for a while",
    "receiver": "the receiver remembers",
}
KEY_NAMES = {"order": "the order’s number", "email_address": "the customer’s address", "random": "random each time"}
RIGHT = {
    "receiver": "Every delivery sent it, and the mail server kept one: it writes a mail and its key down together.",
    "claim_first": "Only one of them could claim the key, and that one sent. Kill it in between, and nobody does.",
}


def told(run: Run) -> tuple[str, ...]:
    """The run that is over, in a few sentences."""
    return tuple(_sentences(run))


def _sentences(run: Run) -> Iterator[str]:
    for verdict in run.verdicts:
        times = TIMES[verdict.emails] if verdict.emails < len(TIMES) else f"{verdict.emails} times"
        said = f"An e-mail about order {verdict.order} arrived {times}."
        yield said if verdict.emails else f"No e-mail about order {verdict.order} arrived."
    yield _why(run)


def _why(run: Run) -> str:
    strategy, key, outcome = run.choice.strategy, run.choice.key, run.outcome
    if outcome == "lost" and key == "email_address":
        return "One key stood for both of her orders, so the second was taken for a repeat of the first, and left out."
    if outcome == "repeated" and key == "random":
        return "Each delivery made a key of its own. No two are alike, so no repeat is ever recognised."
    if outcome == "right":
        return RIGHT.get(
            strategy, "Nothing went wrong, this time. Another order of the same actions may end otherwise."
        )
    return {
        "off": _all_sent(run),
        "check_then_mark": _both_looked(run),
        "claim_first": _nobody_sent(run),
        "claim_with_lease": _claim_ended(run),
        "receiver": "Each delivery had another key, so the mail server took every mail for a new one.",
    }[strategy]


def _all_sent(run: Run) -> str:
    return f"{_senders(run)} sent it, and nobody had looked whether it had been sent."


def _both_looked(run: Run) -> str:
    moves, killed = run.table.moves, [letter for letter, what in run.table.moves if what == "crash"]
    if killed and (killed[0], "in") in moves and (killed[0], "mark") not in moves:
        return f"{killed[0]} died after it had sent and before it had marked, so whoever came next found nothing."
    senders = {hand.letter for hand in run.table.hands if hand.sent}
    looked = [letter for letter, what in moves if what == "check" and letter in senders]
    if len(looked) < 2:  # who is let go on looks by itself, and that is no move
        return "Whoever sent it had looked before, and had found nothing marked yet."
    first, second = looked[:2]
    marked = moves.index((first, "mark")) + 1 if (first, "mark") in moves else None
    until = f"{first} marked the key at move {marked}" if marked else f"{first} had marked the key"
    look = moves.index((second, "check")) + 1
    return f"{second} looked at move {look}, before {until}. Both found nothing, and both sent."


def _nobody_sent(run: Run) -> str:
    dead = next((letter for letter, what in run.table.moves if what == "crash"), "A")
    return (
        f"{dead} claimed the key and died before it sent. The claim stayed, and told everybody after it "
        "that the e-mail had been sent. No log has a line about it."
    )


def _claim_ended(run: Run) -> str:
    dead = next((letter for letter, what in run.table.moves if what == "crash"), None)
    if dead:
        return f"{dead} had sent and died before it could mark. Its claim ran out, and whoever came next sent again."
    return f"The claim ran out while its owner was alive and had sent already: {_senders(run)} sent it."


def _senders(run: Run) -> str:
    letters = [hand.letter for hand in run.table.hands if hand.sent]
    return " and ".join(", ".join(letters).rsplit(", ", 1)) or "Nobody"
