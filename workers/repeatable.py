"""Requests with an `Idempotency-Key`: the first one is carried out, the others get its answer."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, select, update

from workers.database import begin, insert_once, read, utc_now
from workers.errors import KeyReused, StillRunning
from workers.tables import repeatable_requests as requests

WAIT_S = 30
CLAIM_LASTS_S = 60  # a first request that has not answered by then died with its process
Result = tuple[int, dict[str, Any]]


def once(sandbox: str, key: str, request: dict[str, Any], do: Callable[[], Result]) -> Result:
    """Do it unless it was done under this key: then the first answer, after waiting for it if it is under way.

    Raises KeyReused when the same key came with another request, and StillRunning after 30 s.
    """
    fingerprint = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    if not _claim(sandbox, key, fingerprint):
        return _first_answer(sandbox, key, fingerprint)
    try:
        status, answer = do()
    except BaseException:
        _release(sandbox, key)  # nothing was promised under this key, so it may be tried again
        raise
    with begin() as db:
        db.execute(update(requests).where(*_named(sandbox, key)).values(status=status, answer=answer))
    return status, answer


def _claim(sandbox: str, key: str, fingerprint: str) -> bool:
    dead = requests.c.claimed_at < utc_now() - timedelta(seconds=CLAIM_LASTS_S)
    with begin() as db:
        db.execute(delete(requests).where(*_named(sandbox, key), requests.c.status.is_(None), dead))
        row = {"sandbox": sandbox, "key": key, "fingerprint": fingerprint, "claimed_at": utc_now()}
        return insert_once(db, requests, **row)


def _first_answer(sandbox: str, key: str, fingerprint: str) -> Result:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        row = _find(sandbox, key)
        if row is None:
            raise StillRunning("The first request with this Idempotency-Key failed. Send it again.")
        if row.fingerprint != fingerprint:
            raise KeyReused("Idempotency-Key was used for another request. Use a new key for a new order.")
        if row.status is not None:
            return row.status, row.answer
        time.sleep(0.05)
    raise StillRunning("The first request with this Idempotency-Key is still running. Ask again in a few seconds.")


def _find(sandbox: str, key: str) -> Row[Any] | None:
    with read() as db:
        return db.execute(select(requests).where(*_named(sandbox, key))).one_or_none()


def _release(sandbox: str, key: str) -> None:
    with begin() as db:
        db.execute(delete(requests).where(*_named(sandbox, key)))


def _named(sandbox: str, key: str) -> tuple[Any, Any]:
    return requests.c.sandbox == sandbox, requests.c.key == key
