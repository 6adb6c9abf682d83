"""All addresses: one blueprint a module, in the order of their URLs."""

from lessons.routes import chaos, course, events, operations, orders, race, sandboxes

BLUEPRINTS = (
    race.routes,
    course.routes,
    sandboxes.routes,
    orders.routes,
    chaos.routes,
    events.routes,
    operations.routes,
)
