"""One running product for all tests that need one; each test has a sandbox of its own in it."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.product import Product, Sandbox, running

# Of everybody who runs these tests on this machine, so that two runs are not in each other's measurements either.
LOCKS = Path(tempfile.gettempdir()) / f"ticketwheel-tests-of-{os.getuid()}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A test marked `timed` runs while no other does, so that what it measures is the product."""
    timed = item.get_closest_marker("timed") is not None
    LOCKS.mkdir(exist_ok=True)
    with (LOCKS / "door").open("w") as door, (LOCKS / "room").open("w") as room:
        # Who waits for the room keeps the door, or those inside would come back in before it is ever empty.
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if timed else fcntl.LOCK_SH)
        if not timed:
            fcntl.flock(door, fcntl.LOCK_UN)
        return (yield)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The whole product on embedded defaults."""
    with running(tmp_path_factory.mktemp("product")) as started:
        yield started


@pytest.fixture
def sandbox(product: Product) -> Iterator[Sandbox]:
    """A fresh sandbox at the highest speed; deleted afterwards, so that its workers go."""
    made = product.new_sandbox(speed=10)
    yield made
    made.http.delete(made.url())
    made.http.close()
