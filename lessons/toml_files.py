"""TOML read into a typed schema; what does not fit is a fault with file, line, key and remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from lessons.faults import Fault, Faulty
from lessons.toml_lines import Place, TomlLines

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]

# Key → remedy, where the general one would say too little.
REMEDIES = {
    "feedback": "Every option needs its feedback: what would happen, and why.",
    "belief": "Every option needs the belief that makes it tempting; for the right one, the idea that holds.",
    "options": "A question has three or four options.",
    "right": "Write `right = true` at one option and `right = false` at the others.",
    "goal": "Write one sentence that begins with “You can”.",
    "words": "Say what the figure shows, with its numbers, for who cannot see it.",
    "source": "Say where the numbers come from: measured, computed, or the story's figures.",
}
KINDS = ("kind", "do")  # by these keys tables are told apart
RUN, SAID_OF_A_RUN = "run", ("figure", "says")  # an option's scenario, and what of it is prose
IDENTIFIER = "Use small letters and digits, with single hyphens between them."


class Schema(BaseModel):
    """A table of a lesson's file; a key that it does not know is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


AnySchema = TypeVar("AnySchema", bound=Schema)


@dataclass(frozen=True)
class TomlFile(Generic[AnySchema]):
    """What a file says, and where it says it."""

    path: str
    content: AnySchema
    lines: TomlLines

    def fault(self, place: Sequence[str | int], problem: str, remedy: str) -> Fault:
        return Fault(self.path, self.lines.find(place), dotted(place), problem, remedy)

    def texts(self) -> Iterator[tuple[Place, str]]:
        """Every text in it that a person reads, with its place; of what is run, that are the sentences about it."""
        for place, said in _texts(self.content.model_dump(by_alias=True), ()):
            if RUN not in place or place[-1] in SAID_OF_A_RUN:
                yield place, said


def read(path: str, text: str, schema: type[AnySchema], first_line: int = 1) -> TomlFile[AnySchema]:
    """Parse and check one text; `first_line` is its place in a file that holds more. Raises Faulty."""
    lines = TomlLines(text, first_line)
    try:
        return TomlFile(path, schema.model_validate(tomllib.loads(text)), lines)
    except tomllib.TOMLDecodeError as error:
        raise Faulty([_not_toml(path, str(error), first_line)]) from error
    except ValidationError as error:
        raise Faulty([_misfit(path, lines, schema, problem) for problem in error.errors()]) from error


def dotted(place: Sequence[str | int]) -> str:
    """A place as people count: questions.2.options.1.feedback is in the second question's first option."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in place) or "the file"


def _not_toml(path: str, message: str, first_line: int) -> Fault:
    at = re.search(r"line (\d+)", message)
    line = int(at[1]) + first_line - 1 if at else first_line
    return Fault(path, line, "the file", f"is not TOML: {message}", "Mend the syntax; quotes inside a text need `\\`.")


def _misfit(path: str, lines: TomlLines, schema: type[Schema], problem: Any) -> Fault:
    """One error of pydantic's in our words."""
    place, known = _walk(schema, problem["loc"])
    key = str(place[-1]) if place else ""
    said, remedy = str(problem["msg"]).removeprefix("Value error, "), REMEDIES.get(key, "Correct the value.")
    match problem["type"]:
        case "missing":
            said, remedy = "is missing", REMEDIES.get(key, f"Add `{key} = …`.")
        case "string_too_short":
            said = "is empty"
        case "string_pattern_mismatch":
            said, remedy = f"has the wrong form: {problem['input']!r}", REMEDIES.get(key, IDENTIFIER)
        case "extra_forbidden":
            meant = get_close_matches(key, known, 1)
            said = "is a key that nobody reads"
            remedy = f"Did you mean {meant[0]}?" if meant else f"Remove it; the keys are {', '.join(known)}."
    return Fault(path, lines.find(place), dotted(place), said, remedy)


def _walk(schema: type[Schema], loc: Sequence[str | int]) -> tuple[Place, list[str]]:
    """An error's place without pydantic's names for the kinds of a union, and the keys that its table knows."""
    place: Place = ()
    tables: list[type[BaseModel]] = [schema]
    for number, part in enumerate(loc):
        kinds = [table for table in tables if _is_kind(table, part)]
        if kinds:
            tables = kinds
            continue
        place = (*place, part)
        if not isinstance(part, int) and number < len(loc) - 1:
            tables = [inner for table in tables for inner in _tables_of(table, part)] or tables
    return place, [field.alias or name for table in tables[:1] for name, field in table.model_fields.items()]


def _is_kind(table: type[BaseModel], part: str | int) -> bool:
    return any(part in get_args(table.model_fields[key].annotation) for key in KINDS if key in table.model_fields)


def _tables_of(table: type[BaseModel], key: str) -> list[type[BaseModel]]:
    """The tables that may stand under a key."""
    fields = [field.annotation for name, field in table.model_fields.items() if key in (name, field.alias)]
    return [inner for annotation in fields for inner in _schemas_in(annotation)]


def _schemas_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [inner for part in get_args(annotation) for inner in _schemas_in(part)]


def _texts(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*place, key))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*place, number))
