"""The forms of what is done to workers, messages and the partner."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from lessons.requests import EMAIL, Form
from workers.fleet import BETWEEN, CHECKOUT, PLACES
from workers.sandboxes import CAPS

LaterStepName = Literal["email", "pdf", "inventory", "analytics", "webhook", "audit", "loyalty"]


def _a_place(at: str) -> str:
    if at not in PLACES:
        raise ValueError("no such place")
    return at


class CrashForm(Form):
    victim: Annotated[str, Field(min_length=1, max_length=20)] = "any"
    at: Annotated[str, Field(validate_default=True, json_schema_extra={"enum": [*PLACES, BETWEEN]})] = "now"

    @field_validator("at")
    @classmethod
    def _where_the_victim_passes(cls, at: str, fields: ValidationInfo) -> str:
        if (at == BETWEEN) != (fields.data.get("victim") == CHECKOUT):
            raise ValueError("“between” goes with the victim “checkout”, and with no other")
        return at if at == BETWEEN else _a_place(at)


class FreezeForm(Form):
    victim: Annotated[str, Field(min_length=1, max_length=20)] = "any"
    seconds: Annotated[int, Field(ge=1, le=CAPS["freeze_seconds"])]
    at: Annotated[str, AfterValidator(_a_place), Field(json_schema_extra={"enum": list(PLACES)})] = "now"


class OutageForm(Form):
    partner: Literal["slow", "flaky", "down"]
    seconds: Annotated[int, Field(ge=1, le=CAPS["outage_seconds"])]


class HoldForm(Form):
    step: LaterStepName
    seconds: Annotated[int, Field(ge=1, le=CAPS["hold_seconds"])]


class ReleaseForm(Form):
    worker: Annotated[str, Field(min_length=1, max_length=20)]


class DuplicateForm(Form):
    order: Annotated[int, Field(ge=1, lt=10**9)]


class PoisonForm(Form):
    kind: Literal["error", "deadly"] = "error"


class RepairForm(Form):
    email: Annotated[str, Field(pattern=EMAIL, max_length=100)]
