"""The alerts' rules for Prometheus; `python -m workers.watch.prometheus_rules` writes what deploy/prometheus holds."""

from __future__ import annotations

import json
import sys

from workers.watch.rules import RULES, Rule

HEAD = """\
# Ticketwheel's alerts, the same that the control room judges; made by `python -m workers.watch.prometheus_rules`.
# They look back over ten to fifteen seconds: scrape /metrics (METRICS=true) every five seconds or more often.
groups:
  - name: ticketwheel
    interval: 5s
    rules:
"""


def text() -> str:
    """The whole file."""
    return HEAD + "\n".join(map(_rule, RULES))


def _rule(rule: Rule) -> str:
    lines = [
        f"- alert: {rule.name}",
        f"  expr: {rule.expr}",
        f"  for: {rule.for_s}s",
        "  labels:",
        "    severity: warning",
        "  annotations:",
        *(f"    {name}: {json.dumps(words)}" for name, words in told(rule).items()),
    ]
    return "".join(f"      {line}\n" for line in lines)


def told(rule: Rule) -> dict[str, str]:
    """What whoever is called reads."""
    return {"summary": f"{rule.title} (lab {{{{ $labels.lab }}}})", "description": rule.why, "remedy": rule.remedy}


if __name__ == "__main__":
    sys.stdout.write(text())
