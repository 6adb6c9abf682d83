"""All addresses: one blueprint a module, in the order of their URLs."""

from lessons.routes import (
    chaos,
    control_room,
    course,
    discussion,
    events,
    finding,
    labs,
    operations,
    operator,
    orders,
    practice,
    progress,
    race,
    reference,
    sandboxes,
    voice,
)

BLUEPRINTS = (
    race.routes,
    course.routes,
    labs.routes,
    voice.routes,
    discussion.routes,
    practice.routes,
    progress.routes,
    reference.routes,
    finding.routes,
    control_room.routes,
    sandboxes.routes,
    orders.routes,
    chaos.routes,
    events.routes,
    operations.routes,
    operator.routes,
)
