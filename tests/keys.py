"""The answer key proves itself: `make keys` runs every option of every question on real workers, and counts.

It fails if a stated consequence does not hold each time, or outside its stated odds. What was found in twenty runs of
an option, or more, becomes a page of the site: lessons/keys.json.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from lessons import answer_key, experiments
from lessons.answer_key import Proven
from lessons.experiments import Posed
from lessons.quiz import Option
from tests.product import Product, Sandbox, eventually, running
from workers.experiments.measures import MEASURES
from workers.experiments.scenario import Flood, Scenario, Set

RUNS, AT_ONCE, WITHIN_S = 20, 10, 400.0
# Floods and crowds of workers fill two cores: no more of them at once than the product lets its readers run.
HEAVY_AT_ONCE, CROWD = 4, 8


@dataclass(frozen=True)
class Key:
    """One option, and what came of its runs."""

    posed: Posed
    option: Option
    runs: tuple[dict[str, Any], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.posed.name}/{self.option.id}"

    @property
    def scenario(self) -> Scenario:
        assert self.option.run  # the validator refuses an option without one
        return self.option.run

    @property
    def heavy(self) -> bool:
        settings = [self.scenario.settings, *(act.settings for act in self.scenario.acts if isinstance(act, Set))]
        crowd = max(int(each.get("workers", 0)) for each in settings)
        return crowd >= CROWD or any(isinstance(act, Flood) for act in self.scenario.acts)

    @property
    def missing(self) -> bool:
        """Whether it has not held so often yet, as it now is."""
        proven = answer_key.proven(self.posed, self.option)
        return proven is None or proven.of < RUNS or not holds(self.scenario.odds, proven.held, proven.of)

    @property
    def held(self) -> int:
        return sum(run["outcome"] == "shown" for run in self.runs)

    @property
    def holds(self) -> bool:
        return holds(self.scenario.odds, self.held, len(self.runs))


def holds(odds: float | None, held: int, of: int) -> bool:
    """Each time; or where chance has a say, not so seldom that the stated odds would be a poor guess."""
    if odds is None:
        return held == of
    # Three standard deviations below: so few come by chance once in about 700.
    return held >= odds * of - 3 * math.sqrt(of * odds * (1 - odds))


def keys(only: str = "") -> Iterator[Key]:
    """Every option of every question whose name begins like this."""
    for posed in experiments.posed():
        for option in posed.question.options:
            key = Key(posed, option)
            if key.name.startswith(only):
                yield key


def run_all(product: Product, chosen: Sequence[Key], runs: int, at_once: int) -> Iterator[Key]:
    """Run each option so many times, several at a time, each by a reader of its own; the heavy ones at the end."""
    yield from _run(product, [key for key in chosen if not key.heavy], runs, at_once)
    yield from _run(product, [key for key in chosen if key.heavy], runs, min(at_once, HEAVY_AT_ONCE))


def _run(product: Product, chosen: Sequence[Key], runs: int, at_once: int) -> Iterator[Key]:
    with ThreadPoolExecutor(at_once) as pool:
        begun = [(key, [pool.submit(run_once, product, key) for _ in range(runs)]) for key in chosen]
        for key, found in begun:
            yield Key(key.posed, key.option, tuple(each.result() for each in found))


def run_once(product: Product, key: Key) -> dict[str, Any]:
    """Answer the question, run the option, and wait for what comes of it; what goes wrong is told as its reason."""
    reader = product.new_sandbox()
    try:
        return experiment(reader, key)
    except (AssertionError, httpx.HTTPError) as error:
        return {"outcome": "cannot_tell", "figures": {}, "figure": "", "reason": str(error)[:200]}
    finally:
        reader.leave()


def experiment(reader: Sandbox, key: Key) -> dict[str, Any]:
    posed = key.posed
    where = f"/lessons/{posed.where}/answers" if posed.lesson else "/practice/answers"
    reader.http.post(where, json={"question": posed.question.id, "option": key.option.id}).raise_for_status()
    asked = reader.http.post("/experiments", json={"question": posed.name, "option": key.option.id})
    assert asked.status_code == 202, asked.text

    def over() -> dict[str, Any]:
        found: dict[str, Any] = reader.http.get(asked.headers["Location"]).json()
        return found if found["state"] == "over" else {}

    return eventually(over, WITHIN_S, f"the run of {key.name} is over")


def told(key: Key) -> str:
    """One line: how often it held, its figure, and why it did not."""
    line = f"{'ok  ' if key.holds else 'FAIL'} {key.held:>3} of {len(key.runs):<3} {key.name}: {key.runs[-1]['figure']}"
    failed = [run for run in key.runs if run["outcome"] != "shown"]
    reasons = {run["reason"] or f"{run['outcome']}: {run['figures']}" for run in failed}
    return "\n".join([line, *(f"       {reason}" for reason in sorted(reasons)[:3])])


def keep(key: Key) -> None:
    """What the page of the answer key shows of an option; the others stay as they were."""
    today = datetime.now(UTC).date().isoformat()
    found = Proven(key.held, len(key.runs), key.runs[-1]["figure"], today, key.scenario.digest)
    there = {each.name for each in keys()}
    kept = {name: each for name, each in (answer_key.kept() | {key.name: found}).items() if name in there}
    answer_key.kept.cache_clear()
    text = json.dumps({name: asdict(kept[name]) for name in sorted(kept)}, indent=1, ensure_ascii=False)
    answer_key.FILE.write_text(text + "\n", encoding="utf-8")


def main() -> int:
    asked = argparse.ArgumentParser(prog="make keys", description=__doc__)
    asked.add_argument("--only", default="", help="options whose name begins like this: practice/herd")
    asked.add_argument("--missing", action="store_true", help="options without twenty runs of what they now say")
    asked.add_argument("--runs", type=int, default=RUNS, help="runs of each option")
    asked.add_argument("--at-once", type=int, default=AT_ONCE, help="runs at a time")
    asked.add_argument("--measures", action="store_true", help="list what can be measured, and run nothing")
    wanted = asked.parse_args()
    if wanted.measures:
        print("\n".join(f"{name:24} {words}" for name, (words, _) in MEASURES.items()))
        return 0
    chosen = [key for key in keys(wanted.only) if key.missing or not wanted.missing]
    began, found = time.monotonic(), list[Key]()
    print(f"{len(chosen)} options, {wanted.runs} runs of each, {wanted.at_once} at a time", flush=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), EXPERIMENTS_AT_ONCE=str(wanted.at_once)) as product,
    ):
        for key in run_all(product, chosen, wanted.runs, wanted.at_once):
            found.append(key)
            print(told(key), flush=True)
            if wanted.runs >= RUNS:
                keep(key)
    failed = [key for key in found if not key.holds]
    runs, held = sum(len(key.runs) for key in found), sum(key.held for key in found)
    minutes = (time.monotonic() - began) / 60
    print(f"{held} of {runs} runs showed what they were to show; {len(failed)} options fail; {minutes:.1f} min")
    return 1 if failed or not (chosen or wanted.missing) else 0


if __name__ == "__main__":
    sys.exit(main())
