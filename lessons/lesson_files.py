"""A lesson's folder: its five files, read, checked and put together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from markupsafe import Markup

from lessons import blocks, figures, prose, quiz, toml_files
from lessons.blocks import Named
from lessons.faults import Fault, Faulty
from lessons.figures import Figures
from lessons.lesson import FrontMatter, Lab, Lesson, LessonLab, Link
from lessons.markdown import Document, Prose, inline_tokens, line_of, parse
from lessons.quiz import Quiz
from lessons.toml_files import AnySchema, TomlFile

FOLDER = re.compile(r"(\d\d)-([a-z0-9]+(?:-[a-z0-9]+)*)")
FRONT = re.compile(r"\+\+\+ *\n(.*?)^\+\+\+ *$", re.DOTALL | re.MULTILINE)
NAMED_LAB = re.compile(r"lab-([a-z0-9]+(?:-[a-z0-9]+)*)\.toml")
FILES = ("lesson.md", "figures.toml", "quiz.toml", "lab.toml", "hints.md")
FEWEST_HINTS, MOST_HINTS = 2, 4
Part = TypeVar("Part")


def read(folder: Path) -> tuple[Lesson | None, list[Fault]]:
    """The lesson in a folder, if there is enough of it to be shown, and everything that is wrong with it."""
    reader = _Reader(folder)
    lesson = reader.lesson()
    return lesson, sorted(set(reader.faults))


class _Reader:
    """Reads one file after the other, and goes on after a fault, so that all of them are found at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[Fault] = []

    def lesson(self) -> Lesson | None:
        named = FOLDER.fullmatch(self.folder.name)
        if not named:
            remedy = "Name it by two digits and a slug: 05-idempotency."
            self.faults.append(Fault(self._path(""), 0, "the folder", "has no lesson's name", remedy))
            return None
        self._look_for_strangers()
        text = self._try(lambda: self._text("lesson.md"))
        front = self._try(lambda: self._front(text)) if text is not None else None
        tables = self._toml("figures.toml", Figures), self._toml("quiz.toml", Quiz)
        labs = {name: self._toml(file, Lab) for name, file in self._lab_files().items()}
        hints = self._try(lambda: parse(self._text("hints.md")))
        if text is None or front is None or hints is None or None in tables or labs[""] is None:
            return None
        return self._put_together(named, front, _body(text), hints, labs, *tables)  # type: ignore[arg-type]

    def _put_together(
        self,
        name: re.Match[str],
        front: TomlFile[FrontMatter],
        body: Document,
        hints: Document,
        labs: Mapping[str, TomlFile[Lab] | None],
        drawn: TomlFile[Figures],
        asked: TomlFile[Quiz],
    ) -> Lesson:
        readable = {lab: file for lab, file in labs.items() if file}
        placed = tuple(LessonLab(name[2], lab, file.content) for lab, file in readable.items())
        # A marker of a lab whose file cannot be used is no fault of the text.
        named = Named(drawn.content, asked.content, placed, tuple(lab for lab in labs if lab not in readable))
        self.faults += prose.faults_of(front.path, body)
        self.faults += blocks.faults_of(front.path, body, named)
        self.faults += [*quiz.faults_of(asked), *figures.faults_of(drawn)]
        self.faults += _faults_of_hints(self._path("hints.md"), hints)
        files: tuple[TomlFile[Any], ...] = (front, drawn, asked, *readable.values())
        self.faults += [fault for file in files for fault in _faults_of_tone(file)]
        return Lesson(
            number=int(name[1]),
            slug=name[2],
            front=front.content,
            blocks=blocks.fill(body, named),
            questions=asked.content.questions,
            labs=placed,
            hints=Markup().join(block.html for block in hints.blocks if isinstance(block, Prose)),
            anchors=frozenset(prose.anchors(body) | {f"question-{q.id}" for q in asked.content.questions}),
            links=tuple(_links(body, hints, self._path("hints.md"), files)),
            path=front.path,
        )

    def _front(self, text: str) -> TomlFile[FrontMatter]:
        path = self._path("lesson.md")
        found = FRONT.match(text)
        if not found:
            remedy = "Begin the file with a line +++, the keys in TOML, and another line +++."
            raise Faulty([Fault(path, 1, "the front matter", "is missing", remedy)])
        return toml_files.read(path, found[1], FrontMatter, first_line=2)

    def _toml(self, name: str, schema: type[AnySchema]) -> TomlFile[AnySchema] | None:
        return self._try(lambda: toml_files.read(self._path(name), self._text(name), schema))

    def _text(self, name: str) -> str:
        try:
            text = (self.folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Faulty([Fault(self._path(name), 0, "the file", "cannot be read", f"{error}.")]) from error
        if not text.strip():
            raise Faulty([Fault(self._path(name), 0, "the file", "is empty", "See what another lesson has there.")])
        return text

    def _look_for_strangers(self) -> None:
        for path in sorted(self.folder.iterdir()):
            if path.name not in FILES and not NAMED_LAB.fullmatch(path.name):
                remedy = f"A lesson is {', '.join(FILES)}, and lab-<name>.toml for each further lab."
                self.faults.append(Fault(self._path(path.name), 0, "the file", "is read by nobody", remedy))

    def _lab_files(self) -> dict[str, str]:
        """The labs' files by the labs' names; the first is there in any case, and has none."""
        found = (NAMED_LAB.fullmatch(path.name) for path in sorted(self.folder.iterdir()))
        return {"": "lab.toml"} | {each[1]: each[0] for each in found if each}

    def _path(self, name: str) -> str:
        return (Path(self.folder.parent.name) / self.folder.name / name).as_posix()

    def _try(self, read_part: Callable[[], Part]) -> Part | None:
        try:
            return read_part()
        except Faulty as error:
            self.faults += error.faults
            return None


def _body(text: str) -> Document:
    """The text below the front matter, whose lines are left empty so that the numbers stay true."""
    found = FRONT.match(text)
    front = found[0] if found else ""
    return parse("\n" * front.count("\n") + text[len(front) :])


def _faults_of_hints(path: str, hints: Document) -> Iterator[Fault]:
    tokens = hints.tokens
    count = sum(token.type == "list_item_open" and token.level == 1 for token in tokens)
    one_list = [token.type for token in tokens if token.level == 0] == ["bullet_list_open", "bullet_list_close"]
    if not one_list or not FEWEST_HINTS <= count <= MOST_HINTS:
        said = f"are not one list of {FEWEST_HINTS} to {MOST_HINTS}"
        yield Fault(path, 1, "the hints", said, "Write each as a line that begins with a hyphen.")
    for token in tokens:
        if token.type == "inline":
            yield from prose.faults_of_text(path, line_of(token), "a hint", token.content)


def _faults_of_tone(file: TomlFile[Any]) -> Iterator[Fault]:
    for place, text in file.texts():
        yield from prose.faults_of_text(file.path, file.lines.find(place), toml_files.dotted(place), text)


def _links(body: Document, hints: Document, hints_path: str, files: Sequence[TomlFile[Any]]) -> Iterator[Link]:
    for path, document in ((files[0].path, body), (hints_path, hints)):
        for token in document.tokens:
            for address in prose.links_in(token.children or []):
                yield Link(path, line_of(token), address)
    for file in files:
        for place, text in file.texts():
            found = [text] if place == ("link",) else prose.links_in(inline_tokens(text))
            for address in found:
                yield Link(file.path, file.lines.find(place), address)
