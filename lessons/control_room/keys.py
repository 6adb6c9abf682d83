"""The control room's keys, and the forms to which its other buttons belong."""

from __future__ import annotations

# What other buttons on the page belong to: a form's name, where it is sent, and what it always says.
MENDS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("calm", "chaos.calm", {}),
    ("workers", "sandboxes.change_by_form", {}),
    ("freeze-one", "chaos.freeze", {"seconds": "20"}),
    ("thaw", "chaos.thaw", {}),
    ("recover", "chaos.recover", {}),
    ("stop-flood", "chaos.stop_flood", {}),
    ("disarm", "chaos.disarm", {}),
    ("drill", "drills.start", {}),
    ("guess", "drills.guess", {}),
    ("end-drill", "drills.end", {}),
)
KEYS = (
    ("?", "show and hide this list"),
    ("h", "halt: calm everything"),
    ("c", "crash a worker"),
    ("f", "freeze a worker for 20 s"),
    ("t", "thaw"),
    ("l", "flood the shop for 5 s"),
    ("o", "partner down for 20 s"),
    ("p", "place an order that always fails"),
    ("d", "deliver a message again"),
    ("w", "wipe the broker"),
    ("e", "place an order"),
    ("a", "add a worker"),
    ("r", "remove a worker"),
    ("n", "look now"),
)
