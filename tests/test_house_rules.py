"""The rules of the house, so that nobody has to remember them: see CONTRIBUTING.md."""

import ast
import dataclasses
import fnmatch
import re
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from workers.settings import Settings

ROOT = Path(__file__).resolve().parent.parent

TOP_LEVEL = {
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "pyproject.toml", "hatch_build.py"),
    *("package.json", "package-lock.json", "alembic.ini"),
    *("app.py", "lessons", "workers", "templates", "static", "tests", "docs", "deploy"),
}
VAGUE_NAMES = {"util", "helper", "common", "manager", "service"}


def test_the_top_level_holds_the_agreed_names_only() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in project_files()}

    assert sorted(name for name in names - TOP_LEVEL if not name.startswith(".")) == []


@pytest.mark.parametrize(
    ("folder", "foreigners"),
    [
        ("workers", {"flask", "lessons"}),
        ("workers/shop", {"flask", "lessons", "rq", "redis"}),
        ("lessons", {"rq", "redis"}),
        ("lessons/routes", {"rq", "redis", "sqlalchemy"}),
    ],
)
def test_imports_go_from_the_app_to_lessons_to_workers(folder: str, foreigners: set[str]) -> None:
    assert [
        f"{shown(path)} imports {name}"
        for path in python_files(folder)
        for name in imports(path)
        if name.partition(".")[0] in foreigners
    ] == []


def test_nothing_imports_the_app_but_tests() -> None:
    assert [shown(path) for path in python_files("lessons", "workers") if "app" in imports(path)] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    modules = [path.relative_to(ROOT).with_suffix("") for path in python_files()]
    words = {module: re.split(r"[/_]", module.as_posix()) for module in modules}

    assert [str(module) for module in modules if VAGUE_NAMES & {word.removesuffix("s") for word in words[module]}] == []


def test_a_python_file_is_at_most_250_lines() -> None:
    assert [f"{shown(path)}: {length(path)}" for path in python_files() if length(path) > 250] == []


def test_half_of_the_python_files_fit_on_a_screen() -> None:
    assert statistics.median(length(path) for path in product_files() if length(path)) <= 80


def test_a_function_is_at_most_40_lines() -> None:
    assert [f"{name}: {lines}" for name, lines in functions(python_files()) if lines > 40] == []


def test_half_of_the_functions_are_at_most_8_lines() -> None:
    assert statistics.median(lines for _, lines in functions(product_files())) <= 8


def test_a_script_of_ours_is_at_most_80_lines() -> None:
    scripts = [path for path in project_files() if path.is_relative_to(ROOT / "static/js")]

    assert [f"{shown(path)}: {length(path)}" for path in scripts if length(path) > 80] == []


def test_templates_hold_no_style_or_script_of_their_own() -> None:
    templates = [path for path in project_files() if path.is_relative_to(ROOT / "templates")]

    assert [f"{shown(path)}: {fault}" for path in templates for fault in InlineCode.found_in(path.read_text())] == []


@pytest.mark.parametrize(
    ("markup", "faults"),
    [
        ('<script src="/static/js/clock.js" defer></script> {# <style> #}', []),
        ('<b {% if late %}class="late"{% endif %}>{{ clock(style="big") }}</b>', []),
        ("<script>go()</script>", ["line 1: <script>"]),
        ("\n<svg><style>b {}</style></svg>", ["line 2: <style>"]),
        ('<b style="color: red">', ["line 1: style="]),
        ('<b {# for\nnow #} onClick="go()">', ["line 1: onclick="]),
        ('<b hx-on:click="go()">', ["line 1: hx-on:click="]),
        ('<a href="javascript:go()">', ["line 1: javascript: in href="]),
    ],
)
def test_inline_code_in_a_template_would_be_found(markup: str, faults: list[str]) -> None:
    assert InlineCode.found_in(markup) == faults


@pytest.mark.parametrize("setting", [field.name.upper() for field in dataclasses.fields(Settings)])
def test_the_readme_explains_every_setting(setting: str) -> None:
    assert f"`{setting}`" in (ROOT / "README.md").read_text()


class InlineCode(HTMLParser):
    """Collects what `default-src 'self'` would block from a template's markup."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    @classmethod
    def found_in(cls, template: str) -> list[str]:
        """The faults of a Jinja template, whose own syntax is blanked out (line breaks stay, for the line numbers)."""
        parser = cls()
        jinja = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
        parser.feed(jinja.sub(lambda found: "\n" * found[0].count("\n"), template))
        parser.close()
        return parser.faults

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "style" or (tag == "script" and "src" not in dict(attrs)):
            self._report(f"<{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith(("on", "hx-on")):
                self._report(f"{name}=")
            if (value or "").lstrip().startswith(("javascript:", "js:")):
                self._report(f"javascript: in {name}=")

    def _report(self, fault: str) -> None:
        self.faults.append(f"line {self.getpos()[0]}: {fault}")


def python_files(*folders: str) -> list[Path]:
    """All Python files, or those below the named folders; migrations are written by Alembic, and never edited."""
    return [
        path
        for path in project_files()
        if path.suffix == ".py"
        and not path.is_relative_to(ROOT / "workers/migrations/versions")
        and (not folders or any(path.is_relative_to(ROOT / folder) for folder in folders))
    ]


def product_files() -> list[Path]:
    """The Python that runs in front of and behind the counter: no tests, no build."""
    return python_files("app.py", "lessons", "workers")


def imports(path: Path) -> set[str]:
    """The dotted names of the modules that a file imports, wherever in the file it does."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    return names


def functions(paths: list[Path]) -> Iterator[tuple[str, int]]:
    """Each function with its length in lines, from `def` to the end."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{shown(path)} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def length(path: Path) -> int:
    return len(path.read_text().splitlines())


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def project_files() -> list[Path]:
    """Every file that is or could be committed: git knows, and without git .gitignore does."""
    listed = git_files() if shutil.which("git") and (ROOT / ".git").exists() else unignored_files(ROOT)
    return sorted(path for path in listed if path.is_file())


def git_files() -> Iterator[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return (ROOT / name for name in names.split("\0") if name)


def unignored_files(folder: Path) -> Iterator[Path]:
    patterns = [line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if line[:1] not in ("", "#")]
    for path in folder.iterdir():
        if path.name == ".git" or any(fnmatch.fnmatch(name, p) for name in (path.name, shown(path)) for p in patterns):
            continue
        yield from unignored_files(path) if path.is_dir() else [path]
