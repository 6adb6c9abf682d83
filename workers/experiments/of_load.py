"""What can be measured under load: small messages, connections, lists that are made or kept, and what watches."""

from __future__ import annotations

from statistics import fmean

from workers import events as happened
from workers.experiments.evidence import Evidence, Measure, Measures
from workers.watch.rules import NAMED as ALERTS


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
    return fmean([(event.waited_s + event.worked_s) * seen.speed for event in counted]) if counted else None


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


MEASURES: Measures = {
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
