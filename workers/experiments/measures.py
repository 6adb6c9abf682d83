"""What can be measured of a run, by name: one table, each entry a few words and a function of the evidence.

Any kind of event is a measure as well: `MessageRedelivered` is how many there were. All times are in seconds of the
story: what the clock said, times the run's speed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from workers import events as happened
from workers import judges, trades
from workers.checkout import LATER
from workers.event_types import Event
from workers.experiments.evidence import Evidence
from workers.watch.rules import NAMED as ALERTS

Measure = Callable[[Evidence], float | None]
# Whose effects are counted: of a checkout the later seven steps, of another trade all.
JUDGED = {name: label for name, label in trades.LABELS.items() if name not in ("payment", "order")}
# After these a worker's hands are free again.
_PUT_DOWN = {
    "MessageAcknowledged",
    "MessageAbandoned",
    "MessageDeadLettered",
    "MessageHeldBack",
    "MessagePutOff",
    "RetryScheduled",
    "WorkerCrashed",
}


def check(name: str) -> None:
    """Raises ValueError for a name, with or without a mark, that nothing measures."""
    bare = name.partition("@")[0]
    if bare not in MEASURES and bare not in Event.kinds:
        raise ValueError(f"nothing measures “{bare}”; there are {', '.join(MEASURES)}, and every kind of event")


def measure(evidence: Evidence, name: str) -> float | None:
    """The figure, or None when it is not to be told."""
    bare, _, mark = name.partition("@")
    if mark and mark not in evidence.marks:
        return None  # its act was not reached
    seen = evidence.within(mark) if mark else evidence
    return MEASURES[bare][1](seen) if bare in MEASURES else float(seen.counts[bare])


def _waits(seen: Evidence) -> list[float]:
    """Of the customers that were told success, in the order in which they were answered."""
    told = seen.of(happened.CustomerAnswered)
    return [answered.waited_s * seen.speed for answered in told if answered.outcome == "success"]


def _answered(outcome: str) -> Measure:
    return lambda seen: sum(event.outcome == outcome for event in seen.of(happened.CustomerAnswered))


def _of_waits(pick: Callable[[list[float]], float]) -> Measure:
    return lambda seen: pick(waits) if (waits := _waits(seen)) else None


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


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


def _rate(kind: type[Event]) -> Measure:
    """A second of the story, within the stretch."""
    return lambda seen: seen.counts[kind.__name__] / seen.lasted_s if seen.lasted_s else None


def _said(step: str) -> Measure:
    return lambda seen: sum(event.step == step for event in seen.of(happened.StepFinished))


def _most_busy(seen: Evidence) -> float:
    """The most workers that were at a message at one moment."""
    busy: set[str | None] = set()
    most = 0
    for event in seen.told:
        if event.type == "MessageTaken":
            busy.add(event.worker)
        elif event.type in _PUT_DOWN:
            busy.discard(event.worker)
        most = max(most, len(busy))
    return most


def _most_waiting(seen: Evidence) -> float:
    """The most messages that were on the queue at one moment."""
    depth = most = 0
    for event in seen.told:
        depth += event.type in ("MessageEnqueued", "MessageRedelivered", "MessageReplayed")
        depth -= event.type == "MessageTaken"
        most = max(most, depth)
    return most


def _oldest(seen: Evidence) -> float | None:
    """The longest that a message waited until it was taken first, or until now."""
    came: dict[str, datetime] = {}
    waited: list[float] = []
    for event in seen.told:
        if isinstance(event, happened.MessageEnqueued) and event.message and event.at:
            came.setdefault(event.message, event.at)
        elif isinstance(event, happened.MessageTaken) and event.message in came:
            waited.append(seen.story_s(event.at, came.pop(event.message)))
    waited += [seen.story_s(None, at) for at in came.values()]
    return max(waited, default=None)


def _most_deliveries(seen: Evidence) -> float:
    return max(Counter(event.order for event in seen.of(happened.MessageTaken)).values(), default=0)


def _calls(seen: Evidence) -> float:
    return len(seen.calls)


def _calls_failed(seen: Evidence) -> float:
    return sum(call.status >= 500 for call in seen.calls)


def _calls_at_once(seen: Evidence) -> float:
    """The most calls that reached the partner within one second on the wall."""
    times = [call.at for call in seen.calls]
    second = timedelta(seconds=1)
    return max((sum(at <= other < at + second for other in times) for at in times), default=0)


def _different_pauses(seen: Evidence) -> float:
    return len({event.delay_s for event in seen.of(happened.RetryScheduled)})


def _gaps(seen: Evidence) -> float | None:
    """The mean pause before another try, as it was set."""
    delays = [event.delay_s for event in seen.of(happened.RetryScheduled)]
    return _mean(delays) if delays else None


def _small(kind: type[happened.TicketAccepted | happened.TicketCounted | happened.MessageShed], about: str) -> Measure:
    return lambda seen: sum(event.small for event in seen.of(kind) if about in ("", event.about))


def _small_refused(seen: Evidence) -> float:
    return sum(event.small for event in seen.of(happened.RequestRefused))


def _small_waiting(about: str) -> Measure:
    def count(seen: Evidence) -> float:
        came = _small(happened.TicketAccepted, about)(seen) or 0
        went = [_small(kind, about)(seen) or 0 for kind in (happened.TicketCounted, happened.MessageShed)]
        return came - sum(went)

    return count


def _small_wait(about: str) -> Measure:
    """The longest that a ticket waited for a worker, or has waited by now."""

    def longest(seen: Evidence) -> float | None:
        open_ = {event.message: event.at for event in seen.of(happened.TicketAccepted) if event.about == about}
        waited = [event.waited_s * seen.speed for event in seen.of(happened.TicketCounted) if event.about == about]
        for event in (*seen.of(happened.TicketCounted), *seen.of(happened.MessageShed)):
            open_.pop(event.message, None)
        return max([*waited, *(seen.story_s(None, at) for at in open_.values())], default=None)

    return longest


def _small_took(seen: Evidence) -> float | None:
    """From a ticket's arrival to its end."""
    counted = seen.of(happened.TicketCounted)
    return _mean([(event.waited_s + event.worked_s) * seen.speed for event in counted]) if counted else None


