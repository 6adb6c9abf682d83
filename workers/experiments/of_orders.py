"""What can be measured of customers and their orders: what they were told, what arrived, and how long it took."""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean

from workers import events as happened
from workers import judges, trades
from workers.checkout import LATER
from workers.experiments.evidence import Evidence, Measure, Measures

# Whose effects are counted: of a checkout the later seven steps, of another trade all.
JUDGED = {name: label for name, label in trades.LABELS.items() if name not in ("payment", "order")}


def _waits(seen: Evidence) -> list[float]:
    """Of the customers that were told success, in the order in which they were answered."""
    told = seen.of(happened.CustomerAnswered)
    return [answered.waited_s * seen.speed for answered in told if answered.outcome == "success"]


def _answered(outcome: str) -> Measure:
    return lambda seen: sum(event.outcome == outcome for event in seen.of(happened.CustomerAnswered))


def _of_waits(pick: Callable[[list[float]], float]) -> Measure:
    return lambda seen: pick(waits) if (waits := _waits(seen)) else None


def _ledger(part: str) -> Measure:
    return lambda seen: float(getattr(seen.snapshot.ledger, part))


def _times(step: str) -> Measure:
    return lambda seen: sum(verdict.times.get(step, 0) for verdict in seen.verdicts)


def _missing(step: str) -> Measure:
    """Of the orders whose customer was told success."""

    def count(seen: Evidence) -> float:
        succeeded = {each.order for each in seen.of(happened.CustomerAnswered) if each.outcome == "success"}
        succeeded |= {number for each in seen.of(happened.BatchPlaced) for number in _numbers(each)}
        return sum(verdict.times.get(step, 1) < 1 for verdict in seen.verdicts if verdict.order in succeeded)

    return count


def _numbers(batch: happened.BatchPlaced) -> range:
    return range(batch.first, batch.first + batch.count)


def _twice(step: str) -> Measure:
    return lambda seen: sum(verdict.times.get(step, 0) > 1 for verdict in seen.verdicts)


def _astray(seen: Evidence) -> float:
    return judges.astray(seen.sandbox)


def _unrecorded(seen: Evidence) -> float:
    """Customers who were told success, and whose order has no row."""
    succeeded = [event.order for event in seen.of(happened.CustomerAnswered) if event.outcome == "success"]
    return sum(number not in seen.recorded for number in succeeded)


def _false_success(seen: Evidence) -> float:
    """Customers who were told success, and whose card a worker found declined afterwards."""
    failed = [event for event in seen.of(happened.StepFailed) if event.step == "payment" and event.where == "worker"]
    return len({event.order for event in failed})


def _recorded_after(seen: Evidence) -> float | None:
    pressed = {event.order: event.at for event in seen.of(happened.CheckoutStarted)}
    rows = [event for event in seen.of(happened.OrderPlaced) if event.order in pressed]
    return max((seen.story_s(row.at, pressed[row.order]) for row in rows), default=None)


def _took(seen: Evidence) -> float | None:
    """From the first order to the last acknowledgement."""
    begun = [*seen.of(happened.CheckoutStarted), *seen.of(happened.BatchPlaced)]
    ended = seen.of(happened.MessageAcknowledged)
    return seen.story_s(ended[-1].at, begun[0].at) if begun and ended else None


def _email_after(seen: Evidence) -> float | None:
    """From the last customer's answer to the last e-mail."""
    sent = [event for event in seen.of(happened.StepFinished) if event.step == "email"]
    told = seen.of(happened.CustomerAnswered)
    return seen.story_s(sent[-1].at, told[-1].at) if sent and told else None


def _refusal_after(seen: Evidence) -> float | None:
    """From the last customer's answer to the last time that a worker found a card declined."""
    found = [event for event in seen.of(happened.StepFailed) if event.step == "payment" and event.where == "worker"]
    told = seen.of(happened.CustomerAnswered)
    return seen.story_s(found[-1].at, told[-1].at) if found and told else None


def _work(where: str | None = None) -> Measure:
    """Of all steps that were finished, by the request, by a worker, or by either."""

    def add_up(seen: Evidence) -> float:
        done = (event for event in seen.of(happened.StepFinished) if where in (None, event.where))
        return sum(event.seconds for event in done) * seen.speed

    return add_up


def _said(step: str) -> Measure:
    return lambda seen: sum(event.step == step for event in seen.of(happened.StepFinished))


MEASURES: Measures = {
    "orders": ("orders that have a row", lambda seen: len(seen.recorded)),
    "success": ("customers who were told success", _answered("success")),
    "declined": ("customers who were told that their card was declined", _answered("declined")),
    "failed": ("customers whose checkout failed", _answered("failed")),
    "false_success": ("customers who were told success before their card was declined", _false_success),
    "unrecorded": ("customers who were told success and have no order", _unrecorded),
    "wait_s": ("the longest wait of a customer", _of_waits(max)),
    "wait_least_s": ("the shortest wait of a customer", _of_waits(min)),
    "wait_mean_s": ("the mean wait of the customers", _of_waits(fmean)),
    "wait_first_s": ("the wait of the customer who was answered first", _of_waits(lambda waits: waits[0])),
    "wait_last_s": ("the wait of the customer who was answered last", _of_waits(lambda waits: waits[-1])),
    **{
        part: (f"the ledger's {part}", _ledger(part))
        for part in ("placed", "done", "waiting", "running", "scheduled", "dead", "refused", "shed", "lost")
    },
    "duplicated": ("orders of which some effect exists more than once", _ledger("duplicated")),
    **{name: (f"how often “{label}” has had its effect", _times(name)) for name, label in JUDGED.items()},
    **{
        f"{name}_missing": (f"orders told success of which “{label}” has had no effect", _missing(name))
        for name, label in JUDGED.items()
    },
    **{
        f"{name}_twice": (f"orders of which “{label}” has had its effect more than once", _twice(name))
        for name, label in JUDGED.items()
    },
    "broken_links": ("links that lead to where nothing is", lambda seen: trades.broken_links(seen.sandbox)),
    "recorded_s": ("the longest from a customer's press of the button to the row of her order", _recorded_after),
    **{
        f"{step.name}_said": (f"how often the record says that “{step.label}” is finished", _said(step.name))
        for step in LATER
    },
    "email_astray": ("e-mails that went to an address which their order has not", _astray),
    "took_s": ("from the first order to the last acknowledgement", _took),
    "email_after_s": ("from the last customer's answer to the last e-mail", _email_after),
    "refusal_after_s": ("from the last customer's answer until a worker found a card declined", _refusal_after),
    "work_s": ("work of all steps that were finished", _work()),
    "request_work_s": ("the part of it that customers waited for", _work("request")),
    "worker_work_s": ("the part of it that workers did", _work("worker")),
}  # fmt: skip
