"""What goes through the queue, who does it, what is done to them, and the record of all of it."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, String, Text, false, true

from workers.database import UtcDateTime
from workers.tables.base import partly, table

event_log = table(
    "events",
    Column("sequence", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("type", String(40), nullable=False),
    Column("order", Integer),
    Column("message", String(60)),
    Column("worker", String(20)),
    Column("step", String(20)),
    Column("attempt", Integer),
    Column("race", String(40)),
    Column("details", JSON, nullable=False),
    Column("drill", Integer),  # the drill that withholds it while it is under way
    Index("events_of_races", "sandbox", "sequence", **partly("race IS NOT NULL")),
    Index("events_of_sandbox", "sandbox", "sequence"),
    Index("events_of_order", "sandbox", "order"),
    Index("events_of_type", "sandbox", "type", "at"),
    sqlite_autoincrement=True,  # a sequence number is never used twice, also after a sandbox was deleted
)

outbox = table(
    "outbox",
    Column("message", String(60), primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("order", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("committed_at", UtcDateTime, nullable=False),
    Column("enqueued_at", UtcDateTime),
    Column("taken_at", UtcDateTime),
    Column("deliveries", Integer, nullable=False),
    Column("closed_at", UtcDateTime),
    # Failed tries since it was enqueued or replayed; while it waits for the next one: when that is due.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("due_at", UtcDateTime),
    Column("dead_at", UtcDateTime),
    Column("early", Boolean, nullable=False, server_default=false()),  # closed before its work began
    # False: nothing was committed with its order that promised it, so nobody sends it again.
    Column("promised", Boolean, nullable=False, server_default=true()),
    # Since then as well: workers that died with it, and how often it was held back because the circuit was open.
    Column("deaths", Integer, nullable=False, server_default="0"),
    Column("spared", Integer, nullable=False, server_default="0"),
    # The ledger counts and the audit looks in these, and neither reads the rows of what waits.
    Index("outbox_open", "sandbox", "dead_at", "due_at", "committed_at", "message", **partly("closed_at IS NULL")),
    Index("outbox_designed", "sandbox", "closed_at", "kind", **partly("closed_at IS NULL AND kind = 'CompleteDesign'")),
    Index("outbox_closed", "sandbox", "closed_at", "dead_at"),
    Index("outbox_by_commit", "sandbox", "committed_at"),
    Index("outbox_by_order", "sandbox", "order"),
)

workers = table(
    "workers",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False, index=True),
    Column("name", String(20), nullable=False),
    Column("rq_name", String(80), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("supervisor", String(80), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, index=True),
    Column("frozen_at", UtcDateTime),
    Column("leaving", Boolean, nullable=False, default=False),
    Column("crashed", Boolean),
    Column("held", String(60)),
    Column("back_at", UtcDateTime),
    Column("early", String(60)),  # the message that it works on although it has acknowledged it
    Index("workers_early", "sandbox", "early", **partly("ended_at IS NULL AND early IS NOT NULL")),
)

floods = table(
    "floods",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("per_second", Integer, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("checkout", String(10), nullable=False, server_default="later"),
    Column("kind", String(12), nullable=False, server_default="checkout"),  # or what its tickets are about
    Column("manner", JSON, nullable=False, server_default="{}"),  # how its tickets come, and what they ask for
    Column("token", String(200), nullable=False),
    Column("placed", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("stop_at", UtcDateTime),
    Column("ended_at", UtcDateTime, index=True),
)

# Messages that failed too often, until they are replayed or deleted. A deleted one can be brought back for a moment.
dead_letters = table(
    "dead_letters",
    Column("message", String(60), primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("order", Integer, nullable=False),
    Column("step", String(20)),
    Column("error_group", String(100), nullable=False),
    Column("error", Text, nullable=False),
    Column("traceback", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_failed_at", UtcDateTime, nullable=False),
    Column("dead_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime, index=True),
    Index("dead_letters_by_group", "sandbox", "deleted_at", "error_group", "dead_at"),
    Index("dead_letters_by_age", "sandbox", "deleted_at", "dead_at"),
)

# A replay of many dead letters: how far it is, and whether somebody wants it to stop.
replays = table(
    "replays",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False, index=True),
    Column("total", Integer, nullable=False),
    Column("replayed", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("stop_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
)

# What the supervisor measured, once a second while something goes on; `second` is in seconds since 1970.
samples = table(
    "samples",
    Column("sandbox", String(20), primary_key=True),
    Column("second", Integer, primary_key=True),
    Column("depth", Integer, nullable=False),
    Column("oldest_age_s", Float),
    Column("came_in", Integer, nullable=False),  # messages enqueued since the sample before
    Column("went_out", Integer, nullable=False),  # messages acknowledged since the sample before
    Column("busy", Integer, nullable=False),
    Column("alive", Integer, nullable=False),
    Column("scheduled", Integer, nullable=False),
    Column("dead", Integer, nullable=False),
    Column("lost", Integer, nullable=False),
    Column("duplicated", Integer, nullable=False),
    Column("wait_now_s", Float),  # mean wait of the customers who were answered since the sample before
    Column("wait_later_s", Float),
    # Of tickets, counted in the small messages that they carry.
    Column("small_in", Integer, nullable=False, server_default="0"),
    Column("small_out", Integer, nullable=False, server_default="0"),
    Column("shed", Integer, nullable=False, server_default="0"),
    Column("refused", Integer, nullable=False, server_default="0"),
    Column("memory_bytes", Integer, nullable=False, server_default="0"),
    Column("wait_payments_s", Float),  # mean wait of those that were counted since the sample before
    Column("wait_analytics_s", Float),
)

# Alerts that fired in a sandbox, and when they were resolved.
alerts = table(
    "alerts",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("rule", String(40), nullable=False),
    Column("fired_at", UtcDateTime, nullable=False),
    Column("resolved_at", UtcDateTime),
    Index("alerts_by_sandbox", "sandbox", "resolved_at", "rule"),
)

# A view of the control room that somebody shared: what was to be seen then, kept for whoever has the link.
shared_views = table(
    "shared_views",
    Column("id", String(20), primary_key=True),
    Column("sandbox", String(20), nullable=False, index=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("content", JSON, nullable=False),
)
