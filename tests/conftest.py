"""One running product for all tests that need one; each test has a sandbox of its own in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.product import Product, Sandbox, running


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
