"""Prometheus gets the rules that the control room judges, and comes to the same verdicts."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.product import ROOT
from tests.servers import needed
from tests.workers.watch.alarming import CASES, LASTS_S, Case
from workers.watch import prometheus_rules
from workers.watch.alerts import NAMED
from workers.watch.measures import HELP

RULES = ROOT / "deploy/prometheus/ticketwheel.rules.yml"
LAB = "0123456789"


@pytest.fixture(scope="module")
def promtool() -> str:
    return needed("promtool")


def test_the_file_says_what_the_control_room_judges() -> None:
    assert RULES.read_text() == prometheus_rules.text(), f"run `python -m workers.watch.prometheus_rules > {RULES}`"


def test_promtool_finds_no_fault_in_the_rules(promtool: str) -> None:
    assert "6 rules found" in run(promtool, "check", "rules", str(RULES))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule} {case.what}")
def test_prometheus_comes_to_the_same_verdict(promtool: str, tmp_path: Path, case: Case) -> None:
    told = tmp_path / "case.yml"
    # JSON is YAML
    told.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1s", "tests": [as_told(case)]}))

    assert "SUCCESS" in run(promtool, "test", "rules", str(told))


def as_told(case: Case) -> dict[str, Any]:
    """The case as promtool takes it: every measure in every second, and what is to fire around the borders."""
    return {
        "interval": "1s",
        "input_series": [
            {"series": f'ticketwheel_{name}{{lab="{LAB}"}}', "values": " ".join(map(str, case.series(name)))}
            for name in HELP
        ],
        "alert_rule_test": [
            {
                "eval_time": f"{second}s",
                "alertname": case.rule,
                "exp_alerts": [alert(case.rule)] if second in case.firing else [],
            }
            for second in looked_at(case)
        ],
    }


def looked_at(case: Case) -> list[int]:
    """The seconds beside the borders; a newer Prometheus looks back over one second less."""
    if not case.firing:
        return list(range(0, LASTS_S, 5))
    return [case.firing.start - 1, case.firing.start, case.firing.stop - 2, case.firing.stop + 1, LASTS_S - 1]


def alert(rule: str) -> dict[str, Any]:
    said = prometheus_rules.told(NAMED[rule])
    words = {name: text.replace("{{ $labels.lab }}", LAB) for name, text in said.items()}
    return {"exp_labels": {"lab": LAB, "severity": "warning"}, "exp_annotations": words}


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
