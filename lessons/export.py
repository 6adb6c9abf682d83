"""A reader's progress for scripts, and all that is kept of her as one file."""

from __future__ import annotations

from typing import Any

from lessons.calibration import Sureness
from lessons.progress import Tally
from lessons.report import Report, Said, Stop, Tried
from workers import kept, sandboxes
from workers.database import utc_now
from workers.resume_codes import Standing


def of_report(report: Report) -> dict[str, Any]:
    """The figures of the progress page."""
    return {
        "read": {"lessons": report.read, "of": len(report.stops)},
        "answered": _tally(report.checks),
        "practised": _tally(report.practice),
        "lessons": [_stop(stop) for stop in report.stops],
        "labs": [_said(said) for said in report.said],
        "run": {"orders_placed": report.orders_placed, "workers_killed": report.workers_killed},
        "calibration": {
            "sentence": report.calibration.sentence,
            "rows": [_sureness(row) for row in report.calibration.rows],
        },
        "next": report.following.address if report.following else None,
    }


def of_standing(standing: Standing) -> dict[str, str | None]:
    """When a resume code was made and when it is over; what it says is not known here."""
    return {"made_at": _iso(standing.made_at), "expires_at": _iso(standing.expires_at)}


def everything(sandbox: str | None) -> dict[str, Any]:
    """All that is kept of a reader; for somebody without a sandbox every list is empty."""
    mine = f"/sandboxes/{sandbox}"
    return {
        "exported_at": _iso(utc_now()),
        "sandbox": sandbox,
        "settings": sandboxes.settings_of(sandbox) if sandbox else {},
        **kept.everything(sandbox or ""),
        "more": {"every_event_in_order": f"{mine}/events", "partner_deliveries": f"{mine}/deliveries"}
        if sandbox
        else {},
    }


def _tally(tally: Tally) -> dict[str, int]:
    return {"questions": tally.answered, "answered_right": tally.right, "of": tally.of}


def _sureness(row: Sureness) -> dict[str, Any]:
    return {"confidence": row.confidence, "answered_right": row.right, "of": row.of, "percent": row.percent}


def _stop(stop: Stop) -> dict[str, Any]:
    return {
        "slug": stop.lesson.slug,
        "title": stop.lesson.front.title,
        "read_at": _iso(stop.read_at),
        "questions": [_tried(each) for each in stop.tried],
        "links": {"lesson": stop.lesson.address},
    }


def _tried(tried: Tried) -> dict[str, Any]:
    """Before there is an answer, nothing here even has the form of a key."""
    outcome = {"correct": tried.correct} if tried.attempts else {}
    return {"id": tried.question.id, "attempts": tried.attempts} | outcome


def _said(said: Said) -> dict[str, Any]:
    lab = said.place.id if said.place else "race"
    return {"lab": lab, "title": said.lab, "prediction": said.prediction, "observation": said.observation}


def _iso(at: Any) -> str | None:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
