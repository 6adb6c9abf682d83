"""Tickets of small messages: accepted with 202 before anything is done with them, or refused with 429."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from lessons import access, lab, requests
from lessons.load_forms import TicketForm
from workers import tickets

routes = Blueprint("tickets", __name__, url_prefix="/sandboxes/<sandbox>")


@routes.post("/tickets")
def accept(sandbox: str) -> Response:
    """Take a ticket; a worker counts what it carries."""
    access.named(sandbox)
    wanted = requests.read(TicketForm)
    message = tickets.accept(sandbox, wanted.about, wanted.events, work_ms=wanted.work_ms, lookup=wanted.lookup)
    return lab.acted(message=message.id, small=len(message.events))
