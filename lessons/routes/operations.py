"""For whoever runs it: is it up, is it ready, what does it measure."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify

from workers import health
from workers.settings import current

routes = Blueprint("operations", __name__)


@routes.get("/healthz")
def healthz() -> Response:
    """This process is up."""
    return jsonify(status="ok")


@routes.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Every dependency, and whether it answers."""
    found = health.check()
    return jsonify(found), 200 if all(entry["ok"] for entry in found.values()) else 503


@routes.get("/metrics")
def metrics() -> Response:
    """Prometheus text, when METRICS is on."""
    if not current().metrics:
        abort(404, "Metrics are off; start with METRICS=true.")
    return Response(health.metrics(), mimetype="text/plain; version=0.0.4; charset=utf-8")
