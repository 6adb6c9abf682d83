"""What is remembered of one purpose at this moment: by the senders at the broker, and by those who received."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from workers.connections import broker
from workers.database import read
from workers.idempotency import seen
from workers.tables import effects_seen

AT_MOST = 20


@dataclass(frozen=True)
class Entry:
    """One key of the senders' memory: marked as done, or claimed for so many more seconds."""

    key: str
    claimed_for_s: float | None = None


def of_senders(sandbox: str, purpose: str, since: datetime) -> tuple[Entry, ...]:
    """The keys of a purpose that were noted since a moment; a claim that has ended is not there any more."""
    client = broker()
    found = []
    for key in seen.known(client, sandbox, since.timestamp()):
        if key.startswith(f"{purpose}:"):
            claim = seen.claim_ends_in_s(client, sandbox, key)
            if claim is not None or seen.is_marked(client, sandbox, key):
                found.append(Entry(key, claim))
    return tuple(found[-AT_MOST:])


def claim_holds(sandbox: str, purpose: str, since: datetime) -> bool:
    return any(entry.claimed_for_s is not None for entry in of_senders(sandbox, purpose, since))


def of_mail_server(sandbox: str) -> tuple[str, ...]:
    """The keys that the mail server has seen with a mail, in no order."""
    mine = (effects_seen.c.sandbox == sandbox, effects_seen.c.key.startswith("mail server: "))
    with read() as db:
        keys = db.execute(select(effects_seen.c.key).where(*mine)).scalars()
        return tuple(key.removeprefix("mail server: ") for key in keys)
