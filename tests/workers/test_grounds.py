"""What keeps the product from starting is said in one clear line, with a remedy, and a non-zero exit."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.product import ROOT, Product, free_port
from tests.workers.back_of_house import forget_everything
from workers import launch

A_FILE = str(ROOT / "LICENSE")

# what the environment asks for → what the line must say
REFUSALS = {
    "a port that is none": ({"PORT": "abc"}, r"PORT='abc' must be a number from 1 to 65535\."),
    "a port out of range": ({"PORT": "65536"}, r"PORT='65536' must be a number from 1 to 65535\."),
    "a taken port": (
        {"PORT": "<taken>"},
        r"PORT=\d+ cannot be used \(Address already in use\)\. Try another: PORT=\d+",
    ),
    "a strange address": ({"HOST": "203.0.113.7"}, r"HOST=203\.0\.113\.7 PORT=\d+ cannot be used"),
    "a folder in a file": ({"DATA_DIR": f"{A_FILE}/data"}, r"DATA_DIR='.*/data' must be a folder that can be written"),
    "a folder in use": (
        {"DATA_DIR": "<in use>"},
        r"another Ticketwheel runs on DATA_DIR=.*\. End it, or choose another",
    ),
    "a malformed broker": ({"REDIS_URL": "localhost:6379"}, r"REDIS_URL='localhost:6379' must begin with redis://"),
    "a broker without a port": ({"REDIS_URL": "redis://localhost:port"}, r"REDIS_URL"),
    "a broker that is away": (
        {"REDIS_URL": "redis://127.0.0.1:<free>/0"},
        r"REDIS_URL does not answer \(.*refused.*\)",
    ),
    "a malformed database": ({"DATABASE_URL": "mysql://x"}, r"DATABASE_URL='mysql://x' must begin with postgresql://"),
    "a database without a port": ({"DATABASE_URL": "postgresql://localhost:port/x"}, r"DATABASE_URL"),
    "a database that is away": ({"DATABASE_URL": "postgresql://127.0.0.1:<free>/x"}, r"DATABASE_URL .*cannot be used:"),
    "a database in a file": ({"DATABASE_URL": f"sqlite:///{A_FILE}/x.sqlite3"}, r"DATABASE_URL cannot be used:"),
    "a flag that is none": ({"METRICS": "perhaps"}, r"METRICS='perhaps' must be true or false\."),
}


@pytest.fixture
def words(product: Product) -> Iterator[dict[str, str]]:
    """A port that is taken, a folder that is in use, and a port at which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield {"<taken>": str(taken.getsockname()[1]), "<in use>": str(product.data_dir), "<free>": str(free_port())}


@pytest.fixture
def launcher(ledger_db: Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """This process as the launcher would find it: to be started on the test's own folder and broker."""
    environment = dict(os.environ)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setenv("PORT", str(free_port()))
    yield monkeypatch
    for number, handler in handlers.items():
        signal.signal(number, handler)
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]


@pytest.mark.parametrize("name", REFUSALS)
def test_it_says_in_one_line_why_it_does_not_start(
    name: str,
    words: dict[str, str],
    launcher: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    asked, says = REFUSALS[name]
    for variable, value in asked.items():
        launcher.setenv(variable, filled(value, words))
    forget_everything()

    status = launch.main("app:serve_app", lambda: None)

    output, errors = capfd.readouterr()
    assert status == 2
    [line] = errors.splitlines()
    assert line.startswith("Ticketwheel cannot run: ")
    assert re.search(says, line), line
    assert "is open" not in output
    assert not (tmp_path / "lock").exists()


def test_a_second_instance_ends_with_a_non_zero_status_and_leaves_the_first_alone(product: Product) -> None:
    environment = os.environ | {"DATA_DIR": str(product.data_dir), "PORT": str(free_port())}

    second = subprocess.run(
        [sys.executable, "app.py"], check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )

    assert (second.returncode, second.stdout) == (2, "")
    [line] = second.stderr.splitlines()
    assert line.startswith("Ticketwheel cannot run: another Ticketwheel runs on DATA_DIR=")
    assert (product.data_dir / "lock").exists()
    assert product.process.poll() is None


def filled(value: str, words: dict[str, str]) -> str:
    for word, meaning in words.items():
        value = value.replace(word, meaning)
    return value
