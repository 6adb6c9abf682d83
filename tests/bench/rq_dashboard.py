"""rq-dashboard 0.9, the alternative: in a virtual environment of its own, on the product's own Valkey."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.product import eventually, free_port

PACKAGES = ("rq-dashboard==0.9.0", "six")  # which it needs and does not ask for


@contextmanager
def running(folder: Path, broker_url: str) -> Iterator[int]:
    """Install it and start it as it ships; its port."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(folder / "bin/pip"), "install", "--quiet", *PACKAGES], check=True, stderr=subprocess.DEVNULL)
    port = free_port()
    command = [str(folder / "bin/rq-dashboard"), "--bind", "127.0.0.1", "--port", str(port), "--redis-url", broker_url]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: _answers(port), 30, "rq-dashboard answers")
            yield port
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/0/data/queues.json", trust_env=False, timeout=30).is_success
    except httpx.HTTPError:
        return False
