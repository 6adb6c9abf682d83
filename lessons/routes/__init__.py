"""All addresses: one blueprint a module, in the order of their URLs."""

from lessons.routes import chaos, course, events, operations, orders, practice, race, sandboxes

BLUEPRINTS = (
    race.routes,
    course.routes,
    practice.routes,
    sandboxes.routes,
    orders.routes,
    chaos.routes,
    events.routes,
    operations.routes,
)
