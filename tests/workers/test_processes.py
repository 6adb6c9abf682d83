"""A process is stopped only while nobody waits for it."""

from __future__ import annotations

import fcntl
import mmap
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.product import ROOT, eventually
from tests.workers.back_of_house import BackOfHouse
from workers import database
from workers.processes import Child


@pytest.fixture
def child() -> Iterator[Child]:
    """Some process of ours, whose shared byte the test sets in its stead."""
    with subprocess.Popen(["sleep", "60"]) as process:
        made = Child("sandbox", "w1", "rq-w1", process.pid, os.pidfd_open(process.pid), mmap.mmap(-1, 1))
        yield made
        made.send(signal.SIGKILL)
        os.close(made.pidfd)


def test_a_quiet_process_stands_still_until_it_is_continued(child: Child) -> None:
    assert child.freeze()
    assert psutil.Process(child.pid).status() == psutil.STATUS_STOPPED

    child.send(signal.SIGCONT)

    eventually(lambda: psutil.Process(child.pid).status() == psutil.STATUS_SLEEPING)


def test_a_process_that_uses_the_database_goes_on(child: Child) -> None:
    child.busy[0] = 1

    assert not child.freeze()

    eventually(lambda: psutil.Process(child.pid).status() == psutil.STATUS_SLEEPING)


def test_it_can_be_frozen_again_and_again(child: Child) -> None:
    for busy in (0, 1, 0, 1, 0):
        child.busy[0] = busy
        assert child.freeze() is not bool(busy)
        child.send(signal.SIGCONT)


def test_a_process_that_has_ended_cannot_be_frozen(child: Child) -> None:
    child.send(signal.SIGKILL)
    eventually(lambda: psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE)

    assert not child.freeze()


def test_a_child_that_is_asked_to_end_before_it_can_listen_ends(house: BackOfHouse, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.workers.deaf_parent", str(tmp_path / "log")]
    ends = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=True).stdout.split()

    assert ends == ["SIGTERM"] * 20


def test_nobody_waits_for_a_writer_that_stands_still(house: BackOfHouse, tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    shown.write_bytes(b"\0")
    command = [sys.executable, "-m", "tests.workers.busy_writer", house.sandbox, str(shown)]
    with shown.open("r+b") as file, mmap.mmap(file.fileno(), 1) as byte, subprocess.Popen(command, cwd=ROOT) as process:
        writer = Child(house.sandbox, "w1", "rq-w1", process.pid, os.pidfd_open(process.pid), byte)
        try:
            eventually(lambda: len(house.events()) > 5)
            for _ in range(40):
                eventually(writer.freeze)
                assert can_write_at_once(tmp_path)
                writer.send(signal.SIGCONT)
        finally:
            writer.send(signal.SIGKILL)
            os.close(writer.pidfd)


def test_a_process_shows_when_it_uses_the_database(house: BackOfHouse) -> None:
    with mmap.mmap(-1, 1) as byte:
        database.show_when_busy(byte)
        try:
            with database.begin(), database.read():
                assert byte[0] == 2
            with pytest.raises(ZeroDivisionError), database.begin():
                raise ZeroDivisionError
            assert byte[0] == 0
        finally:
            database._shown.clear()


def can_write_at_once(data_dir: Path) -> bool:
    """Nobody has SQLite's only pen, nor a place before us in the line for it."""
    line = os.open(data_dir, os.O_RDONLY)
    try:
        fcntl.flock(line, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with closing(sqlite3.connect(data_dir / "ticketwheel.sqlite3", timeout=0, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
    except (BlockingIOError, sqlite3.OperationalError):
        return False
    finally:
        os.close(line)
    return True
