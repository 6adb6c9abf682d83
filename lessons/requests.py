"""The forms of all requests: what may be sent, and an error that names the field and what is allowed."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from flask import request
from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator
from werkzeug.exceptions import BadRequest

from lessons import settings_form
from lessons.problems import Invalid

Text = Annotated[str, Field(pattern=r"^[^\x00-\x1f]*$", max_length=100)]  # PostgreSQL takes no NUL
Form = settings_form.Form
StepName = Literal["payment", "order", "email", "pdf", "inventory", "analytics", "webhook", "audit", "loyalty"]


_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL = rf"^[A-Za-z0-9_+%][A-Za-z0-9_+%-]{{0,63}}(?:\.[A-Za-z0-9_+%-]{{1,30}}){{0,3}}@{_LABEL}(?:\.{_LABEL})+$"


def _each_once(steps: list[str]) -> list[str]:
    if len(set(steps)) < len(steps):
        raise ValueError("names a step twice")
    return steps


def _only_yes(value: bool) -> bool:
    if not value:
        raise ValueError("can only be true")
    return value


Yes = Annotated[bool, AfterValidator(_only_yes), Field(json_schema_extra={"const": True})]


class OrderForm(Form):
    checkout: Literal["now", "later"]
    email: Annotated[str, Field(pattern=EMAIL, max_length=100)] = "ada@example.com"
    card: Literal["good", "declined"] = "good"
    race: Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")] | None = None
    later: Annotated[list[StepName], Field(max_length=9), AfterValidator(_each_once)] | None = None

    @field_validator("later")
    @classmethod
    def _of_a_checkout_with_later(cls, later: list[str] | None, fields: ValidationInfo) -> list[str] | None:
        if later is not None and (fields.data.get("checkout") != "later" or fields.data.get("race")):
            raise ValueError("goes with checkout “later”, outside a race")
        return later


class LettersForm(Form):
    """Which dead letters an act is about, and how many its asker was told that there are."""

    many = ("messages",)

    all: Yes | None = None
    group: Text | None = None
    messages: Annotated[list[Text], Field(min_length=1, max_length=1000)] | None = None
    search: Text = ""
    expected: Annotated[int, Field(ge=0)] | None = None


class LettersAsked(Form):
    """What a look at the dead letters, or their deletion by address, says after the question mark."""

    all: Yes | None = None
    group: Text | None = None
    search: Text = ""
    page: Annotated[int, Field(ge=1, le=10**9)] = 1
    expected: Annotated[int, Field(ge=0)] | None = None


class NothingForm(Form):
    """A request that takes no fields."""


class RaceForm(Form):
    prediction: Literal["1", "6", "13"] | None = None  # as in lessons.routes.labs


class CommitmentForm(Form):
    """A prediction or an observation; whether the lab has that choice is for the lab to say."""

    lab: Annotated[str, Field(min_length=1, max_length=40)]
    choice: Annotated[str, Field(min_length=1, max_length=40)]


class AnswerForm(Form):
    """An answer to a quick check; whether the lesson has that question is for the lesson to say."""

    question: Annotated[str, Field(min_length=1, max_length=40)]
    option: Annotated[str, Field(min_length=1, max_length=40)]
    confidence: Literal["guess", "fairly sure", "certain"] | None = None


AnyForm = TypeVar("AnyForm", bound=Form)


def read(form: type[AnyForm]) -> AnyForm:
    """The request's body, JSON or form. Raises BadRequest (malformed) and Invalid (a field is wrong)."""
    fields = _json() if request.is_json else _fields(form)
    fields.pop("csrf_token", None)
    return _checked(form, fields, strict=request.is_json)


def asked(form: type[AnyForm]) -> AnyForm:
    """The part of the address after the question mark. Raises Invalid (a field is wrong)."""
    return _checked(form, request.args.to_dict(), strict=False)


def _checked(form: type[AnyForm], fields: dict[str, Any], strict: bool) -> AnyForm:
    try:
        return form.model_validate(fields, strict=strict)
    except ValidationError as error:
        raise Invalid([_explain(form, problem) for problem in error.errors()]) from error


def _json() -> dict[str, Any]:
    if not request.get_data(cache=True):
        return {}
    try:
        fields = request.get_json()
    except RecursionError as error:
        raise BadRequest("The body is nested too deeply.") from error
    if not isinstance(fields, dict):
        raise BadRequest("The body must be a JSON object.")
    return fields


def _fields(form: type[Form]) -> dict[str, Any]:
    if not request.form and request.get_data():
        raise BadRequest("The body must be JSON with `Content-Type: application/json`, or a form.")
    several = {name: request.form.getlist(name) for name in form.many if name in request.form}
    return request.form.to_dict() | several


def _explain(form: type[Form], problem: Any) -> dict[str, Any]:
    """One field's error: which, what is wrong, what is allowed."""
    field = str(problem["loc"][0]) if problem["loc"] else "body"
    if problem["type"] == "extra_forbidden":
        return {"field": field, "problem": "there is no such field", "allowed": {"fields": list(form.model_fields)}}
    return {
        "field": field,
        "problem": str(problem["msg"]).removeprefix("Value error, "),
        "allowed": _allowed(form, field),
    }


def _allowed(form: type[Form], field: str) -> Any:
    """The part of the form's JSON schema that speaks of the field."""
    schema = form.model_json_schema()["properties"].get(field, {})
    return {name: value for name, value in schema.items() if name not in ("title", "default")}
