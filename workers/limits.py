"""How often a sandbox may do harm: counted in the ledger, so that it holds over all web processes."""

from __future__ import annotations

import math
from datetime import timedelta

from sqlalchemy import select, union_all

from workers.database import read, utc_now
from workers.errors import OverLimit
from workers.sandboxes import CAPS
from workers.tables import crashes, drills, floods, freezes, holds, mischief, outages, visitor_runs

WINDOW = timedelta(minutes=1)
# What counts as harm, and when it was done.
CROWDS = (floods.c.started_at, visitor_runs.c.started_at, drills.c.started_at)
STOPS = (crashes.c.wished_at, freezes.c.wished_at, holds.c.started_at)
HARM = (*CROWDS, *STOPS, outages.c.started_at, mischief.c.at)


def check_chaos(sandbox: str) -> None:
    """Raises OverLimit when the sandbox has had its chaos for this minute."""
    cap, since = CAPS["chaos_per_minute"], utc_now() - WINDOW
    done = [select(at.label("at")).where(at.table.c.sandbox == sandbox, at > since) for at in HARM]
    every = union_all(*done).subquery()
    with read() as db:
        times = list(db.execute(select(every.c.at).order_by(every.c.at)).scalars())
    if len(times) >= cap:
        wait_s = math.ceil((times[-cap] - since).total_seconds())
        raise OverLimit("chaos_per_minute", cap, "let things settle for a moment", wait_s)
