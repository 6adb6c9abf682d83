"""Who asks: a script without a token, a person without JavaScript, and a sandbox that is only ever refused things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.product import Product, Sandbox, plain_client
from tests.routes.asking import Visitor, send_workers_home


@pytest.fixture
def nobody(product: Product) -> Iterator[httpx.Client]:
    """A script without a token."""
    with plain_client(product.url, "application/json") as client:
        yield client


@pytest.fixture
def visitors(product: Product) -> Iterator[Callable[[], Visitor]]:
    """Lets one more person come, without JavaScript and for the first time."""
    with ExitStack() as stack:

        def come() -> Visitor:
            person = Visitor.of(product)
            stack.enter_context(person.http)
            return person

        yield come


@pytest.fixture
def visitor(visitors: Callable[[], Visitor]) -> Visitor:
    """A person without JavaScript who comes for the first time."""
    return visitors()


@pytest.fixture(scope="module")
def resting(product: Product) -> Iterator[Sandbox]:
    """A sandbox without workers, for tests in which nothing may happen."""
    made = product.new_sandbox(speed=10)
    send_workers_home(made)
    yield made
    made.http.delete(made.url())
    made.http.close()
