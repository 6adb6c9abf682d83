"""What Prometheus is told of each sandbox that is awake."""

from __future__ import annotations

import subprocess

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.servers import needed
from tests.workers.back_of_house import BackOfHouse
from workers import events, health, sandboxes, settings
from workers.watch.alerts import RULES
from workers.watch.measures import HELP
from workers.watch.metrics import KEY, lab_of
from workers.watch.samples import Meter


@pytest.fixture
def measured(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> BackOfHouse:
    """A sandbox with two messages, measured with METRICS on, beside one with nothing in it."""
    monkeypatch.setenv("METRICS", "true")
    settings.current.cache_clear()
    meter, other = Meter(), sandboxes.create()
    meter.take(house.broker, [house.sandbox, other])
    for _ in range(2):
        house.place()
    events.append(house.sandbox, events.WorkerCrashed(worker="w1", pid=1, signal="SIGKILL"))
    meter.take(house.broker, [house.sandbox, other])
    return house


def test_every_measure_is_told_of_every_lab(measured: BackOfHouse) -> None:
    told = values(lab_of(measured.sandbox))

    assert set(told) == {f"ticketwheel_{name}" for name in HELP}
    assert told["ticketwheel_queue_depth"] == told["ticketwheel_messages_in_total"] == 2
    assert told["ticketwheel_worker_deaths_total"] == 1
    assert len(labs()) == 2


def test_the_name_of_a_lab_does_not_tell_its_key(measured: BackOfHouse) -> None:
    assert measured.sandbox not in health.metrics().decode()


def test_a_lab_that_sleeps_is_told_no_more(measured: BackOfHouse) -> None:
    Meter().take(measured.broker, [])

    assert labs() == set()


def test_without_metrics_nothing_is_left_at_the_broker(house: BackOfHouse) -> None:
    Meter().take(house.broker, [house.sandbox])

    assert house.broker.exists(KEY) == 0


@pytest.mark.usefixtures("broker_away")
def test_without_the_broker_the_house_is_still_told() -> None:
    assert "ticketwheel_sandboxes_awake 1.0" in health.metrics().decode()
    assert labs() == set()


def test_the_rules_speak_of_measures_that_there_are(measured: BackOfHouse) -> None:
    there = set(values(lab_of(measured.sandbox)))

    for rule in RULES:
        words = {word for word in rule.expr.replace("(", " ").replace("[", " ").split() if word.startswith("ticket")}
        assert words
        assert words <= there


def test_promtool_has_nothing_against_the_names(measured: BackOfHouse) -> None:
    command = [needed("promtool"), "check", "metrics"]

    done = subprocess.run(command, input=health.metrics(), capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, b"")


def values(lab: str) -> dict[str, float]:
    return {name: value for name, of, value in samples() if of == lab}


def labs() -> set[str]:
    return {of for _, of, _ in samples() if of}


def samples() -> list[tuple[str, str, float]]:
    """Name, lab and value of every line."""
    families = text_string_to_metric_families(health.metrics().decode())
    return [(each.name, each.labels.get("lab", ""), each.value) for family in families for each in family.samples]
