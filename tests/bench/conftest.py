"""What the measurements share: the machine is named before the first of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from tests.bench import figures
from tests.product import Product
from workers.settings import from_environment


@pytest.fixture(scope="session", autouse=True)
def machine() -> None:
    print(f"\n{figures.machine()}", flush=True)


@pytest.fixture
def broker(product: Product) -> Iterator[Redis]:
    """The running product's own Valkey."""
    address = from_environment({"DATA_DIR": str(product.data_dir)}).broker
    with Redis.from_url(address) as client:
        yield client
