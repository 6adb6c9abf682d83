"""How often a sandbox may do harm: counted in the ledger, so that it holds over all web processes."""

from __future__ import annotations

import math
from datetime import timedelta

from sqlalchemy import select, union_all

from workers.database import read, utc_now
from workers.errors import OverLimit
from workers.sandboxes import CAPS
from workers.tables import crashes, floods, mischief

WINDOW = timedelta(minutes=1)


def check_chaos(sandbox: str) -> None:
    """Raises OverLimit when the sandbox has had its chaos for this minute."""
    cap, since = CAPS["chaos_per_minute"], utc_now() - WINDOW
    crashed = select(crashes.c.wished_at.label("at")).where(crashes.c.sandbox == sandbox, crashes.c.wished_at > since)
    flooded = select(floods.c.started_at).where(floods.c.sandbox == sandbox, floods.c.started_at > since)
    other = select(mischief.c.at).where(mischief.c.sandbox == sandbox, mischief.c.at > since)
    acts = union_all(crashed, flooded, other).subquery()
    with read() as db:
        times = list(db.execute(select(acts.c.at).order_by(acts.c.at)).scalars())
    if len(times) >= cap:
        wait_s = math.ceil((times[-cap] - since).total_seconds())
        raise OverLimit("chaos_per_minute", cap, "let things settle for a moment", wait_s)