def _small_rate(seen: Evidence) -> float | None:
    """A second of the story, within the stretch."""
    return sum(event.small for event in seen.of(happened.TicketCounted)) / seen.lasted_s if seen.lasted_s else None


def _outside_share(seen: Evidence) -> float | None:
    """The part of the work on tickets, in per cent, that was waiting for somebody else's server."""
    counted = seen.of(happened.TicketCounted)
    worked = sum(event.worked_s for event in counted)
    return 100 * sum(event.outside_s for event in counted) / worked if worked else None


def _payload(seen: Evidence) -> float | None:
    return max(seen.payloads, default=None)


def _lists(how: str) -> Measure:
    return lambda seen: sum(answer.how == how for answer in seen.shown)


def _list_wait(seen: Evidence) -> float | None:
    return max((answer.waited_s * seen.speed for answer in seen.shown), default=None)


def _list_age(seen: Evidence) -> float | None:
    return max((answer.age_s * seen.speed for answer in seen.shown), default=None)


def _silent(seen: Evidence) -> float:
    """Workers whose process lives, and whose last heartbeat is more than ten seconds old."""
    alive = (worker for worker in seen.snapshot.workers if worker.alive)
    return sum((worker.heartbeat_age_s or 0) > 10 for worker in alive)


def _alive(seen: Evidence) -> float:
    return sum(worker.alive for worker in seen.snapshot.workers)


def _fired(rule: str) -> Measure:
    return lambda seen: sum(event.rule == rule for event in seen.of(happened.AlertFired))


def _connections(got: bool) -> Measure:
    return lambda seen: sum(event.got is got for event in seen.of(happened.ConnectionWaited))


# Name → what it is, and how it is found.
MEASURES: dict[str, tuple[str, Measure]] = {
    "orders": ("orders that have a row", lambda seen: len(seen.recorded)),
    "success": ("customers who were told success", _answered("success")),
    "declined": ("customers who were told that their card was declined", _answered("declined")),
    "failed": ("customers whose checkout failed", _answered("failed")),
    "false_success": ("customers who were told success before their card was declined", _false_success),
    "unrecorded": ("customers who were told success and have no order", _unrecorded),
    "wait_s": ("the longest wait of a customer", _of_waits(max)),
    "wait_least_s": ("the shortest wait of a customer", _of_waits(min)),
    "wait_mean_s": ("the mean wait of the customers", _of_waits(_mean)),
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
    "lasted_s": ("how long the stretch lasted", lambda seen: seen.lasted_s),
    "in_per_s": ("messages that came a second", _rate(happened.MessageEnqueued)),
    "done_per_s": ("messages that were acknowledged a second", _rate(happened.MessageAcknowledged)),
    "most_waiting": ("the most messages that waited at one moment", _most_waiting),
    "busy_most": ("the most workers that were at work at one moment", _most_busy),
    "oldest_s": ("the longest that a message waited to be taken", _oldest),
    "deliveries_most": ("how often the message that came most often was delivered", _most_deliveries),
    "calls": ("calls that reached the partner", _calls),
    "calls_failed": ("calls that the partner answered with 503", _calls_failed),
    "calls_at_once": ("the most calls within one second on the wall", _calls_at_once),
    "pause_mean_s": ("the mean pause before another try, on the wall", _gaps),
    "pauses_differ": ("different pauses before another try", _different_pauses),
    "connection_waits": ("steps that waited for a connection and got it", _connections(got=True)),
    "connection_timeouts": ("steps that waited for a connection in vain", _connections(got=False)),
    "small_accepted": ("small messages that were accepted", _small(happened.TicketAccepted, "")),
    "small_counted": ("small messages that were counted", _small(happened.TicketCounted, "")),
    "small_shed": ("small messages that were dropped", _small(happened.MessageShed, "")),
    "small_refused": ("small messages that were refused with 429", _small_refused),
    "small_waiting": ("small messages that are still to be counted", _small_waiting("")),
    **{
        f"{about}_counted": (f"small messages about {about} that were counted", _small(happened.TicketCounted, about))
        for about in ("payments", "analytics")
    },
    **{
        f"{about}_waiting": (f"small messages about {about} that still wait", _small_waiting(about))
        for about in ("payments", "analytics")
    },
    **{
        f"{about}_wait_s": (f"the longest that one about {about} waited", _small_wait(about))
        for about in ("payments", "analytics")
    },
    "small_per_s": ("small messages that were counted a second", _small_rate),
    "small_took_s": ("the mean time from a ticket's arrival to its end", _small_took),
    "outside_share": ("per cent of the work on tickets that was waiting for another server", _outside_share),
    "payload_bytes": ("the largest message, in bytes", _payload),
    "lists_made": ("lists that were made in a visitor's request", _lists("computed")),
    "lists_kept": ("lists that a visitor was given from the cache", _lists("cache")),
    "list_wait_s": ("the longest that a visitor waited for the list", _list_wait),
    "list_age_s": ("the oldest list that a visitor was shown", _list_age),
    "workers_alive": ("worker processes that exist", _alive),
    "workers_silent": ("of those, without a heartbeat for ten seconds", _silent),
    **{f"fired_{rule}": (f"how often the alert “{ALERTS[rule].title}” rang", _fired(rule)) for rule in ALERTS},
}  # fmt: skip
