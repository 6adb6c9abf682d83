"""An expensive answer, made when it is asked for or kept at the broker: the list of what sold best.

Losing what is kept here is harmless, and so is losing the message that renews it: whoever asks next, asks again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

from redis.exceptions import RedisError

from workers import events, queues, sandboxes
from workers.connections import broker
from workers.messages import RefreshBestsellers
from workers.shop.bestsellers import MAKING_S, make_list

# All in the story's time. A worker renews the list when it has lived for half of its life.
KEPT_S = 12.0
RENEWED_AFTER_S = KEPT_S / 2
# When no worker renews it, it is shown for so long; then a visitor makes it.
SHOWN_S = 10 * KEPT_S
ASKED_LATELY_S = 30  # real seconds; for a list that nobody looks at, no worker works


@dataclass(frozen=True)
class Answer:
    """The list, how old it is, and how it came: "computed" in the asker's request, or from the "cache"."""

    content: list[dict[str, Any]]
    age_s: float
    how: str
    waited_s: float


@dataclass(frozen=True)
class Kept:
    """A list at the broker; `made_at` is in seconds since 1970."""

    content: list[dict[str, Any]]
    made_at: float

    @property
    def age_s(self) -> float:
        return max(0.0, time.time() - self.made_at)


def ask(sandbox: str, place: Callable[[], AbstractContextManager[None]]) -> Answer:
    """The list, from the cache where the setting and its age allow it; `place` is held while it is made here."""
    began = time.monotonic()
    settings = sandboxes.settings_of(sandbox)
    mode, speed = str(settings["cache"]), float(settings["speed"])
    kept = _find(sandbox, mode)
    if kept and kept.age_s < _shown_for(mode) / speed:
        return Answer(kept.content, round(kept.age_s, 3), "cache", round(time.monotonic() - began, 3))
    # Nobody is told that somebody else is at it already: this is what makes a stampede.
    with place():
        content = make_list(sandbox, speed)
    if mode != "none":
        _keep(sandbox, content)
    return Answer(content, 0.0, "computed", round(time.monotonic() - began, 3))


def refresh(message: RefreshBestsellers, worker: str) -> None:
    """A worker makes the list, and puts it in place of the old one."""
    began = time.monotonic()
    content = make_list(message.sandbox, float(sandboxes.settings_of(message.sandbox)["speed"]))
    _keep(message.sandbox, content)
    broker().delete(_key("refreshing", message.sandbox))
    took_s = round(time.monotonic() - began, 3)
    events.append(message.sandbox, events.AnswerRefreshed(message=message.id, worker=worker, seconds=took_s))


def keep_warm() -> None:
    """Ask a worker for each list that is half as old as it may get, if somebody has looked at it lately."""
    warm = sandboxes.with_cache("warm")
    if not warm:
        return
    named = list(warm)
    with broker().pipeline(transaction=False) as pipe:
        for sandbox in named:
            pipe.exists(_key("asked", sandbox))
            pipe.get(_key("list", sandbox))
        said = pipe.execute()
    for sandbox, asked, raw in zip(named, said[::2], said[1::2], strict=True):
        kept = _kept(raw)
        if asked and (kept is None or kept.age_s >= RENEWED_AFTER_S / warm[sandbox]):
            ask_a_worker(sandbox, warm[sandbox])


def ask_a_worker(sandbox: str, speed: float) -> None:
    """One message at a time: twenty that wait for the same list would be nineteen too many."""
    patience_s = max(5, round(4 * MAKING_S / speed))
    message = RefreshBestsellers(sandbox, round(time.time() * 1000))
    if broker().set(_key("refreshing", sandbox), message.id, nx=True, ex=patience_s):
        queues.enqueue(message)


def age_of(sandbox: str) -> float | None:
    """How old the list is that is kept, in seconds; None if there is none."""
    kept = _kept(broker().get(_key("list", sandbox)))
    return kept.age_s if kept else None


def forget(sandbox: str) -> None:
    """A cold cache."""
    broker().delete(*(_key(what, sandbox) for what in ("list", "asked", "refreshing")))


def note_asked(sandbox: str) -> None:
    """Somebody looks at the list, or is about to."""
    broker().set(_key("asked", sandbox), 1, ex=ASKED_LATELY_S)


def _find(sandbox: str, mode: str) -> Kept | None:
    """What is kept, unless the setting says that nothing is; a broker that is away keeps nothing."""
    if mode == "none":
        return None
    try:
        note_asked(sandbox)
        return _kept(broker().get(_key("list", sandbox)))
    except RedisError:
        return None


def _keep(sandbox: str, content: list[dict[str, Any]]) -> None:
    kept = Kept(content, time.time())
    try:
        # The slowest speed is half the story's.
        broker().set(_key("list", sandbox), json.dumps(asdict(kept)), ex=round(2 * SHOWN_S))
    except RedisError:
        return  # it is made again for whoever asks next


def _kept(raw: Any) -> Kept | None:
    return Kept(**json.loads(raw)) if raw else None


def _shown_for(mode: str) -> float:
    return SHOWN_S if mode == "warm" else KEPT_S


def _key(what: str, sandbox: str) -> str:
    return f"ticketwheel:bestsellers:{what}:{sandbox}"
