"""“Why this number?” for each tile of the control room: the rule, the command behind it, and what it costs to ask."""

from __future__ import annotations

from typing import NamedTuple

_ONE_QUESTION = "Part of one question to the broker for all labs that somebody looks at, five times a second."
_COUNTED = "Counted in the database, at most once a second while something happens, however many look."


class Why(NamedTuple):
    """What a number means, how it is found, and the price of it."""

    rule: str
    command: str
    cost: str


WHYS = {
    "depth": Why(
        "Messages that no worker has taken yet, also those that others may pass. What they "
        "take at the broker is estimated from the first and the last of each queue.",
        "LLEN rq:queue:{lab}:checkout, LLEN rq:queue:{lab}:analytics, MEMORY USAGE",
        _ONE_QUESTION,
    ),
    "oldest": Why(
        "How long the message that waits longest has waited since its order was committed. "
        "It grows as fast as time passes when nobody takes anything.",
        "SELECT min(committed_at) FROM outbox WHERE closed_at IS NULL",
        _COUNTED,
    ),
    "flow": Why(
        "Messages that were committed, and messages that were acknowledged, in the last ten seconds, divided by ten.",
        "SELECT count(*) FROM outbox WHERE committed_at > now − 10 s (out: closed_at)",
        _COUNTED,
    ),
    "workers": Why(
        "Worker processes that hold a message under a lease, of all whose process lives.",
        "SMEMBERS rq:worker:{worker}:executions, ZRANGE rq:wip:{lab}:checkout",
        _ONE_QUESTION,
    ),
    "scheduled": Why(
        "Messages whose try failed and whose next one is not due yet. They count as neither waiting nor running.",
        "ZCARD rq:scheduled:{lab}:checkout",
        _ONE_QUESTION,
    ),
    "dead": Why(
        "Messages that failed as often as they may. They lie aside until somebody replays or deletes them.",
        "SELECT count(*) FROM dead_letters WHERE deleted_at IS NULL",
        _COUNTED,
    ),
    "lost": Why(
        "Orders that count as finished although something of theirs is not there: an e-mail that never arrived, "
        "a row that does not exist. Found by looking for the effects, never assumed to be zero.",
        "SELECT count(*) FROM orders WHERE finished AND NOT all seven effects exist",
        _COUNTED,
    ),
    "duplicated": Why(
        "Orders of which something happened more than once: two e-mails, two calls to the partner, points twice.",
        'SELECT "order" FROM emails GROUP BY "order" HAVING count(*) > 1, and six tables more',
        _COUNTED,
    ),
}
